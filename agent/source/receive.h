/* SPDX-License-Identifier: Apache-2.0
 * agent/source/receive.h - the other end of source.c's two connections: hands frames to the target, sends ACKs. */
#ifndef DR_AGENT_RECEIVE_H
#define DR_AGENT_RECEIVE_H

#include "agent/errand.h"
#include "agent/target/target.h"
#include "net/conn.h"

struct receive_config {
    struct dr_id rule;
    enum member self;
    struct dr_id peer;
    term_no term; /* masterships below it are refused */
    unsigned paths;
    struct errands *errands;
    /* This member's own last record (0, 0: none or unknown): see repl_hello.former_*. */
    uint64_t own_stream, own_seq;
};

struct receive_end {
    void (*ended)(void *baton, const struct dr_error *why);
    void *baton;
};

/* Both serve one accepted connection whose HELLO has been read already, in the caller's thread; conn_shut() ends them.
 * The stream: until records come. Then errands go on, and end->ended() is called once, by one of them, when that is
 * over: connection and target are not used any more. Not if this fails. */
enum dr_code receive_replication(struct conn *conn, const struct repl_hello *hello, struct target *target,
                                 const struct receive_config *config, const struct receive_end *end,
                                 struct dr_error *err) DR_MUST_USE;
/* The mirror's questions: until it ends; *err says why it ended. */
enum dr_code receive_mirror(struct conn *conn, const struct repl_hello *hello, struct target *target,
                            const struct receive_config *config, struct dr_error *err);

#endif
