/* SPDX-License-Identifier: Apache-2.0
 * agent/dial.h - keeps one connection to one address of a peer: dials, hands on what comes in, dials again. Each has a
 * thread of its own, so a slow or dead peer delays nobody else. */
#ifndef DR_AGENT_DIAL_H
#define DR_AGENT_DIAL_H

#include "agent/outbox.h"

struct dial;

struct dial_config {
    struct tls *tls;
    enum lane lane;
    char address[256], source[64]; /* source "": any of ours */
    uint16_t port;
    struct dr_id peer;
    msec interval; /* between two attempts */
    msec silence;  /* nothing came for so long: this connection is dead, try another */
    /* Called in the dial's thread with each frame; false: it makes no sense, and the connection ends. */
    bool (*receive)(void *baton, const struct frame *frame);
    /* NULL, or called in the dial's thread when a connection has come up; false: it ends. */
    bool (*up)(void *baton, struct wire *wire);
    void *baton;
};

struct dial_status {
    bool up;
    char why[256]; /* not up: what the last attempt ended with */
};

enum dr_code dial_start(struct dial **dial, const struct dial_config *config, struct dr_error *err) DR_MUST_USE;
/* Never waits; `outbox`: as for outbox_put(). DR_CLOSED: there is no connection now; the newest message is sent as soon
 * as there is one, unless that takes longer than `silence`, or it has more than DIAL_KEEP bytes. */
#define DIAL_KEEP 512u
enum dr_code dial_send(struct dial *dial, struct outbox *outbox, uint8_t type, const void *bytes, size_t size,
                       struct dr_error *err) DR_MUST_USE;
void dial_status(struct dial *dial, struct dial_status *status);
/* Two steps, so that several can end at the same time. No receive() any more after dial_destroy(). */
void dial_end(struct dial *dial);
void dial_destroy(struct dial *dial);

#endif
