/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/worker.h - carries out commands of one rule one after another, in a thread that is started with the first.
 * What is in flight can be told to end by a descriptor that process_run() and friends look at. */
#ifndef DR_AGENT_RULE_WORKER_H
#define DR_AGENT_RULE_WORKER_H

#include "core/ha.h"

#define WORKER_QUEUE 16

struct command {
    enum ha_command_kind kind;
    uint64_t id;
    term_no term;
    msec lifetime, deadline, limit_ms;
};

struct worker;

enum dr_code worker_create(struct worker **worker, void (*carry)(void *baton, const struct command *command),
                           void *baton, struct dr_error *err) DR_MUST_USE;
/* DR_FULL: it is far behind. */
enum dr_code worker_post(struct worker *worker, const struct command *command, struct dr_error *err) DR_MUST_USE;
/* Drops what waits and tells what is in flight to end. */
void worker_clear(struct worker *worker);
/* worker_clear(), and waits until nothing is in flight. Not from its own thread. */
void worker_quiet(struct worker *worker);
/* Tells what is in flight to end if it is of that kind; what waits stays. */
void worker_interrupt(struct worker *worker, enum ha_command_kind kind);
/* Readable while what is in flight is to end. */
int worker_stop(const struct worker *worker);
/* Its thread is gone when this returns, and nothing may be posted any more. Workers that look at each other (one waits
 * for the other to be quiet) are all ended before the first is destroyed. */
void worker_end(struct worker *worker);
/* Ends it if that was not done. */
void worker_destroy(struct worker *worker);

#endif
