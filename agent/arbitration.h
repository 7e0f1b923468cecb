/* SPDX-License-Identifier: Apache-2.0
 * agent/arbitration.h - this node's vote on a rule of others (core/arbiter.h). Durable before it is said. */
#ifndef DR_AGENT_ARBITRATION_H
#define DR_AGENT_ARBITRATION_H

#include "agent/config.h"
#include "agent/inbox.h"
#include "agent/scribe.h"
#include "base/log.h"

struct arbitration;

struct arbitration_config {
    const char *root;
    const struct rule *rule;
    struct log *log;
    struct inbox *inbox;
    struct outbox *outbox; /* of the decision thread */
    struct scribe *scribe; /* for what has to be durable */
};

/* A vote that was never used gets an identity; DR_CORRUPT: this node must not vote on the rule. */
enum dr_code arbitration_create(struct arbitration **arbitration, const struct arbitration_config *config,
                                struct dr_error *err) DR_MUST_USE;
/* A beat of a member, whose sender has been checked. Any thread; answered by the decision thread. */
void arbitration_hear(struct arbitration *a, struct wire *wire, const struct ha_message *message);
const struct rule *arbitration_rule(const struct arbitration *a);
/* Answers nothing any more, whatever still comes. Decision thread. */
void arbitration_leave(struct arbitration *a);
/* After the last letter was delivered. */
void arbitration_destroy(struct arbitration *a);

#endif
