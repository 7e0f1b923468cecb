/* SPDX-License-Identifier: Apache-2.0
 * agent/wire.h - one connection that small messages go over, shared by the thread that reads it and the decision thread
 * that answers on it. Sending never waits: what the system does not take at once means that the peer has not read for
 * a long time, and ends the connection. */
#ifndef DR_AGENT_WIRE_H
#define DR_AGENT_WIRE_H

#include "net/conn.h"

struct wire;

/* Takes the connection over. Counted: the last wire_drop() closes it. NULL: no memory; the connection is closed. */
struct wire *wire_create(struct conn *conn);
struct wire *wire_hold(struct wire *wire);
void wire_drop(struct wire *wire);

/* Any thread. A failure shuts the connection; its reader sees DR_CLOSED. */
enum dr_code wire_send(struct wire *wire, uint8_t type, const void *bytes, size_t size,
                       struct dr_error *err) DR_MUST_USE;
/* The same, but it may be held back, together with what follows, until wire_flush() or the next wire_send(). */
enum dr_code wire_put(struct wire *wire, uint8_t type, const void *bytes, size_t size,
                      struct dr_error *err) DR_MUST_USE;
/* A failure shuts the connection. */
void wire_flush(struct wire *wire);
/* One thread. */
enum dr_code wire_receive(struct wire *wire, struct frame *frame, msec limit, struct dr_error *err) DR_MUST_USE;
void wire_shut(struct wire *wire);

/* For those who speak a protocol of their own over it. */
struct conn *wire_conn(struct wire *wire);
const struct dr_id *wire_peer(const struct wire *wire);
const char *wire_name(const struct wire *wire);

#endif
