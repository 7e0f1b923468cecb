/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/pair.h"

#include "tests/ha_defaults.h"

#include <stdio.h>
#include <stdlib.h>

#define QUEUE 256

struct letter {
    enum member to; /* MEMBER_NONE: the arbiter */
    uint32_t line;
    struct ha_message message;
};

static struct letter queue[QUEUE];
static unsigned first, count;
static struct ha_answer answer; /* one for all: who decides is one thread */
uint64_t pair_steps;

static void post(enum member to, uint32_t line, const struct ha_message *message)
{
    if (count == QUEUE) {
        fputs("pair: more messages at once than a rule can have\n", stderr);
        exit(1);
    }
    queue[(first + count++) % QUEUE] = (struct letter){.to = to, .line = line, .message = *message};
}

static void step(struct pair *p, enum member self, struct ha_event event);

static void carry_out(struct pair *p, enum member self, msec now)
{
    uint64_t done[HA_ACTIONS_MAX];
    unsigned commands = 0;
    for (uint32_t i = 0; i < answer.actions; i++) {
        const struct ha_action *a = &answer.action[i];
        if (a->kind == HA_SEND_PEER)
            post(member_other(self), a->u.send.line, &a->u.send.message);
        else if (a->kind == HA_SEND_WITNESS)
            post(MEMBER_NONE, 0, &a->u.send.message);
        else if (a->kind == HA_COMMAND)
            done[commands++] = a->u.command.id;
    }
    for (unsigned i = 0; i < commands; i++)
        step(p, self, (struct ha_event){.kind = HA_DONE, .now = now, .command = done[i], .ok = true, .text = ""});
}

static void step(struct pair *p, enum member self, struct ha_event event)
{
    if (p->dead[self])
        return;
    if (p->watch != NULL)
        p->watch(p, self, &event, NULL);
    ha_step(&p->member[self], &event, &answer);
    if (p->watch != NULL)
        p->watch(p, self, &event, &answer);
    pair_steps++;
    p->wake[self] = answer.wake;
    carry_out(p, self, event.now);
}

static void deliver_all(struct pair *p, msec now)
{
    for (; count > 0; count--, first = (first + 1) % QUEUE) {
        struct letter *l = &queue[first];
        struct ha_message reply;
        bool must_store;
        if (l->to != MEMBER_NONE)
            step(p, l->to, (struct ha_event){.kind = HA_RECEIVED, .now = now, .line = l->line, .message = &l->message});
        else if (arbiter_step(&p->arbiter, &l->message, now, &reply, &must_store))
            post(l->message.from, 0, &reply);
    }
}

struct ha_config pair_settings(enum member self)
{
    struct ha_config config = ha_defaults(self);
    config.lines = 1;
    config.release_grace = 1000;
    config.boot_wait = 2000;
    return config;
}

void pair_begin(struct pair *p, uint64_t seed)
{
    struct voter_store vote = {.identity = seed + 3, .candidate = MEMBER_NONE};
    voter_init(&p->arbiter, &vote, 1000);
    for (enum member m = MEMBER_A; m <= MEMBER_B; m++) {
        struct ha_config config = pair_settings(m);
        struct ha_store store;
        ha_store_create(&store, &config, seed + 1 + m);
        ha_init(&p->member[m], &config, &store, seed, 1000);
        p->wake[m] = 1000;
    }
}

void pair_live_until(struct pair *p, msec until)
{
    for (;;) {
        enum member next = p->wake[MEMBER_A] <= p->wake[MEMBER_B] ? MEMBER_A : MEMBER_B;
        if (p->dead[next])
            next = member_other(next);
        msec now = p->wake[next];
        if (now > until)
            return;
        step(p, next, (struct ha_event){.kind = HA_TICK, .now = now});
        deliver_all(p, now);
    }
}

void pair_replicates(struct pair *p, msec now)
{
    for (enum member m = MEMBER_A; m <= MEMBER_B; m++) {
        struct ha_facts facts = {.phase = HA_PHASE_REPLICATING, .in_window = true};
        step(p, m, (struct ha_event){.kind = HA_FACTS, .now = now, .facts = facts});
        deliver_all(p, now);
    }
}
