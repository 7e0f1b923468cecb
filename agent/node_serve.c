/* SPDX-License-Identifier: Apache-2.0
 * agent/node_serve.c - connections that came in: which rule they are for, and whether that rule names their sender. */
#include "agent/node_state.h"
#include "core/repl_message.h"
#include "platform/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SILENCE       60000 /* a beat comes every interval, which is no longer */
#define HELLO_LIMIT   10000
#define REFUSAL_EVERY 60000

static bool same(const struct dr_id *a, const struct dr_id *b)
{
    return strcmp(a->hex, b->hex) == 0;
}

/* A node that is refused tries again and again: the same is said once a minute. */
static bool is_news(struct node *node, const struct dr_id *peer, const char *why)
{
    pthread_mutex_lock(&node->lock);
    bool repeated =
        node->refused.why == why && same(&node->refused.peer, peer) && clock_now() - node->refused.at < REFUSAL_EVERY;
    if (!repeated) {
        node->refused.peer = *peer;
        node->refused.why = why;
        node->refused.at = clock_now();
    }
    pthread_mutex_unlock(&node->lock);
    return !repeated;
}

static void refuse(struct node *node, const struct wire *wire, const char *why)
{
    char line[512];
    if (!is_news(node, wire_peer(wire), why))
        return;
    snprintf(line, sizeof line, "node %s at %s: %s", wire_peer(wire)->hex, wire_name(wire), why);
    node_say(node, line);
}

/* May the node at the other end speak as `from` in this rule? */
static bool is_member(const struct place *place, const struct wire *wire, enum member from)
{
    return from != MEMBER_NONE && same(wire_peer(wire), &place->rule->member[from].node);
}

static const char *hear_beat(const struct place *place, struct wire *wire, unsigned type,
                             const struct ha_message *message)
{
    if (place->runner == NULL)
        return "sent a heartbeat for a rule of which this node is not a member";
    if (message->from != member_other(runner_self(place->runner)) || !is_member(place, wire, message->from))
        return "is not the other member of the rule that it beats for";
    if (type < 1 || type > place->rule->lines)
        return "beats on a line that the rule does not have: is the rule's file the same on both members?";
    runner_hear(place->runner, type - 1, wire, message);
    return NULL;
}

static const char *hear_vote(const struct place *place, struct wire *wire, const struct ha_message *message)
{
    if (place->arbitration == NULL)
        return "asked for a vote on a rule of which this node is not an arbiter";
    if (!is_member(place, wire, message->from))
        return "asked for a vote on a rule of which it is not that member";
    arbitration_hear(place->arbitration, wire, message);
    return NULL;
}

/* NULL, or what is wrong with it. */
static const char *hear(struct node *node, enum lane lane, struct wire *wire, const struct frame *frame)
{
    struct ha_message message;
    struct cursor c = cursor_reading(frame->body, frame->size);
    if (!ha_message_decode(&c, &message))
        return "sent what is no heartbeat: does it run the same version?";
    struct place *place = node_enter(node, &message.rule);
    if (place == NULL)
        return "beats for a rule that this node does not have";
    const char *why =
        lane == LANE_HEARTBEAT ? hear_beat(place, wire, frame->type, &message) : hear_vote(place, wire, &message);
    node_leave(node, place);
    return why;
}

/* Rules share a connection: one that is refused leaves the others alone. Who has said nothing yet that concerns us is
 * sent away. */
static void serve_beats(struct node *node, enum lane lane, struct wire *wire)
{
    struct frame frame;
    struct dr_error err;
    const char *why = NULL;
    bool known = false;
    while ((known || why == NULL) && wire_receive(wire, &frame, SILENCE, &err) == DR_OK) {
        bool asked = lane == LANE_HEARTBEAT && frame.type == GROUP_ASK_TYPE;
        why = asked ? group_serve(node, wire, &frame) : hear(node, lane, wire, &frame);
        known = known || why == NULL;
        if (why != NULL)
            refuse(node, wire, why);
    }
    wire_shut(wire);
}

/* ---- replication ---- */

struct visit { /* a session that goes on without a thread */
    struct node *node;
    struct place *place;
    struct wire *wire;
    struct guest *guest;
};

static void visit_over(void *baton)
{
    struct visit *visit = baton;
    wire_shut(visit->wire);
    node_leave(visit->node, visit->place);
    listen_leave(visit->guest);
    free(visit);
}

/* True: it stays. */
static bool receive_visit(struct visit *visit, enum lane lane, const struct repl_hello *hello)
{
    struct node *node = visit->node;
    struct place *place = node_enter(node, &hello->rule);
    visit->place = place;
    bool known = place != NULL && place->runner != NULL &&
                 is_member(place, visit->wire, member_other(runner_self(place->runner)));
    struct replicate_end end = {visit_over, visit};
    if (!known)
        refuse(node, visit->wire, "wants to replicate a rule that this node does not share with it");
    else if (replicate_serve(runner_replicate(place->runner), lane, visit->wire, hello, &end))
        return true;
    if (place != NULL)
        node_leave(node, place);
    return false;
}

static bool read_hello(struct node *node, struct wire *wire, struct repl_hello *hello)
{
    struct frame frame;
    struct dr_error err;
    if (wire_receive(wire, &frame, HELLO_LIMIT, &err) != DR_OK) {
        refuse(node, wire, "connected for replication and did not greet: do both sides run the same version?");
        return false;
    }
    struct cursor c = cursor_reading(frame.body, frame.size);
    if (frame.type == REPL_HELLO && repl_hello_decode(&c, hello))
        return true;
    refuse(node, wire, "began replication with something else than a greeting: does it run the same version?");
    return false;
}

static bool serve_data(struct node *node, enum lane lane, struct wire *wire, struct guest *guest)
{
    struct repl_hello hello;
    struct visit *visit = malloc(sizeof *visit);
    if (visit != NULL && read_hello(node, wire, &hello)) {
        *visit = (struct visit){.node = node, .wire = wire, .guest = guest};
        if (receive_visit(visit, lane, &hello))
            return true;
    }
    free(visit);
    wire_shut(wire);
    return false;
}

bool node_serve(void *baton, enum lane lane, struct wire *wire, struct guest *guest)
{
    if (lane == LANE_REPLICATION || lane == LANE_MIRROR)
        return serve_data(baton, lane, wire, guest);
    serve_beats(baton, lane, wire);
    return false;
}
