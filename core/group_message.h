/* SPDX-License-Identifier: Apache-2.0
 * core/group_message.h - what the node that runs a group and the members of its rules say to each other, on the lane of
 * heartbeats. An ask wants to know how a rule stands, and may carry an order; a tell answers it. Orders are idempotent:
 * a member obeys {plan, attempt} once, and an ask that comes twice or is repeated after a restart only asks. */
#ifndef DR_CORE_GROUP_MESSAGE_H
#define DR_CORE_GROUP_MESSAGE_H

#include "core/cursor.h"
#include "core/ha.h"

/* Types of frames; 1..8 are lines. */
enum { GROUP_ASK_TYPE = 64, GROUP_TELL_TYPE = 65 };

#define GROUP_MESSAGE_WIRE 512u /* no encoded message is longer */

enum group_order {
    GROUP_ORDER_NONE,
    GROUP_ORDER_SWITCH,       /* to the master: hand over, nothing is lost */
    GROUP_ORDER_SWITCH_FORCE, /* the same; a release that fails is not rolled back */
    GROUP_ORDER_TAKE          /* to the other: become master though data may be lost */
};

enum group_outcome {
    GROUP_NOTHING, /* it has had no such order */
    GROUP_ACCEPTED,
    GROUP_REFUSED,
    GROUP_UNDONE /* accepted, and rolled back */
};

/* A member's moment, from its last tell. An order without a recent one is void: one that was stuck on a dead line does
 * nothing when it arrives after all. */
struct group_ticket {
    uint64_t life; /* random: which start of its drnode; 0: none */
    msec at;
};
#define GROUP_TICKET_LASTS ((msec)5000)

struct group_ask {
    struct dr_id group, rule;
    uint64_t plan;
    uint32_t attempt;
    enum group_order order;
    struct group_ticket ticket;
};

struct group_tell {
    struct dr_id rule;
    struct group_ticket ticket;
    uint64_t plan; /* and attempt: of the order whose outcome follows */
    uint32_t attempt;
    enum group_outcome outcome;
    bool runs;    /* the rule runs on this node, and `role` holds */
    bool faulted; /* the acquire script has failed here */
    enum ha_role role;
    char text[HA_TEXT_MAX]; /* what is in the way */
};

void group_ask_encode(struct cursor *c, const struct group_ask *ask);
void group_tell_encode(struct cursor *c, const struct group_tell *tell);
/* Every bound is checked; false (and c bad) for what no node of ours would send. */
bool group_ask_decode(struct cursor *c, struct group_ask *ask);
bool group_tell_decode(struct cursor *c, struct group_tell *tell);

#endif
