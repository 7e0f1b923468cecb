/* SPDX-License-Identifier: Apache-2.0
 * tests/sim/faults.c - what a seed draws: settings, speeds of clocks, the network's manners; and the faults and orders
 * that befall the cluster. Two lines, cut one by one (B1.1.3-07). Rates are drawn per seed: fixed ones miss what needs
 * much of one and little of another. */
#include "tests/ha_defaults.h"
#include "tests/sim/sim.h"

#include <string.h>

void list_arbiters(struct plan *p, unsigned count)
{
    p->arbiters = count;
    for (unsigned i = 0; i < 2; i++) {
        p->config[i].witnesses = count;
        for (unsigned place = 0; place < count; place++)
            p->list[i][place] = (uint8_t)(WITNESS + place);
    }
}

void plan_calm(struct plan *p)
{
    *p = (struct plan){.delay_least = 200, .delay_most = 2000};
    for (unsigned i = 0; i < HOSTS; i++)
        p->rate[i] = 1000000;
    for (enum member m = MEMBER_A; m <= MEMBER_B; m++) {
        struct ha_config *c = &p->config[m];
        *c = ha_defaults(m);
        c->boot_wait = 5000;
        c->script_timeout = c->drain_timeout = 3000;
        c->fence_timeout = 300;
        c->watch_master = WATCH_MASTER;
        c->watch_both = WATCH_BOTH;
        c->failure_timeout = 600000;
    }
    list_arbiters(p, 1);
}

/* A generator of its own, so that what is drawn does not depend on how a run goes. */
struct dice {
    uint64_t state;
};

static uint64_t draw(struct dice *d, uint64_t least, uint64_t most)
{
    d->state += 0x9e3779b97f4a7c15u;
    uint64_t z = d->state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return least + (z ^ (z >> 31)) % (most - least + 1);
}

static bool one_in(struct dice *d, unsigned n)
{
    return draw(d, 1, n) == 1;
}

/* Grace is raised until the settings are such as ha_check() accepts. */
static void fit(struct ha_config *c)
{
    struct dr_error err;
    while (ha_check(c, &err) != DR_OK)
        c->release_grace += 20;
}

static void draw_timing(struct dice *d, struct ha_config *c)
{
    c->interval = (msec)draw(d, 150, 600);
    c->max_fail = (uint32_t)draw(d, 3, 5);
    c->release_grace = (msec)draw(d, 50, 800);
    c->boot_wait = ha_length(c) + (msec)draw(d, 0, 4000);
    c->round_trip = 60 + (msec)draw(d, 0, 60);
    c->script_timeout = (msec)draw(d, 300, 2500);
    c->drain_timeout = (msec)draw(d, 300, 2500);
}

static void draw_settings(struct dice *d, struct plan *p)
{
    struct ha_config *a = &p->config[0], *b = &p->config[1];
    draw_timing(d, a);
    a->lines = one_in(d, 4) ? (uint32_t)draw(d, 1, LINES) : 2;
    a->majority = one_in(d, 3);
    a->initial = (enum member)draw(d, 0, 1);
    a->priority = (uint32_t)draw(d, 0, 1);
    a->need_rep_status = one_in(d, 3);
    a->vip = true;
    fit(a);
    *b = *a;
    b->self = MEMBER_B;
    if (one_in(d, 4)) {
        draw_timing(d, b);
        fit(b);
    }
    b->priority = (uint32_t)draw(d, 0, 1);
    b->initial = one_in(d, 4) ? (enum member)draw(d, 0, 1) : a->initial;
    b->need_rep_status = one_in(d, 8) ? !a->need_rep_status : a->need_rep_status;
}

static void draw_volume(struct dice *d, struct plan *p)
{
    bool volume = one_in(d, 2);
    for (unsigned i = 0; i < 2; i++) {
        p->config[i].volume = volume;
        p->config[i].fence_timeout = (msec)draw(d, 50, 600);
    }
}

/* One or none mostly; some rules have up to twelve. */
static void draw_arbiters(struct dice *d, struct plan *p)
{
    static const unsigned most[] = {0, 1, 1, 2, 2, 3, 5, WITNESSES_MAX};
    unsigned room = most[draw(d, 0, 7)];
    list_arbiters(p, room > 3 ? (unsigned)draw(d, 3, room) : room);
    if (p->edits && p->arbiters > 0) { /* some are not named yet */
        p->config[0].witnesses = (uint32_t)draw(d, 0, p->arbiters);
        p->config[1].witnesses = one_in(d, 4) ? (uint32_t)draw(d, 0, p->arbiters) : p->config[0].witnesses;
    }
    if (one_in(d, 8))
        p->config[1].majority = !p->config[0].majority;
}

static unsigned sometimes(struct dice *d, unsigned most)
{
    return one_in(d, 2) ? 0 : (unsigned)draw(d, 0, most);
}

static void draw_world(struct dice *d, struct plan *p)
{
    for (unsigned i = 0; i < HOSTS; i++)
        p->rate[i] = one_in(d, 2) ? (int64_t)draw(d, 0, 1) * 50000 + 1000000 : (int64_t)draw(d, 1000000, 1050000);
    p->delay_least = (usec)draw(d, 50, 2000);
    p->delay_most = p->delay_least + (usec)(one_in(d, 3) ? draw(d, 0, 1500000) : draw(d, 0, 20000));
    p->loss = sometimes(d, 200);
    p->duplication = sometimes(d, 200);
    p->stall = sometimes(d, 12);
    p->stall_most = (usec)draw(d, 100, 6000) * 1000;
    p->slow = sometimes(d, 200);
    p->slow_most = (usec)draw(d, 100, 4000) * 1000;
    p->worst = one_in(d, 2);
    p->fail = sometimes(d, 150);
    p->disk_fail = one_in(d, 4) ? (unsigned)draw(d, 0, 300) : 0;
}

/* In one rule of four a fence guards the addresses; it bears short intervals. Dice of its own: what else a seed draws
 * is the same. */
static void draw_guard(struct plan *p, uint64_t seed)
{
    struct dice d = {seed + 0x632be59bd9b4e019u};
    if (!one_in(&d, 4))
        return;
    bool short_ones = one_in(&d, 2), both = !one_in(&d, 6);
    for (unsigned i = 0; i < (both ? 2 : 1); i++) {
        struct ha_config *c = &p->config[i];
        c->guard = HA_GUARD_WATCHDOG;
        if (!short_ones)
            continue;
        c->interval = (msec)draw(&d, 50, 150);
        c->release_grace = (msec)draw(&d, 20, 150);
        fit(c);
    }
}

void plan_draw(struct plan *p, uint64_t seed)
{
    struct dice d = {seed * 0x2545f4914f6cdd1du};
    plan_calm(p);
    draw_settings(&d, p);
    draw_world(&d, p);
    p->faults_every = (usec)draw(&d, 200, 4000) * 1000;
    p->faults_until = (usec)draw(&d, 15, 45) * SECOND;
    p->orders = !one_in(&d, 3);
    p->forces = one_in(&d, 12);
    p->identities = one_in(&d, 3);
    p->edits = one_in(&d, 3);
    p->losses = one_in(&d, 10);
    draw_arbiters(&d, p);
    p->objects_every = one_in(&d, 3) ? (usec)draw(&d, 500, 8000) * 1000 : 0;
    p->config[0].failure_timeout = p->config[1].failure_timeout = (msec)draw(&d, 0, 20000);
    draw_volume(&d, p);
    p->store = p->arbiters > 0 && one_in(&d, 4) ? (enum store_kind)draw(&d, STORE_DISK, STORE_ETCD) : STORE_NONE;
    draw_guard(p, seed);
}

/* ---- what happens ---- */

void cut_between(struct sim *s, unsigned a, unsigned b, bool cut)
{
    for (unsigned line = 0; line <= LINES; line++)
        s->cut[a][b][line] = s->cut[b][a][line] = cut;
}

static unsigned member_drawn(struct sim *s)
{
    return (unsigned)sim_draw(s, 2);
}

static unsigned arbiter_drawn(struct sim *s)
{
    return WITNESS + (unsigned)sim_draw(s, s->plan.arbiters);
}

/* The members matter most. */
static unsigned host_drawn(struct sim *s)
{
    return s->plan.arbiters == 0 || sim_draw(s, 3) ? member_drawn(s) : arbiter_drawn(s);
}

/* One direction of one line, or all there is between two hosts. */
static void cut_or_heal(struct sim *s)
{
    unsigned a = member_drawn(s), b = s->plan.arbiters == 0 || sim_draw(s, 3) == 0 ? 1 - a : arbiter_drawn(s);
    bool cut = sim_draw(s, 5) < 3, back = sim_draw(s, 2);
    if (sim_draw(s, 2))
        cut_between(s, a, b, cut);
    else
        s->cut[back ? b : a][back ? a : b][b >= WITNESS ? LINE_ARB : sim_draw(s, s->plan.config[0].lines)] = cut;
    sim_trace(s, NULL, "%s %c and %c", cut ? "cut between" : "healed between", host_name(a), host_name(b));
}

void isolate(struct sim *s, unsigned alone)
{
    if (s->now >= s->plan.faults_until)
        return;
    for (unsigned other = 0; other < sim_hosts(s); other++)
        if (other != alone)
            cut_between(s, alone, other, true);
    sim_trace(s, NULL, "%c is cut from all others", host_name(alone));
}

static void heal_links(struct sim *s)
{
    memset(s->cut, 0, sizeof s->cut);
    sim_trace(s, NULL, "all links are whole");
}

/* The arbiters of one member's file, or of both: one more, one less, another order. */
static void edit_list(struct sim *s, unsigned member)
{
    struct plan *p = &s->plan;
    uint32_t *count = &p->config[member].witnesses;
    if (sim_draw(s, 4) == 0) {
        p->config[member].majority = !p->config[member].majority;
    } else if (sim_draw(s, 3) == 0 && *count > 1) {
        uint8_t first = p->list[member][0];
        memmove(&p->list[member][0], &p->list[member][1], *count - 1);
        p->list[member][*count - 1] = first;
    } else if (sim_draw(s, 2) && *count > 0) {
        unsigned gone = (unsigned)sim_draw(s, *count);
        uint8_t last = p->list[member][*count - 1];
        p->list[member][*count - 1] = p->list[member][gone];
        p->list[member][gone] = last;
        --*count;
    } else if (*count < p->arbiters) {
        ++*count;
    }
    sim_trace(s, &s->host[member], "the file names %u arbiters", *count);
}

/* A person edits the rule's file on one member only; it is read at the next start. */
static void edit_settings(struct sim *s, unsigned member)
{
    struct dice d = {sim_draw(s, UINT64_MAX)};
    struct ha_config *c = &s->plan.config[member];
    draw_timing(&d, c);
    fit(c);
    c->priority = (uint32_t)draw(&d, 0, 1);
    c->need_rep_status = one_in(&d, 6) ? !c->need_rep_status : c->need_rep_status;
}

/* A person edits it everywhere: each member reads it when its drnode is started anew, which the capture outlives. */
static void edit_lists(struct sim *s)
{
    unsigned first = member_drawn(s);
    edit_list(s, first);
    if (sim_draw(s, 4)) {
        memcpy(s->plan.list[1 - first], s->plan.list[first], sizeof s->plan.list[0]);
        s->plan.config[1 - first].witnesses = s->plan.config[first].witnesses;
        s->plan.config[1 - first].majority = s->plan.config[first].majority;
    }
    for (unsigned i = 0; i < 2; i++)
        if (s->host[i].up && !s->host[i].pending) {
            host_crash(s, &s->host[i], false);
            sim_post(s, s->now + (usec)sim_draw(s, SECOND / 10),
                     (struct event){.kind = EVENT_START, .host = i, .life = s->host[i].life});
        }
}

static bool loses_store(struct sim *s, const struct host *h)
{
    if (h->self < WITNESS)
        return s->plan.losses && sim_draw(s, 4) == 0;
    return s->plan.identities && sim_draw(s, 2);
}

static void crash(struct sim *s)
{
    struct host *h = &s->host[host_drawn(s)];
    if (!h->up)
        return;
    bool loses = loses_store(s, h);
    host_crash(s, h, loses || sim_draw(s, 2)); /* a disk is lost with its host */
    if (h->self < WITNESS && sim_draw(s, 4) == 0)
        edit_settings(s, h->self);
    if (loses) {
        sim_trace(s, h, "loses its store");
        host_lose_store(s, h);
        s->lost |= h->self < WITNESS;
    }
    sim_post(s, s->now + (usec)sim_draw(s, 4 * SECOND),
             (struct event){.kind = EVENT_START, .host = h->self, .life = h->life});
}

static void stand_still(struct sim *s)
{
    struct host *h = &s->host[host_drawn(s)];
    if (h->up && !h->pending && !fake_stalled(&h->os))
        host_stall(s, h, (usec)sim_draw(s, (uint64_t)s->plan.stall_most));
}

static void order(struct sim *s)
{
    static const enum ha_order orders[] = {
        HA_ORDER_SWITCH, HA_ORDER_SWITCH, HA_ORDER_SWITCH, HA_ORDER_SWITCH,      HA_ORDER_SWITCH_FORCE, HA_ORDER_STOP,
        HA_ORDER_START,  HA_ORDER_START,  HA_ORDER_START,  HA_ORDER_STOP_SCRIPT, HA_ORDER_STOP_FORCE};
    struct host *h = &s->host[member_drawn(s)];
    if (s->lost && sim_draw(s, 2)) {
        host_order(s, h, HA_ORDER_REJOIN);
        return;
    }
    enum ha_order o = orders[sim_draw(s, sizeof orders / sizeof orders[0])];
    if (o == HA_ORDER_SWITCH && h->ha.mode != HA_ACTING)
        h = &s->host[1 - h->self];
    if (host_order(s, h, o) && o <= HA_ORDER_SWITCH_FORCE && sim_draw(s, 3) == 0) /* cut anywhere in the switch */
        sim_post(s, s->now + (usec)sim_draw(s, SECOND / 2), (struct event){.kind = EVENT_CUT, .from = host_drawn(s)});
}

static void force(struct sim *s)
{
    if (host_order(s, &s->host[member_drawn(s)], HA_ORDER_TAKE_FORCE))
        s->overridden = true;
}

void fault_happen(struct sim *s)
{
    if (s->now >= s->plan.faults_until)
        return;
    switch (sim_draw(s, 15)) {
    case 0:
    case 1:
    case 2: cut_or_heal(s); break;
    case 3: isolate(s, host_drawn(s)); break;
    case 4:
    case 5: heal_links(s); break;
    case 6:
    case 7: crash(s); break;
    case 8: stand_still(s); break;
    case 9:
    case 10:
    case 11:
    case 12:
        if (s->plan.orders)
            order(s);
        break;
    case 13:
        if (s->plan.edits)
            edit_lists(s);
        break;
    default:
        if (s->plan.forces)
            force(s);
    }
    sim_post(s, s->now + (usec)sim_draw(s, (uint64_t)s->plan.faults_every * 2), (struct event){.kind = EVENT_FAULT});
}

/* Dice of its own: what else a seed does is the same with monitors and without. */
void object_happen(struct sim *s)
{
    struct dice d = {s->seed + ++s->objects * 0x9e3779b97f4a7c15u};
    if (s->now >= s->plan.faults_until)
        return;
    struct host *h = &s->host[draw(&d, 0, 1)];
    uint32_t failed = one_in(&d, 2) ? 0 : (uint32_t)draw(&d, 0, WATCH_ALL);
    h->objects.failed = failed;
    h->objects.good = one_in(&d, 4) ? 0 : WATCH_ALL & ~failed;
    h->outside = one_in(&d, 4);
    sim_trace(s, h, "monitors: %u failed, %u good%s", h->objects.failed, h->objects.good,
              h->outside ? ", outside the windows" : "");
    sim_post(s, s->now + (usec)draw(&d, 1, (uint64_t)s->plan.objects_every * 2), (struct event){.kind = EVENT_OBJECT});
}

/* Everything works again, and everybody is started. */
void fault_heal(struct sim *s)
{
    heal_links(s);
    s->plan.faults_until = s->now;
    s->plan.loss = s->plan.duplication = 0;
    if (s->plan.delay_most > 20000)
        s->plan.delay_most = s->plan.delay_least + 20000;
    for (unsigned i = 0; i < sim_hosts(s); i++) {
        s->host[i].objects.failed = 0;
        s->host[i].outside = false;
        host_start(s, &s->host[i]);
    }
    sim_run(s, s->now + s->plan.stall_most + 5 * SECOND);
    for (unsigned i = 0; i < 2; i++)
        if (s->host[i].ha.mode == HA_STOPPED)
            host_order(s, &s->host[i], HA_ORDER_START);
}
