/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/explore/live.h"

#include <stdlib.h>

/* What sets or takes away something exclusive, or says that it is gone, ends when the search wants it; the rest at
 * once. */
static bool ends_at_once(enum ha_command_kind kind)
{
    switch (kind) {
    case HA_FLIP_RW:
    case HA_FLIP_RO:
    case HA_VIP_TAKE:
    case HA_VIP_RENEW:
    case HA_VIP_RELEASE:
    case HA_DRAIN: return false;
    default: return true;
    }
}

/* Between its effect and its end the core does not know what the kernel has. What lets go may do both at once: late is
 * the worse. */
static bool in_two(enum ha_command_kind kind)
{
    return kind == HA_FLIP_RW || kind == HA_VIP_TAKE || kind == HA_VIP_RENEW;
}

static struct event of_lane(const struct host *h, enum event_kind kind, unsigned lane, uint64_t token)
{
    return (struct event){.kind = kind, .host = h->self, .life = h->life, .lane = lane, .token = token};
}

static void send(struct live *w, const struct event *e)
{
    if (w->outs == LIVE_OUT_MAX) {
        sim_violated(&w->sim, "more messages in one event than a state has room for");
        return;
    }
    w->out[w->outs++] = (struct flight){
        .from = (uint8_t)e->from, .to = (uint8_t)e->host, .line = (uint8_t)e->line, .message = *e->message};
}

/* A child that begins posts its end, and its effect if its deadline is not over by then. */
void live_collect(struct live *w, unsigned host)
{
    struct driver *d = &w->driver[host];
    for (size_t i = 0; i < w->sim.events; i++) {
        struct event *e = &w->sim.heap[i];
        if (e->kind == EVENT_MESSAGE)
            send(w, e);
        else if (e->kind == EVENT_DONE)
            d->effected[e->lane] = true;
    }
    for (size_t i = 0; i < w->sim.events; i++) {
        struct event *e = &w->sim.heap[i];
        if (e->kind == EVENT_EFFECT)
            d->effected[e->lane] = false;
        free(e->message);
    }
    w->sim.events = 0;
}

static void effect(struct live *w, struct host *h, unsigned lane)
{
    struct driver *d = &w->driver[h->self];
    struct event e = of_lane(h, EVENT_EFFECT, lane, h->lane[lane].token);
    if (!d->effected[lane])
        worker_effect(&w->sim, h, &e);
    d->effected[lane] = true;
}

static void end(struct live *w, struct host *h, unsigned lane)
{
    struct event e = of_lane(h, EVENT_DONE, lane, h->lane[lane].token);
    host_done(&w->sim, h, &e);
    live_collect(w, h->self);
}

static void child(struct live *w, struct host *h, unsigned lane)
{
    bool two = in_two(h->lane[lane].queue[0].kind) && !w->driver[h->self].effected[lane];
    effect(w, h, lane);
    if (!two)
        end(w, h, lane);
}

/* Its deadline is the only thing that its effect still knows. */
static void orphan(struct live *w, struct host *h, unsigned lane)
{
    struct event e = of_lane(h, EVENT_EFFECT, lane, h->orphan[lane].token);
    worker_effect(&w->sim, h, &e);
    w->driver[h->self].orphaned[lane] = false;
}

/* How long it was away makes no difference: before, it may have stood still. */
static void restart(struct live *w, struct host *h, bool power)
{
    struct driver *d = &w->driver[h->self];
    bool pending[2] = {!d->effected[0], !d->effected[1]};
    host_crash(&w->sim, h, power);
    for (unsigned lane = 0; lane < 2 && h->self < WITNESS; lane++)
        d->orphaned[lane] = h->orphan[lane].running && pending[lane];
    host_start(&w->sim, h);
}

static void deliver(struct live *w, struct host *h, const struct flight *f)
{
    struct ha_message copy = f->message;
    struct event e = {.kind = EVENT_MESSAGE, .host = f->to, .from = f->from, .line = f->line, .message = &copy};
    host_message(&w->sim, h, &e);
}

static void happen(struct live *w, struct host *h, enum live_op op, unsigned arg, const struct flight *f)
{
    struct event wake = {.kind = EVENT_WAKE, .host = h->self, .life = h->life, .token = h->wake};
    switch (op) {
    case LIVE_DELIVER: deliver(w, h, f); break;
    case LIVE_TICK: host_wake(&w->sim, h, &wake); break;
    case LIVE_CHILD: child(w, h, arg); break;
    case LIVE_FAIL:
        h->lane[arg].ok = false;
        end(w, h, arg);
        break;
    case LIVE_ORPHAN: orphan(w, h, arg); break;
    case LIVE_KILL: restart(w, h, false); break;
    case LIVE_POWER: restart(w, h, true); break;
    case LIVE_DISK: w->driver[h->self].disk_bad = true; break;
    case LIVE_SWITCH: host_order(&w->sim, h, HA_ORDER_SWITCH); break;
    case LIVE_TIME:
    case LIVE_OPS: break;
    }
}

/* Also of a situation that a story ends in. */
void live_end_at_once(struct live *w, unsigned host)
{
    struct host *h = &w->sim.host[host];
    while (!w->sim.violation[0] && h->lane[0].running && ends_at_once(h->lane[0].queue[0].kind)) {
        effect(w, h, 0);
        end(w, h, 0);
    }
}

void live_do(struct live *w, unsigned host, enum live_op op, unsigned arg, const struct flight *f)
{
    struct sim *s = &w->sim;
    struct host *h = &s->host[host], *other = &s->host[host ^ 1u];
    struct driver *d = &w->driver[host];
    bool bad = d->disk_bad;
    s->random = 1; /* what the simulator draws is the same each time */
    s->stores_failed = 0;
    s->plan.disk_fail = bad ? 1000 : 0;
    w->outs = 0;
    bool up = other->up;
    term_no target = other->target;
    other->up = true; /* the drain's end is the search's choice */
    other->target = h->source;
    happen(w, h, op, arg, f);
    live_collect(w, host);
    if (host < WITNESS)
        live_end_at_once(w, host);
    other->up = up;
    other->target = target;
    if (bad && s->stores_failed > 0)
        d->disk_bad = false;
    d->wake = host < WITNESS ? h->answer.wake : 0;
}

uint32_t live_may(const struct live *w, unsigned host)
{
    const struct host *h = &w->sim.host[host];
    const struct driver *d = &w->driver[host];
    uint32_t may = LIVE_MAY(LIVE_KILL) | (d->disk_bad ? 0 : LIVE_MAY(LIVE_DISK));
    if (host >= WITNESS)
        return may;
    may |= LIVE_MAY(LIVE_POWER);
    if (host_clock(&w->sim, h) >= d->wake)
        may |= LIVE_MAY(LIVE_TICK);
    if (h->ha.mode == HA_ACTING)
        may |= LIVE_MAY(LIVE_SWITCH);
    for (unsigned lane = 0; lane < 2; lane++) {
        if (h->lane[lane].running)
            may |= LIVE_MAY_LANE(LIVE_CHILD, lane);
        if (h->lane[lane].running && !d->effected[lane])
            may |= LIVE_MAY_LANE(LIVE_FAIL, lane);
        if (d->orphaned[lane])
            may |= LIVE_MAY_LANE(LIVE_ORPHAN, lane);
    }
    return may;
}

void live_home(struct live *w)
{
    for (unsigned i = 0; i < LIVE_HOSTS; i++) {
        struct host *h = &w->sim.host[i];
        h->os.now = &w->sim.now;
        h->folders = &h->os.capture[0];
    }
}
