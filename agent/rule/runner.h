/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/runner.h - one rule on one member: feeds core/ha.h with what happens and carries out what it answers.
 * Which thread owns what: README.md. */
#ifndef DR_AGENT_RULE_RUNNER_H
#define DR_AGENT_RULE_RUNNER_H

#include "agent/config.h"
#include "agent/inbox.h"
#include "agent/monitor/monitors.h"
#include "agent/recorder.h"
#include "agent/rule/replicate.h"
#include "agent/rule/status.h"
#include "base/log.h"

struct runner;

struct runner_config {
    const char *root;
    const struct rule *rule;
    enum member self;
    struct tls *tls;
    struct errands *errands;
    struct log *log;
    struct inbox *inbox;
    struct monitors *monitors;
    const char *script_user;
    struct trunks *trunks;
    struct ha_answer *answer;    /* for one decision; shared by all rules of the node */
    struct outbox *outbox;       /* of the decision thread */
    struct scribe *scribe;       /* for what has to be durable */
    struct recorders *recorders; /* NULL: nothing is recorded */
    struct starts *starts;       /* of drcaptures */
};

/* Reads the durable state; nothing runs yet. A rule whose state is damaged, or whose settings contradict each other,
 * does not start: the error says what to do. */
enum dr_code runner_create(struct runner **runner, const struct runner_config *config,
                           struct dr_error *err) DR_MUST_USE;
/* Starts the lines, then decides for the first time. Decision thread, like all down to runner_status(). */
enum dr_code runner_start(struct runner *r, struct dr_error *err) DR_MUST_USE;
/* From now on *due says when runner_tick() has to be called next. Before runner_start(), and when it moves. */
void runner_due(struct runner *r, msec *due);
void runner_tick(struct runner *r);
/* Taken, and durable: a crash does not forget it. False: refused, or begun and not durable; `why` says why and what to
 * do. */
bool runner_order(struct runner *r, enum ha_order order, char why[HA_TEXT_MAX]);
/* Waits until what was decided is durable: what is told outside then rests on nothing that a crash would forget. */
void runner_settle(struct runner *r);
void runner_status(struct runner *r, struct rule_status *status);

/* Decides nothing any more, whatever still comes. */
void runner_leave(struct runner *r);

/* A message that came in over a connection that the peer dialled; its sender has been checked. Any thread. */
void runner_hear(struct runner *r, uint32_t line, struct wire *wire, const struct ha_message *message);

const struct rule *runner_rule(const struct runner *r);
enum member runner_self(const struct runner *r);
struct replicate *runner_replicate(struct runner *r);

/* Ends lines, workers and replication, so that no letter comes any more. Folders, addresses and capture stay as they
 * are, until their leases run out. Not by the decision thread, which must not have it any more. */
void runner_quit(struct runner *r);
/* After the last letter was delivered. */
void runner_destroy(struct runner *r);

#endif
