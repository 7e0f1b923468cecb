/* SPDX-License-Identifier: Apache-2.0
 * tests/sim/world.c - true time, the order of events, and each machine's own idea of time. */
#include "tests/sim/sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* xorshift64*: the same on every machine. */
uint64_t sim_draw(struct sim *s, uint64_t below)
{
    s->random ^= s->random >> 12;
    s->random ^= s->random << 25;
    s->random ^= s->random >> 27;
    return below ? (s->random * 0x2545f4914f6cdd1du >> 11) % below : 0;
}

bool sim_chance(struct sim *s, unsigned per_1000)
{
    return per_1000 > 0 && sim_draw(s, 1000) < per_1000;
}

unsigned sim_hosts(const struct sim *s)
{
    return WITNESS + s->plan.arbiters;
}

char host_name(unsigned host)
{
    return "AB123456789abc"[host];
}

void sim_trace(struct sim *s, const struct host *h, const char *format, ...)
{
    if (!s->trace)
        return;
    printf("%10.6f %c %10lld  ", (double)s->now / SECOND, h ? host_name(h->self) : ' ',
           h ? (long long)host_clock(s, h) : 0LL);
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

void sim_violated(struct sim *s, const char *format, ...)
{
    if (s->violation[0])
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(s->violation, sizeof s->violation, format, args);
    va_end(args);
    sim_trace(s, NULL, "VIOLATED: %s", s->violation);
}

msec host_clock(const struct sim *s, const struct host *h)
{
    (void)s;
    return fake_clock(&h->os);
}

/* ---- events, earliest first; those of one instant in the order in which they were posted ---- */

static bool before(const struct event *a, const struct event *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(struct event *a, struct event *b)
{
    struct event t = *a;
    *a = *b;
    *b = t;
}

static void grow(struct sim *s)
{
    s->room = s->room ? s->room * 2 : 256;
    struct event *heap = realloc(s->heap, s->room * sizeof *heap);
    if (!heap) {
        fputs("sim: out of memory\n", stderr);
        exit(2);
    }
    s->heap = heap;
}

void sim_post(struct sim *s, usec at, struct event event)
{
    if (s->events == s->room)
        grow(s);
    event.at = at > s->now ? at : s->now;
    event.order = ++s->order;
    size_t i = s->events++;
    s->heap[i] = event;
    for (; i > 0 && before(&s->heap[i], &s->heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&s->heap[i], &s->heap[(i - 1) / 2]);
}

static struct event take_first(struct sim *s)
{
    struct event first = s->heap[0];
    s->heap[0] = s->heap[--s->events];
    for (size_t i = 0, child; (child = 2 * i + 1) < s->events; i = child) {
        if (child + 1 < s->events && before(&s->heap[child + 1], &s->heap[child]))
            child++;
        if (!before(&s->heap[child], &s->heap[i]))
            break;
        swap(&s->heap[i], &s->heap[child]);
    }
    return first;
}

/* ---- running ---- */

/* Needs the process: waits while that stands still. */
static bool needs_process(enum event_kind kind)
{
    return kind == EVENT_WAKE || kind == EVENT_MESSAGE || kind == EVENT_DONE;
}

static void dispatch(struct sim *s, struct event *e)
{
    struct host *h = &s->host[e->host];
    switch (e->kind) {
    case EVENT_WAKE: host_wake(s, h, e); break;
    case EVENT_MESSAGE: host_message(s, h, e); break;
    case EVENT_EFFECT: worker_effect(s, h, e); break;
    case EVENT_DONE: host_done(s, h, e); break;
    case EVENT_RESUME: host_resume(s, h); break;
    case EVENT_FAULT: fault_happen(s); break;
    case EVENT_START: host_start(s, h); break;
    case EVENT_REPLICATION: world_replication(s); break;
    case EVENT_OBJECT: object_happen(s); break;
    case EVENT_CUT: isolate(s, e->from); break;
    case EVENT_STORE: store_event(s, h, e); break;
    }
}

static bool of_a_former_life(const struct sim *s, const struct event *e)
{
    bool lives_on = e->kind == EVENT_MESSAGE || e->kind == EVENT_EFFECT || e->kind == EVENT_FAULT ||
                    e->kind == EVENT_REPLICATION || e->kind == EVENT_CUT || e->kind == EVENT_OBJECT ||
                    e->kind == EVENT_STORE;
    return !lives_on && e->life != s->host[e->host].life;
}

void sim_run(struct sim *s, usec until)
{
    while (!s->violation[0] && s->events > 0 && s->heap[0].at <= until) {
        struct event e = take_first(s);
        s->now = e.at;
        for (unsigned i = 0; i < 2; i++)
            host_watchdog(s, &s->host[i]);
        struct host *h = &s->host[e.host];
        bool waits = needs_process(e.kind) && h->up && (fake_stalled(&h->os) || h->pending);
        if (waits && !of_a_former_life(s, &e)) {
            sim_post(s, (fake_stalled(&h->os) ? h->os.stalled_until : s->now) + 1, e);
            continue;
        }
        if (!of_a_former_life(s, &e))
            dispatch(s, &e);
        free(e.message);
        check_instant(s);
    }
    if (!s->violation[0] && s->now < until)
        s->now = until;
}

void sim_begin(struct sim *s, uint64_t seed, const struct plan *plan, bool trace)
{
    *s = (struct sim){.seed = seed, .random = seed * 2 + 1, .trace = trace, .plan = *plan};
    for (unsigned i = 0; i < 8; i++)
        sim_draw(s, 1);
    for (unsigned i = 0; i < sim_hosts(s); i++) {
        struct host *h = &s->host[i];
        h->self = i;
        host_make(s, h);
        host_lose_store(s, h);
        sim_post(s, (usec)sim_draw(s, 2 * SECOND), (struct event){.kind = EVENT_START, .host = i});
    }
    tape_begin(s);
    sim_post(s, SECOND, (struct event){.kind = EVENT_REPLICATION});
    if (plan->faults_until > 0)
        sim_post(s, 5 * SECOND, (struct event){.kind = EVENT_FAULT});
    if (plan->objects_every > 0)
        sim_post(s, 10 * SECOND, (struct event){.kind = EVENT_OBJECT});
}

void sim_end(struct sim *s)
{
    for (size_t i = 0; i < s->events; i++)
        free(s->heap[i].message);
    free(s->heap);
    s->heap = NULL;
}
