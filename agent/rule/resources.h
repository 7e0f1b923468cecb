/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/resources.h - addresses and scripts of a rule on this member. Stateless: what is held is asked of the
 * system. `stop` is a descriptor that ends what runs when it gets readable. */
#ifndef DR_AGENT_RULE_RESOURCES_H
#define DR_AGENT_RULE_RESOURCES_H

#include "agent/config.h"
#include "agent/guarded.h"

struct resources {
    const char *root, *script_user;
    const struct rule *rule;
    enum member self;
};

/* Takes or renews every address of the rule, each in a guarded child that dies at `deadline`. */
enum dr_code resources_take(const struct resources *r, enum guarded_act act, unsigned lifetime_s, bool announce,
                            msec deadline, int stop, struct dr_error *err) DR_MUST_USE;
/* Deletes every address; goes on after a failure, and tells the first one. */
enum dr_code resources_release(const struct resources *r, struct dr_error *err) DR_MUST_USE;
bool resources_holds(const struct resources *r, unsigned vip);

/* Runs the acquire or the release script; none configured is success. A failure tells exit code and last output. */
enum dr_code resources_acquire(const struct resources *r, term_no term, msec limit, int stop,
                               struct dr_error *err) DR_MUST_USE;
/* With `fence` (a demotion: the folders are read-only already) what the script did not end is killed. */
enum dr_code resources_let_go(const struct resources *r, term_no term, bool fence, msec limit, int stop,
                              struct dr_error *err) DR_MUST_USE;

#endif
