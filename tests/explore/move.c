/* SPDX-License-Identifier: Apache-2.0
 * tests/explore/move.c - the same situation at another time. A field that is forgotten here makes a path that is
 * replayed without any of this end in another state: the suite looks (replay.c). */
#include "tests/explore/pack.h"

/* Longer ago than anything is waited for in the settings explored. */
#define LONG_AGO ((msec)10000)

/* 0: never. */
static void instant(const struct ha *h, msec *at)
{
    if (*at != 0 && *at < h->now - LONG_AGO)
        *at = h->now - LONG_AGO;
}

/* Looked at only as to whether it has come. */
static void due(const struct ha *h, msec *at)
{
    if (*at < h->now)
        *at = h->now;
}

static void move(msec *at, msec by)
{
    if (*at != 0)
        *at += by;
}

/* Nothing happens after it: how long ago it was makes no difference. */
static void until(msec *at, msec by, msec now)
{
    move(at, by);
    if (*at != 0 && *at < now)
        *at = now;
}

static void less(uint64_t *number, uint64_t by)
{
    if (*number != 0)
        *number -= by;
}

static void move_voter(struct voter *v, msec by, msec now, const struct counters *c)
{
    v->until += by;
    v->until = v->until < now ? now : v->until;
    for (unsigned i = 0; i < 2; i++)
        less(&v->asker[i].last.number, c->round[i]);
}

static void move_promises(struct ha *h, msec by, uint64_t rounds)
{
    struct mastership *m = &h->mastership;
    for (unsigned i = 0; i < PROMISES_MAX; i++) {
        struct promise *p = &m->promise[i];
        move(&p->end, by);
        instant(h, &p->end);
        p->handed_over &= p->end > h->now;
    }
    m->round.number -= rounds;
    m->void_before -= rounds;
}

static void move_times(struct ha *h, msec by)
{
    msec *at[] = {&h->started,      &h->beat_at,      &h->orphans_until, &h->asking_since, &h->asking_until,
                  &h->act_at,       &h->acting_since, &h->ask_now_until, &h->renewed,      &h->renewal_told,
                  &h->doubt_told,   &h->in_step,      &h->fence_at,      &h->cover_after,  &h->evade_after,
                  &h->failed_until, &h->told,         &h->told_gone,     &h->job.retry_at, &h->ask_after,
                  &h->peer.reported};
    for (unsigned i = 0; i < sizeof at / sizeof at[0]; i++) {
        move(at[i], by);
        instant(h, at[i]);
    }
    due(h, &h->ask_after);
    due(h, &h->beat_at);
    due(h, &h->told);
    due(h, &h->told_gone);
    for (unsigned i = 0; i < HA_LINES_MAX; i++) {
        move(&h->peer.heard[i], by);
        instant(h, &h->peer.heard[i]);
    }
    for (unsigned i = 0; i < WITNESSES_MAX; i++) {
        move(&h->third[i].heard, by);
        instant(h, &h->third[i].heard);
    }
}

static void move_core(struct ha *h, unsigned self, msec by, msec now, const struct counters *c)
{
    h->now = now;
    move_times(h, by);
    move_voter(&h->voter, by, now, c);
    move_promises(h, by, c->round[self]);
    for (unsigned i = 0; i < WITNESSES_MAX; i++)
        less(&h->third[i].round, c->round[self]);
    h->stamps -= c->stamp[self];
    if (h->peer.report.identity != 0)
        h->peer.report.stamp.number -= c->stamp[1 - self];
}

/* Ids of commands are compared with nothing but themselves. */
static void renumber(struct host *h)
{
    uint64_t by = h->ha.commands - PACK_COUNTER;
    h->ha.commands = PACK_COUNTER;
    less(&h->ha.job.id, by);
    less(&h->ha.renewing, by);
    for (unsigned i = 0; i < 2; i++)
        for (unsigned k = 0; k < h->lane[i].length; k++)
            h->lane[i].queue[k].id -= by;
}

static void move_lane(struct lane *lane, msec by, usec passed, usec now)
{
    for (unsigned k = 0; k < lane->length; k++)
        until(&lane->queue[k].deadline, by, now / 1000);
    usec *dies = &lane->child.dies_at;
    if (*dies != 0 && *dies != FOREVER)
        *dies = *dies - passed < now ? now : *dies - passed;
}

static void move_kernel(struct host *h, msec by, usec passed)
{
    for (unsigned i = 0; i < FAKE_MANY; i++)
        h->os.address[i].until -= h->os.address[i].until != 0 ? passed : 0;
    struct capture_link *folders = &h->os.capture[0];
    move(&folders->info.lease, by);
    instant(&h->ha, &folders->info.lease);
}

static void move_member(struct live *w, unsigned host, msec by, usec passed, const struct counters *c)
{
    struct host *h = &w->sim.host[host];
    msec now = host_clock(&w->sim, h);
    move_core(&h->ha, host, by, now, c);
    renumber(h);
    for (unsigned i = 0; i < 2; i++) {
        move_lane(&h->lane[i], by, passed, w->sim.now);
        move_lane(&h->orphan[i], by, passed, w->sim.now);
        w->driver[host].orphaned[i] &= h->orphan[i].child.dies_at > w->sim.now;
    }
    move_kernel(h, by, passed);
    move(&w->driver[host].wake, by);
    due(&h->ha, &w->driver[host].wake);
}

void pack_move(struct live *w, unsigned host, msec by, usec passed, const struct counters *c)
{
    struct host *h = &w->sim.host[host];
    msec *promised = &w->sim.promised[host].until, now = host_clock(&w->sim, h);
    move(promised, by);
    if (*promised < now)
        *promised = now;
    if (host < WITNESS)
        move_member(w, host, by, passed, c);
    else
        move_voter(&h->voter, by, now, c);
}

void pack_move_flight(struct flight *f, const msec clocks[2], const struct counters *c)
{
    struct ha_message *m = &f->message;
    unsigned asker = f->from < WITNESS && m->kind == HA_BEAT ? f->from : f->to;
    m->sent += clocks[asker];
    m->round.number -= c->round[asker];
    m->ask.round = m->vote.round = m->round;
    if (m->from != MEMBER_NONE)
        m->report.stamp.number -= c->stamp[m->from];
}
