/* SPDX-License-Identifier: Apache-2.0
 * agent/group/groups.h - the groups of a node, and what `drctl --local group` may ask of them. */
#ifndef DR_AGENT_GROUP_GROUPS_H
#define DR_AGENT_GROUP_GROUPS_H

#include "agent/config.h"
#include "agent/control.h"

struct groups;
struct node;

enum dr_code groups_create(struct groups **groups, struct node *node, struct dr_error *err) DR_MUST_USE;
/* Those of this configuration, which must outlive the next call. Plans that are under way go on. */
void groups_apply(struct groups *groups, const struct config *config);
void groups_destroy(struct groups *groups);

/* The command of a request for groups is `group`; `do` says what. */
enum dr_code groups_command(struct groups *groups, const struct control_request *request, struct json_writer *answer,
                            struct dr_error *err) DR_MUST_USE;

#endif
