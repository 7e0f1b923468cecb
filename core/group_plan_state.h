/* SPDX-License-Identifier: Apache-2.0
 * core/group_plan_state.h - shared by the group_plan*.c files. */
#ifndef DR_CORE_GROUP_PLAN_STATE_H
#define DR_CORE_GROUP_PLAN_STATE_H

#include "core/group_plan.h"

/* One call of group_step(). */
struct group_work {
    struct group_plan *plan;
    const struct group_event *event;
    struct group_answer *answer;
};

/* To the plan's events; so the plan must be stored. */
void group_note(struct group_work *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- group_plan_rule.c ---- */
/* Settles who is to be master, if that can be told now. */
void group_rule_choose(struct group_work *w, struct group_plan_rule *r);
/* One rule of the stage at work. */
void group_rule_step(struct group_work *w, struct group_plan_rule *r);

#endif
