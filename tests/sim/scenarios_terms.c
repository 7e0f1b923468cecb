/* SPDX-License-Identifier: Apache-2.0
 * tests/sim/scenarios_terms.c - stories about terms that pass each other, and about what a killed drnode leaves behind:
 * a term that nobody heard of, a child that may still set an address. */
#include "tests/sim/stories.h"

#include <stdlib.h>

static bool takes(const struct host *h)
{
    return h->ha.mode == HA_TAKING && host_writes(h) && !fake_has_address(&h->os);
}

static bool both_wait_for_an_address(struct sim *s)
{
    return takes(&s->host[0]) && takes(&s->host[1]);
}

/* The grace in force leaves less than a second for an address, the one in their files more. Each has taken over alone
 * and waits when they meet: one lets go, and both come to the longer grace. */
static bool both_take_and_neither_can(struct sim *s)
{
    for (unsigned i = 0; i < 2; i++) {
        s->plan.config[i].interval = 300;
        s->plan.config[i].max_fail = 3;
        s->plan.config[i].need_rep_status = false;
        s->plan.config[i].boot_wait = 1000;
    }
    set_grace(s, 1, 1);
    without_arbiter(s);
    set_grace(s, 1500, 1500);
    cut_between(s, 0, 1, true);
    bool both = until(s, both_wait_for_an_address);
    cut_between(s, 0, 1, false);
    wait(s, 20 * SECOND);
    struct host *m = master(s);
    return both && m && has_address(s, m->self) && !has_address(s, 1 - m->self) &&
           role_of(s, 1 - m->self) == HA_ROLE_SLAVE && ha_configuration(&m->ha)->release_grace == 1500 &&
           ha_split(&m->ha);
}

/* ---- what nobody heard of ---- */

static bool parted(struct sim *s)
{
    return s->host[0].ha.mode == HA_ACTING && s->host[1].ha.mode == HA_ACTING;
}

/* Two masters; a person chooses B, whose drnode is killed as it stores its new term; then the person chooses A, which
 * is in an older one. */
static bool a_term_that_no_voter_heard_of(struct sim *s)
{
    struct host *a = &s->host[0], *b = &s->host[1];
    without_arbiter(s);
    if (!settled(s))
        return false;
    cut_between(s, 0, 1, true);
    bool two = until(s, parted);
    cut_between(s, 0, 1, false);
    wait(s, 10 * SECOND);
    host_order(s, b, HA_ORDER_TAKE_FORCE);
    host_crash(s, b, true);
    wait(s, 10 * SECOND);
    host_order(s, a, HA_ORDER_TAKE_FORCE);
    wait(s, 10 * SECOND);
    bool unheard = master(s) == a && a->ha.term < b->durable.acted;
    host_start(s, b);
    wait(s, 10 * SECOND);
    return two && unheard && master(s) == a && a->ha.term > b->durable.acted && role_of(s, 1) == HA_ROLE_SLAVE &&
           b->target == a->ha.term && s->host[1].ha.store.synced == a->ha.term && !ha_split(&a->ha) &&
           !ha_split(&b->ha);
}

static struct ha_message *on_its_way(struct sim *s, unsigned to)
{
    for (size_t i = 0; i < s->events; i++)
        if (s->heap[i].kind == EVENT_MESSAGE && s->heap[i].host == to && s->heap[i].message->from != MEMBER_NONE)
            return s->heap[i].message;
    return NULL;
}

static bool word_on_its_way(struct sim *s)
{
    return on_its_way(s, 1) != NULL;
}

static bool in_a_newer_term(struct sim *s)
{
    return s->host[0].ha.term > 1 && s->host[1].target == s->host[0].ha.term;
}

/* The network kept what A said in its first term. A is in a newer one, B has followed it there and starts anew: the old
 * word comes first. */
static bool an_old_word_comes_first(struct sim *s)
{
    struct ha_message old;
    if (!settled(s) || !until(s, word_on_its_way))
        return false;
    old = *on_its_way(s, 1);
    cut_between(s, 0, 1, true);
    wait(s, 2500000); /* B asks, in vain; its voter knows a newer term now */
    cut_between(s, 0, 1, false);
    bool newer = until(s, in_a_newer_term);
    wait(s, 5 * SECOND);
    read_file_again(s, 1);
    while (s->host[1].ha.mode == HA_STARTING)
        wait(s, 100);
    struct ha_message *m = malloc(sizeof *m);
    if (!m)
        abort();
    *m = old;
    sim_post(s, s->now, (struct event){.kind = EVENT_MESSAGE, .host = 1, .from = 0, .message = m});
    wait(s, 10 * SECOND);
    return newer && master(s) == &s->host[0] && s->host[1].target == s->host[0].ha.term;
}

/* ---- what may still be done ---- */

/* With it a child that sets an address has most of a second for that. */
#define GRACE ((msec)1300)

static void long_grace(struct sim *s)
{
    set_grace(s, GRACE, GRACE);
    make_anew(s);
}

/* A child adds the address, and half a second is left before it is killed. */
static bool child_takes(const struct sim *s, const struct host *h)
{
    const struct lane *lane = &h->lane[0];
    return lane->running && lane->queue[0].kind == HA_VIP_TAKE && lane->child.dies_at > s->now + SECOND / 2;
}

/* It does so at the last instant, and its drnode is killed now. */
static void leave_child(struct sim *s, struct host *h)
{
    for (size_t i = 0; i < s->events; i++)
        if (s->heap[i].kind == EVENT_EFFECT && s->heap[i].token == h->lane[0].token) {
            struct event late = s->heap[i];
            s->heap[i].kind = EVENT_WAKE;
            s->heap[i].token = 0; /* so nothing happens */
            sim_post(s, h->lane[0].child.dies_at - 1, late);
            break;
        }
    read_file_again(s, h->self);
}

static bool slave_takes_address(struct sim *s)
{
    return child_takes(s, &s->host[1]);
}

/* Two masters; then both files name an arbiter, the lines are whole again, and all is agreed on within half a second:
 * but for B's former life, that may have an address until then. */
static bool nothing_is_left_of_any(struct sim *s)
{
    set_grace(s, GRACE, GRACE);
    without_arbiter(s);
    if (!settled(s))
        return false;
    cut_between(s, 0, 1, true);
    bool two = until(s, slave_takes_address);
    s->plan.config[0].witnesses = s->plan.config[1].witnesses = 1;
    cut_between(s, 0, 1, false);
    leave_child(s, &s->host[1]);
    read_file_again(s, 0);
    wait(s, 900000);
    bool left = has_address(s, 0) && has_address(s, 1);
    wait(s, 10 * SECOND);
    return two && left && master(s) == &s->host[0] && !has_address(s, 1) &&
           ha_configuration(&s->host[0].ha)->kind == QUORUM_TRIO && s->host[0].ha.store.set.count == 1;
}

/* Right after the world has looked whether both halves of replication are there: they are again before it looks anew.
 */
static bool master_takes_address(struct sim *s)
{
    return child_takes(s, &s->host[0]) && s->now % (SECOND / 5) < SECOND / 10;
}

/* Its address is taken away by hand, so that a child adds it anew; not a whole number of beats later the next time. */
static bool take_anew(struct sim *s, struct host *h)
{
    struct dr_error err;
    fake_enter(&h->os, NULL);
    bool taken = false, gone = vip_delete(&h->vip, &err) == DR_OK;
    for (unsigned i = 0; i < 700 && gone && !taken; i++) {
        wait(s, 1000);
        taken = master_takes_address(s);
    }
    return taken;
}

/* The child outlives its drnode, and the next one is told to hand over. */
static bool no_hand_over_while_a_child_is_left(struct sim *s)
{
    struct host *a = &s->host[0];
    bool taken = false;
    long_grace(s);
    if (!settled(s))
        return false;
    for (unsigned i = 0; i < 20 && !taken; i++)
        taken = take_anew(s, a);
    leave_child(s, a);
    for (unsigned i = 0; i < 100 && a->ha.mode == HA_ACTING; i++) {
        wait(s, 1000);
        host_order(s, a, HA_ORDER_SWITCH);
    }
    bool hands = a->ha.mode == HA_HANDING;
    wait(s, 10 * SECOND);
    return taken && hands && master(s) == &s->host[1] && !has_address(s, 0) && s->demotions == 0;
}

const struct scenario term_scenarios[] = {
    {"two take over at once, and neither can have the address: one lets go", both_take_and_neither_can, 0},
    {"a term that no voter heard of: the master goes on in a newer one, and is followed", a_term_that_no_voter_heard_of,
     0},
    {"an old word of the master reaches a slave that starts anew first", an_old_word_comes_first, 1},
    {"from `any` to an arbiter: nothing that a killed drnode left is there any more", nothing_is_left_of_any, 1},
    {"no hand-over while a child of a killed drnode may set the address", no_hand_over_while_a_child_is_left, 1},
    {0},
};
