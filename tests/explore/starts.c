/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/explore/starts.h"

#include "tests/sim/stories.h"

#include <stdlib.h>
#include <string.h>

/* Small times: three beats make a length, two make the grace that the kernel's whole seconds need. */
static void small_times(struct plan *p, bool majority)
{
    plan_calm(p);
    list_arbiters(p, 2);
    p->worst = true; /* addresses go as late as they can */
    for (unsigned i = 0; i < 2; i++) {
        struct ha_config *c = &p->config[i];
        c->lines = 1;
        c->interval = LIVE_STEP;
        c->max_fail = 3;
        c->release_grace = 2 * LIVE_STEP;
        c->boot_wait = 3 * LIVE_STEP;
        c->round_trip = 50;
        c->failure_timeout = 0;
        c->majority = majority;
    }
}

/* ---- stories ---- */

static bool b_asks(struct sim *s)
{
    return s->host[MEMBER_B].ha.mode == HA_ASKING;
}

static bool b_takes(struct sim *s)
{
    return s->host[MEMBER_B].ha.mode == HA_TAKING;
}

static bool a_handed(struct sim *s)
{
    return s->host[MEMBER_A].ha.mode == HA_LISTENING;
}

static bool proposal_open(struct sim *s)
{
    return s->host[MEMBER_A].ha.store.set.count > 1;
}

static bool proposal_accepted(struct sim *s)
{
    return proposal_open(s) &&
           configuration_equal(ha_configuration(&s->host[MEMBER_A].ha), ha_configuration(&s->host[MEMBER_B].ha));
}

static bool alone(struct sim *s)
{
    return ha_configuration(&s->host[MEMBER_A].ha)->kind == QUORUM_SOLO && !proposal_open(s);
}

static bool new_rule(struct sim *s)
{
    for (unsigned i = 0; i < LIVE_HOSTS; i++)
        host_start(s, &s->host[i]);
    return true;
}

static bool switch_ordered(struct sim *s)
{
    return settled(s) && host_order(s, &s->host[MEMBER_A], HA_ORDER_SWITCH);
}

static bool handed_over(struct sim *s)
{
    return switch_ordered(s) && until(s, a_handed);
}

static bool a_cut_off(struct sim *s)
{
    if (!settled(s))
        return false;
    cut_off(s, MEMBER_A);
    return until(s, b_asks);
}

static bool b_taking(struct sim *s)
{
    if (!settled(s))
        return false;
    cut_off(s, MEMBER_A);
    return until(s, b_takes);
}

/* Long enough for its authority to end; B has asked nobody else. */
static bool a_stood_still(struct sim *s)
{
    if (!settled(s))
        return false;
    for (unsigned i = WITNESS; i < LIVE_HOSTS; i++)
        cut_between(s, MEMBER_B, i, true);
    host_stall(s, &s->host[MEMBER_A], 2 * SECOND);
    return until(s, b_takes);
}

static bool members_parted(struct sim *s)
{
    if (!settled(s))
        return false;
    cut_between(s, MEMBER_A, MEMBER_B, true);
    wait(s, SECOND);
    return true;
}

static bool next_arbiter(struct sim *s)
{
    if (!settled(s))
        return false;
    cut_off(s, WITNESS);
    return until(s, proposal_open);
}

static bool next_arbiter_accepted(struct sim *s)
{
    s->plan.delay_least = 1500;
    return next_arbiter(s) && until(s, proposal_accepted);
}

static bool going_alone(struct sim *s)
{
    if (!settled(s))
        return false;
    cut_off(s, WITNESS);
    cut_off(s, WITNESS + 1);
    return until(s, alone);
}

static bool both_restart(struct sim *s)
{
    if (!settled(s))
        return false;
    for (unsigned i = 0; i < 2; i++)
        host_crash(s, &s->host[i], i == MEMBER_B);
    for (unsigned i = 0; i < 2; i++)
        host_start(s, &s->host[i]);
    return true;
}

/* Of each: switches, restarts, children that fail, messages doubled, stores that fail. */
#define USUAL                                                                                                          \
    {                                                                                                                  \
        1, 1, 1, 1, 1                                                                                                  \
    }

const struct start starts[] = {
    {"a new rule, everybody starts", new_rule, false, USUAL},
    {"A master, B slave in step", settled, false, USUAL},
    {"the same, and all arbiters vote", settled, true, USUAL},
    {"A has been told to switch", switch_ordered, false, {0, 1, 1, 1, 1}},
    {"A has handed over", handed_over, false, {0, 1, 1, 1, 1}},
    {"A was cut off, B asks", a_cut_off, false, USUAL},
    {"A was cut off, B takes over", b_taking, false, USUAL},
    {"A stood still, votes for B, B takes over", a_stood_still, false, USUAL},
    {"A and B do not hear each other", members_parted, false, USUAL},
    {"the next arbiter has been proposed", next_arbiter, false, USUAL},
    {"the next arbiter has been accepted", next_arbiter_accepted, false, USUAL},
    {"no arbiter answers: A alone decides", going_alone, false, USUAL},
    {"both members start again, A as master", both_restart, false, USUAL},
};
const unsigned start_count = sizeof starts / sizeof starts[0];

/* ---- from the simulator to a state ---- */

static unsigned collect(struct live *w, struct flight *flights)
{
    unsigned count = 0;
    for (unsigned i = 0; i < LIVE_HOSTS; i++)
        w->driver[i] = (struct driver){.wake = w->sim.host[i].answer.wake, .effected = {true, true}};
    for (size_t i = 0; i < w->sim.events; i++) {
        struct event *e = &w->sim.heap[i];
        if (e->kind == EVENT_EFFECT && e->token == w->sim.host[e->host].lane[e->lane].token)
            w->driver[e->host].effected[e->lane] = false;
        if (e->kind == EVENT_MESSAGE && count < FLIGHTS_MAX)
            flights[count++] = (struct flight){
                .from = (uint8_t)e->from, .to = (uint8_t)e->host, .line = (uint8_t)e->line, .message = *e->message};
        free(e->message);
    }
    w->sim.events = 0;
    return count;
}

/* Commands that the search does not wait for. */
static void end_at_once(struct live *w, struct flight *flights, unsigned *count)
{
    for (unsigned i = 0; i < 2; i++) {
        w->outs = 0;
        live_end_at_once(w, i);
        w->driver[i].wake = w->sim.host[i].answer.wake;
        for (unsigned k = 0; k < w->outs && *count < FLIGHTS_MAX; k++)
            flights[(*count)++] = w->out[k];
    }
}

void start_settle(struct live *w, struct flight *flights, unsigned count)
{
    struct sim *s = &w->sim;
    struct counters less = {0};
    msec by[LIVE_HOSTS];
    usec passed = s->now - PACK_NOW * 1000;
    for (unsigned i = 0; i < LIVE_HOSTS; i++)
        by[i] = PACK_NOW - host_clock(s, &s->host[i]);
    s->now = PACK_NOW * 1000;
    for (unsigned i = 0; i < 2; i++)
        pack_counters(&less, w, i);
    for (unsigned i = 0; i < LIVE_HOSTS; i++) {
        s->host[i].os.offset = 0;
        pack_move(w, i, by[i], passed, &less);
    }
    for (unsigned i = 0; i < count; i++)
        pack_move_flight(&flights[i], by, &less);
}

bool start_make(const struct start *start, struct live *w, struct flight flights[FLIGHTS_MAX], unsigned *count)
{
    struct plan plan;
    small_times(&plan, start->majority);
    sim_begin(&w->sim, 1, &plan, false);
    bool went = start->play(&w->sim) && !w->sim.violation[0];
    for (unsigned i = 0; i < LIVE_HOSTS; i++)
        went &= w->sim.host[i].up && !w->sim.host[i].pending;
    *count = collect(w, flights);
    memset(w->sim.cut, 0, sizeof w->sim.cut);
    w->sim.plan.delay_most = w->sim.plan.delay_least;
    w->sim.plan.faults_until = FOREVER;
    end_at_once(w, flights, count);
    sim_end(&w->sim); /* copies of this cluster have queues of their own */
    w->sim.room = 0;
    start_settle(w, flights, *count);
    return went && !w->sim.violation[0];
}
