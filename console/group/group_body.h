/* SPDX-License-Identifier: Apache-2.0
 * console/group/group_body.h - the body of the group calls (contract 5) and our group: one as the other. */
#ifndef DR_CONSOLE_GROUP_GROUP_BODY_H
#define DR_CONSOLE_GROUP_GROUP_BODY_H

#include "console/http/wrong.h"
#include "core/model/group.h"

/* Name, settings and stages; `group` has its defaults and its id. What is wrong is told by its name. */
void group_from_body(struct group *group, const json_t *body, struct wrong *wrong);

/* The members that contract 5 has for a group, but haList: `name` finds the names of rules. The caller's. */
typedef json_t *group_rule_name(void *baton, const struct dr_id *rule);
json_t *group_to_body(const struct group *group, group_rule_name *name, void *baton);

#endif
