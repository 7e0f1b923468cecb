/* SPDX-License-Identifier: Apache-2.0
 * agent/node_rejoin.h - a node whose state of a rule was damaged or lost, back in the rule on a person's word. */
#ifndef DR_AGENT_NODE_REJOIN_H
#define DR_AGENT_NODE_REJOIN_H

#include "agent/node_state.h"

enum dr_code rejoin(struct node *node, const struct dr_id *rule, struct dr_error *err) DR_MUST_USE;

/* Renames the damaged ones among a rule's records (NAME.damaged), and counts them. */
enum dr_code rejoin_put_aside(const char *root, const struct dr_id *rule, unsigned *count,
                              struct dr_error *err) DR_MUST_USE;

#endif
