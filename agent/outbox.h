/* SPDX-License-Identifier: Apache-2.0
 * agent/outbox.h - what the decision thread sends in one turn: the beats of many rules to one peer go out together, as
 * one record and one packet, each frame as it is. */
#ifndef DR_AGENT_OUTBOX_H
#define DR_AGENT_OUTBOX_H

#include "agent/wire.h"

#define OUTBOX_WIRES 32

struct outbox { /* zeros: empty. One thread's */
    struct wire *wire[OUTBOX_WIRES];
    unsigned count;
};

/* As wire_put(), until outbox_flush(). NULL: as wire_send(). */
enum dr_code outbox_put(struct outbox *outbox, struct wire *wire, uint8_t type, const void *bytes, size_t size,
                        struct dr_error *err) DR_MUST_USE;
/* At the end of a turn, and before anything that may take its time. */
void outbox_flush(struct outbox *outbox);

#endif
