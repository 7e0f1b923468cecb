/* SPDX-License-Identifier: Apache-2.0
 * agent/source/receive.h - the other end of source.c's two connections: hands frames to the target, sends ACKs. */
#ifndef DR_AGENT_RECEIVE_H
#define DR_AGENT_RECEIVE_H

#include "agent/target/target.h"
#include "net/conn.h"

struct receive_config {
    struct dr_id rule;
    enum member self;
    struct dr_id peer;
    term_no term; /* masterships below it are refused */
    unsigned paths;
    /* This member's own last record (0, 0: none or unknown): see repl_hello.former_*. */
    uint64_t own_stream, own_seq;
};

/* Serves one accepted connection whose HELLO has been read already, until it ends; *err says why it ended. The caller
 * runs it in a thread of its own and ends it with conn_shut(). */
enum dr_code receive_replication(struct conn *conn, const struct repl_hello *hello, struct target *target,
                                 const struct receive_config *config, struct dr_error *err);
enum dr_code receive_mirror(struct conn *conn, const struct repl_hello *hello, struct target *target,
                            const struct receive_config *config, struct dr_error *err);

#endif
