/* SPDX-License-Identifier: Apache-2.0
 * agent/group/conductor.h - runs the plans of one group on this node (core/group_plan.h): asks the members, stores the
 * plan before each order, and goes on with it after a restart. A thread while a plan is under way, none otherwise. */
#ifndef DR_AGENT_GROUP_CONDUCTOR_H
#define DR_AGENT_GROUP_CONDUCTOR_H

#include "agent/config.h"
#include "core/group_plan.h"
#include "core/json_write.h"

struct conductor;
struct node;

/* Reads var/groups/ID/plan, and goes on with it if it has not ended. A plan that is damaged, or whose rules have no
 * file here, keeps the group from running: conductor_broken() and the log say why. `config` must outlive it. */
enum dr_code conductor_create(struct conductor **conductor, struct node *node, const struct config *config,
                              const struct group *group, struct dr_error *err) DR_MUST_USE;
/* Ends its thread; the plan stays where it is. */
void conductor_destroy(struct conductor *c);

const struct group *conductor_group(const struct conductor *c);
const char *conductor_broken(const struct conductor *c); /* "": it is not */
/* A plan is under way. */
bool conductor_busy(struct conductor *c);

/* DR_REFUSED: one is under way, or there is nothing to fail back from. Not by two threads at once, nor together with
 * conductor_destroy(). */
enum dr_code conductor_begin(struct conductor *c, enum group_kind kind, bool force, const char *by,
                             struct dr_error *err) DR_MUST_USE;
enum dr_code conductor_order(struct conductor *c, enum group_event_kind kind, const char *by,
                             struct dr_error *err) DR_MUST_USE;
/* Adds "plan" to an object; nothing if there never was one. */
void conductor_show(struct conductor *c, struct json_writer *answer);
/* The phase of the last plan in one word, for a list: "none", "running", "paused" ... */
const char *conductor_word(struct conductor *c);

#endif
