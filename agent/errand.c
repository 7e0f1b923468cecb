/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/errand_state.h"
#include "platform/clock.h"

#include <stdlib.h>

#define SLICE  20  /* ms; then others have their turn */
#define LINGER 200 /* ms; waking a worker costs a fraction of one */

/* ---- what an errand does next; under the lock ---- */

static void enqueue(struct errand *e)
{
    struct errand_queue *q = &e->all->queue[e->kind];
    e->next = NULL;
    if (q->last != NULL)
        q->last->next = e;
    else
        q->first = e;
    q->last = e;
    q->count++;
}

static void dequeue(struct errand *e)
{
    struct errand_queue *q = &e->all->queue[e->kind];
    struct errand *before = NULL, *at = q->first;
    for (; at != e; at = at->next)
        before = at;
    if (before != NULL)
        before->next = e->next;
    else
        q->first = e->next;
    if (q->last == e)
        q->last = before;
    q->count--;
}

void errand_make_ready(struct errand *e)
{
    errand_due_remove(e);
    e->state = ERRAND_READY;
    e->woken = false;
    e->ready_since = clock_now();
    enqueue(e);
}

static void park(struct errand *e, const struct errand_rest *rest)
{
    struct errands *all = e->all;
    e->state = ERRAND_PARKED;
    e->until = rest->until;
    errand_due_add(e);
    for (int i = 0; rest->next == ERRAND_PARK && i < ERRAND_DESCRIPTORS; i++)
        if (e->config.descriptor[i] >= 0)
            watch_arm(all->watch, e->config.descriptor[i], e);
    if (all->watching && e->until < all->watch_until) {
        all->watch_until = e->until; /* rung once is enough */
        watch_ring(all->watch);
    }
}

/* It may be among what the watching worker is about to hear of: then it goes when that has looked. */
static void bury(struct errand *e)
{
    struct errands *all = e->all;
    for (int i = 0; i < ERRAND_DESCRIPTORS; i++)
        if (e->config.descriptor[i] >= 0)
            watch_remove(all->watch, e->config.descriptor[i]);
    e->ended = true;
    e->next = all->dead;
    all->dead = e;
    all->count--;
    if (!all->watching)
        errand_bury(all);
}

void errand_bury(struct errands *all)
{
    while (all->dead != NULL) {
        struct errand *e = all->dead;
        all->dead = e->next;
        free(e);
    }
}

void errand_settle(struct errand *e, const struct errand_rest *rest)
{
    e->kind = rest->kind;
    if (e->ended)
        e->state = ERRAND_PARKED; /* whoever ends it waits for this */
    else if (rest->next == ERRAND_OVER)
        bury(e);
    else if (rest->next == ERRAND_AGAIN || e->woken)
        errand_make_ready(e);
    else
        park(e, rest);
}

/* ---- from outside ---- */

static enum dr_code watch_all(struct errand *e, struct dr_error *err)
{
    for (int i = 0; i < ERRAND_DESCRIPTORS; i++) {
        if (e->config.descriptor[i] < 0 || watch_add(e->all->watch, e->config.descriptor[i], e, err) == DR_OK)
            continue;
        while (i-- > 0)
            if (e->config.descriptor[i] >= 0)
                watch_remove(e->all->watch, e->config.descriptor[i]);
        return err->code;
    }
    return DR_OK;
}

/* Under the lock: nobody hears of it before it is in its queue. */
static enum dr_code begin(struct errand *e, struct dr_error *err)
{
    struct errands *all = e->all;
    if (!errand_due_room(all, all->count + 1))
        return dr_fail(err, DR_FULL, "no memory for %u sessions", all->count + 1);
    enum dr_code code = watch_all(e, err);
    if (code != DR_OK)
        return code;
    all->count++;
    errand_make_ready(e);
    errands_call(all);
    return DR_OK;
}

enum dr_code errand_begin(struct errand **out, struct errands *all, const struct errand_config *config,
                          struct dr_error *err)
{
    struct errand *e = calloc(1, sizeof *e);
    if (e == NULL)
        return dr_fail(err, DR_FULL, "no memory for a session");
    e->all = all;
    e->config = *config;
    e->kind = config->kind;
    pthread_mutex_lock(&all->lock);
    *out = e; /* before it is carried */
    enum dr_code code = begin(e, err);
    pthread_mutex_unlock(&all->lock);
    if (code != DR_OK) {
        *out = NULL;
        free(e);
    }
    return code;
}

void errand_wake(struct errand *e)
{
    struct errands *all = e->all;
    pthread_mutex_lock(&all->lock);
    if (e->state == ERRAND_CARRIED) {
        e->woken = true;
    } else if (e->state == ERRAND_PARKED && !e->ended) {
        errand_make_ready(e);
        errands_call(all);
    }
    pthread_mutex_unlock(&all->lock);
}

void errand_end(struct errand *e)
{
    struct errands *all = e->all;
    pthread_mutex_lock(&all->lock);
    e->ended = true;
    while (e->state == ERRAND_CARRIED)
        pthread_cond_wait(&all->left, &all->lock);
    if (e->state == ERRAND_READY)
        dequeue(e);
    errand_due_remove(e);
    bury(e);
    pthread_mutex_unlock(&all->lock);
}

/* ---- from its own carry() ---- */

static bool is_pressed(struct errand *e)
{
    pthread_mutex_lock(&e->all->lock);
    bool pressed = e->all->queue[e->kind].count > 0;
    pthread_mutex_unlock(&e->all->lock);
    return pressed;
}

bool errand_may_go_on(struct errand *e, msec began)
{
    return clock_now() - began < SLICE || !is_pressed(e);
}

bool errand_may_linger(struct errand *e, msec worked)
{
    return clock_now() - worked < LINGER && !is_pressed(e);
}

bool errand_turn(struct errand *e, enum errand_kind kind)
{
    struct errands *all = e->all;
    struct errand_queue *to = &all->queue[kind];
    pthread_mutex_lock(&all->lock);
    /* Those that wait already come first. */
    bool room = e->kind == kind || (to->carried < to->most && to->count == 0);
    if (room) {
        all->queue[e->kind].carried--;
        to->carried++;
        e->kind = kind;
        errands_call(all);
    }
    pthread_mutex_unlock(&all->lock);
    return room;
}

unsigned errand_most(const struct errand *e, enum errand_kind kind)
{
    return e->all->queue[kind].most;
}
