/* SPDX-License-Identifier: Apache-2.0
 * agent/group/answer.h - a member that a group's runner asks: how its rule stands, and what an order came to. */
#ifndef DR_AGENT_GROUP_ANSWER_H
#define DR_AGENT_GROUP_ANSWER_H

#include "agent/wire.h"
#include "core/group_message.h"

struct node;

/* The last order that a rule had from a group here. */
struct group_heed {
    uint64_t plan;
    uint32_t attempt;
    enum group_order order;
    enum group_outcome outcome;
    char text[HA_TEXT_MAX];
};

/* `peer` asks; it may be this node itself. Any thread but the decision thread. */
void group_answer(struct node *node, const struct dr_id *peer, const struct group_ask *ask, struct group_tell *tell);
/* An ask that came over a connection. NULL, or what is wrong with it. */
const char *group_serve(struct node *node, struct wire *wire, const struct frame *frame);

#endif
