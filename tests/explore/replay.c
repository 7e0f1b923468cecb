/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/explore/replay.h"

#include "tests/explore/starts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 64u

/* The same path twice: as the search knows it, and as it really goes. What is on its way stands in both in the order in
 * which it was sent. */
struct replay {
    struct state state;
    struct live *live;
    unsigned count;
    uint32_t part[FLIGHTS_MAX + LIVE_OUT_MAX];
    struct flight flight[FLIGHTS_MAX + LIVE_OUT_MAX];
    bool full; /* more on its way than a state holds: the two part here */
};

static void *must(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

static void begin(struct replay *r, const struct live *root)
{
    *r = (struct replay){.state = *search_state(0), .live = must(malloc(sizeof *r->live))};
    *r->live = *root;
    live_home(r->live);
    r->count = search_flights(&r->state, r->part);
    for (unsigned i = 0; i < r->count; i++)
        part_load_flight(&r->flight[i], r->part[i]);
}

static void end(struct replay *r)
{
    sim_end(&r->live->sim);
    free(r->live);
}

/* ---- a step in both ---- */

static void keep(struct replay *r, unsigned *kept, unsigned i)
{
    r->part[*kept] = r->part[i];
    r->flight[(*kept)++] = r->flight[i];
}

static void pass_time(struct replay *r)
{
    struct counters less = search_less(&r->state);
    unsigned kept = 0;
    r->live->sim.now += LIVE_STEP * 1000;
    for (unsigned i = 0; i < r->count; i++)
        if (r->flight[i].age++ < LIVE_KEPT) {
            r->part[i] = part_flight_later(r->part[i], &less);
            keep(r, &kept, i);
        }
    r->count = kept;
}

static void note_sent(struct replay *r, struct step step)
{
    struct outcome o = part_do(step.host, r->state.host[step.host],
                               step.op == LIVE_OPS ? LIVE_DELIVER : (enum live_op)step.op, step.arg);
    r->full |= o.sent != r->live->outs || r->count + o.sent > FLIGHTS_MAX;
    for (unsigned i = 0; i < o.sent && !r->full; i++) {
        r->part[r->count] = part_sent(o.first + i);
        r->flight[r->count++] = r->live->out[i];
    }
}

static void on_one_host(struct replay *r, struct step step)
{
    unsigned which = 0, kept = 0;
    bool message = step.op == LIVE_DELIVER || step.op == LIVE_OPS;
    while (message && which < r->count && r->part[which] != step.arg)
        which++;
    struct flight f = r->flight[which];
    live_do(r->live, step.host, message ? LIVE_DELIVER : (enum live_op)step.op, step.arg, &f);
    for (unsigned i = 0; i < r->count; i++)
        if (step.op != LIVE_DELIVER || i != which)
            keep(r, &kept, i);
    r->count = kept;
    note_sent(r, step);
}

static void take(struct replay *r, struct step step)
{
    struct state next;
    if (step.op == LIVE_TIME)
        pass_time(r);
    else
        on_one_host(r, step);
    check_instant(&r->live->sim);
    search_apply(&r->state, step, &next);
    r->state = next;
}

/* ---- are they the same? ---- */

static void forget(struct vote_round *round, uint64_t start)
{
    if (round->start < start)
        round->number = 1;
}

/* Numbers and clocks of a life that is over are compared with nothing that comes. */
static void forget_former_lives(struct live *w, struct flight *flights, unsigned count)
{
    uint64_t start[2] = {w->sim.host[0].ha.store.start, w->sim.host[1].ha.store.start};
    for (unsigned i = 0; i < LIVE_HOSTS; i++) {
        struct voter *v = i < WITNESS ? &w->sim.host[i].ha.voter : &w->sim.host[i].voter;
        for (unsigned k = 0; k < 2; k++)
            forget(&v->asker[k].last, start[k]);
    }
    for (unsigned i = 0; i < 2; i++)
        forget(&w->sim.host[i].ha.peer.report.stamp, start[1 - i]);
    for (unsigned i = 0; i < count; i++) {
        struct ha_message *m = &flights[i].message;
        unsigned asker = flights[i].from < WITNESS && m->kind == HA_BEAT ? flights[i].from : flights[i].to;
        if (m->round.start < start[asker])
            m->sent = 0;
        forget(&m->round, start[asker]);
        if (m->from != MEMBER_NONE)
            forget(&m->report.stamp, start[m->from]);
    }
}

static void load(struct live *w, const struct replay *r, const struct live *root, struct flight *flights)
{
    *w = *root;
    live_home(w);
    for (unsigned i = 0; i < LIVE_HOSTS; i++)
        part_load_host(w, i, r->state.host[i]);
    for (unsigned i = 0; i < r->count; i++)
        part_load_flight(&flights[i], r->part[i]);
}

static bool same(struct live *a, struct flight *of_a, struct live *b, struct flight *of_b, unsigned count)
{
    uint8_t x[PACK_MAX], y[PACK_MAX];
    start_settle(a, of_a, count);
    start_settle(b, of_b, count);
    forget_former_lives(a, of_a, count);
    forget_former_lives(b, of_b, count);
    for (unsigned i = 0; i < LIVE_HOSTS; i++) {
        size_t size = pack_host(x, a, i);
        if (size != pack_host(y, b, i) || memcmp(x, y, size) != 0)
            return false;
    }
    for (unsigned i = 0; i < count; i++) {
        size_t size = pack_flight(x, &of_a[i]);
        if (size != pack_flight(y, &of_b[i]) || memcmp(x, y, size) != 0)
            return false;
    }
    return true;
}

bool replay_same(const struct live *root, uint32_t index)
{
    struct replay r;
    struct step steps[STEPS_MAX];
    unsigned count = search_path(index, steps, STEPS_MAX);
    begin(&r, root);
    for (unsigned i = 0; i < count && !r.full; i++)
        take(&r, steps[i]);
    bool held = r.full || memcmp(&r.state, search_state(index), sizeof r.state) == 0;
    if (!r.full && held) {
        struct live *w = must(malloc(sizeof *w));
        struct flight flights[FLIGHTS_MAX + LIVE_OUT_MAX];
        load(w, &r, root, flights);
        held = same(w, flights, r.live, r.flight, r.count);
        free(w);
    }
    end(&r);
    return held;
}

/* ---- in words ---- */

static void tell_message(uint32_t part, const char *how)
{
    static const char *const asks[] = {"", ", asks for the vote", ", gives the vote back"};
    struct flight f;
    part_load_flight(&f, part);
    const struct ha_message *m = &f.message;
    printf("the %s of %c%s%s, %u steps old, reaches %c%s\n", m->kind == HA_BEAT ? "beat" : "answer", host_name(f.from),
           m->kind == HA_BEAT ? asks[m->ask.kind] : "",
           !m->voted         ? ""
           : m->vote.granted ? ", granted"
                             : ", refused",
           f.age, host_name(f.to), how);
}

static const char *child_of(const struct replay *r, struct step step)
{
    const struct host *h = &r->live->sim.host[step.host];
    const struct lane *lane = step.op == LIVE_ORPHAN ? &h->orphan[step.arg] : &h->lane[step.arg];
    return ha_command_name(lane->queue[0].kind);
}

static void tell(const struct replay *r, unsigned number, struct step step)
{
    char who = host_name(step.host);
    const struct driver *d = &r->live->driver[step.host];
    printf("%3u. ", number);
    switch (step.op) {
    case LIVE_DELIVER: tell_message(step.arg, ""); break;
    case LIVE_TICK: printf("%c wakes\n", who); break;
    case LIVE_CHILD:
        printf("%c: %s %s\n", who, child_of(r, step), d->effected[step.arg] ? "ends" : "has its effect");
        break;
    case LIVE_FAIL: printf("%c: %s fails\n", who, child_of(r, step)); break;
    case LIVE_ORPHAN: printf("%c: %s of the former life has its effect\n", who, child_of(r, step)); break;
    case LIVE_KILL: printf("%c: its daemon is killed and starts again\n", who); break;
    case LIVE_POWER: printf("%c loses power and starts again\n", who); break;
    case LIVE_DISK: printf("%c: the next store will fail\n", who); break;
    case LIVE_SWITCH: printf("%c is told to switch\n", who); break;
    case LIVE_TIME: printf("%lld ms pass\n", (long long)LIVE_STEP); break;
    default: tell_message(step.arg, ", and is on its way once more"); break;
    }
}

void replay_tell(const struct live *root, uint32_t index, struct step last)
{
    struct replay r;
    struct step steps[STEPS_MAX + 1];
    unsigned count = search_path(index, steps, STEPS_MAX);
    steps[count++] = last;
    begin(&r, root);
    r.live->sim.trace = true;
    for (unsigned i = 0; i < count && !r.full; i++) {
        tell(&r, i + 1, steps[i]);
        take(&r, steps[i]);
    }
    printf("     %s\n", r.live->sim.violation[0] ? r.live->sim.violation : "(does not break anything when replayed)");
    end(&r);
}
