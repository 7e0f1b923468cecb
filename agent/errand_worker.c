/* SPDX-License-Identifier: Apache-2.0
 * agent/errand_worker.c - the workers. One of them watches; the one that sees something takes it, and calls another one
 * to watch. One more rests, so that calling is quick; others end when they have had nothing to do for a while. */
#include "agent/errand_state.h"
#include "platform/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define REST_S     2     /* a worker without work ends */
#define WINDOW     1000  /* ms */
#define SEEN_MOST  64    /* at once */
#define WAIT_LONG  2000  /* ms for a worker: worth a word ... */
#define SAY_EVERY  60000 /* ... so often */
#define LOOK_EVERY 1000  /* ms, while something waits for a worker */

static const struct {
    const char *does;
    unsigned most;
} kinds[ERRAND_KINDS] = {[ERRAND_HEAR] = {"hear acknowledgements", 16},
                         [ERRAND_TELL] = {"acknowledge", 16},
                         [ERRAND_SEND] = {"send", 32},
                         [ERRAND_RECEIVE] = {"receive", 32},
                         [ERRAND_DIAL] = {"connect", 32},
                         [ERRAND_MIRROR] = {"mirror", 16}};

/* ---- who works; under the lock ---- */

static bool has_room(const struct errand_queue *q)
{
    return q->count > 0 && q->carried < q->most;
}

/* How many workers could take something now. */
static unsigned work_there(const struct errands *all)
{
    unsigned sum = 0;
    for (int kind = 0; kind < ERRAND_KINDS; kind++) {
        const struct errand_queue *q = &all->queue[kind];
        unsigned room = q->most - q->carried;
        sum += q->count < room ? q->count : room;
    }
    return sum;
}

static void *work(void *baton);

static bool hire(struct errands *all)
{
    pthread_attr_t detached;
    pthread_t thread;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    bool hired = pthread_create(&thread, &detached, work, all) == 0;
    pthread_attr_destroy(&detached);
    all->threads += hired;
    all->coming += hired;
    return hired;
}

/* Where the system gives no thread, those that are there come to it when they are done. */
void errands_call(struct errands *all)
{
    if (all->coming >= work_there(all) + !all->watching)
        return;
    if (all->resting == all->called) {
        (void)hire(all);
        return;
    }
    all->called++;
    all->coming++;
    pthread_cond_signal(&all->work);
}

static struct errand *take(struct errands *all)
{
    for (unsigned i = 0; i < ERRAND_KINDS; i++) {
        struct errand_queue *q = &all->queue[(all->turn + i) % ERRAND_KINDS];
        if (!has_room(q))
            continue;
        struct errand *e = q->first;
        q->first = e->next;
        if (q->first == NULL)
            q->last = NULL;
        q->count--;
        q->carried++;
        e->state = ERRAND_CARRIED;
        all->turn = (all->turn + i + 1) % ERRAND_KINDS;
        return e;
    }
    return NULL;
}

/* Lets go of the lock meanwhile. */
static void carry(struct errands *all, struct errand *e)
{
    errands_call(all);
    struct errand_config config = e->config;
    pthread_mutex_unlock(&all->lock);
    struct errand_rest rest = config.carry(config.baton);
    pthread_mutex_lock(&all->lock);
    all->queue[e->kind].carried--;
    errand_settle(e, &rest);
    pthread_cond_broadcast(&all->left);
    if (rest.next != ERRAND_OVER)
        return;
    pthread_mutex_unlock(&all->lock);
    config.over(config.baton);
    pthread_mutex_lock(&all->lock);
}

/* ---- watching ---- */

/* Lets go of the lock meanwhile. */
static void say_waiting(struct errands *all, enum errand_kind kind, msec now)
{
    struct errand_queue *q = &all->queue[kind];
    char line[256];
    if (q->count == 0 || now - q->first->ready_since < WAIT_LONG || (q->said != 0 && now - q->said < SAY_EVERY))
        return;
    q->said = now;
    snprintf(line, sizeof line,
             "%u sessions wait to %s, the first of them for %" PRId64 " ms: %u at once do that, and all are busy",
             q->count, kinds[kind].does, now - q->first->ready_since, q->most);
    pthread_mutex_unlock(&all->lock);
    all->config.say(all->config.baton, line);
    pthread_mutex_lock(&all->lock);
}

static bool anything_waits(const struct errands *all)
{
    unsigned count = 0;
    for (int kind = 0; kind < ERRAND_KINDS; kind++)
        count += all->queue[kind].count;
    return count > 0;
}

static void look_round(struct errands *all, void **seen, unsigned count)
{
    msec now = clock_now();
    for (unsigned i = 0; i < count; i++) {
        struct errand *e = seen[i];
        if (e->state == ERRAND_PARKED && !e->ended)
            errand_make_ready(e);
    }
    while (all->dues > 0 && all->due[0]->until <= now)
        errand_make_ready(all->due[0]);
    errand_bury(all);
    for (int kind = 0; all->config.say != NULL && kind < ERRAND_KINDS; kind++)
        say_waiting(all, (enum errand_kind)kind, now);
}

/* Lets go of the lock meanwhile. */
static void watch(struct errands *all)
{
    void *seen[SEEN_MOST];
    msec now = clock_now(), until = all->dues > 0 ? all->due[0]->until : INT64_MAX;
    if (anything_waits(all) && until > now + LOOK_EVERY)
        until = now + LOOK_EVERY;
    all->watching = true;
    all->watch_until = until;
    pthread_mutex_unlock(&all->lock);
    unsigned count = watch_wait(all->watch, seen, SEEN_MOST, until == INT64_MAX ? INT64_MAX : until - now);
    pthread_mutex_lock(&all->lock);
    all->watching = false;
    look_round(all, seen, count);
}

/* ---- a worker ---- */

/* Those that are called are not always the same: so it is the least that rested within a window of time that says how
 * many are too many. True: this one is. */
static bool is_too_many(struct errands *all)
{
    msec now = clock_now();
    if (now >= all->window_end) {
        all->too_many = all->least_resting > 1 ? all->least_resting - 1 : 0;
        all->least_resting = all->resting;
        all->window_end = now + WINDOW;
    }
    if (all->too_many == 0 || all->resting == 0)
        return false;
    all->too_many--;
    return true;
}

/* False: there was nothing to do for long. */
static bool rest(struct errands *all)
{
    struct timespec until;
    int late = 0;
    if (is_too_many(all))
        return false;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += REST_S;
    all->resting++;
    while (all->called == 0 && !all->ending && late == 0)
        late = pthread_cond_timedwait(&all->work, &all->lock, &until);
    all->resting--;
    if (all->resting < all->least_resting)
        all->least_resting = all->resting;
    if (all->called == 0)
        return all->resting == 0; /* one stays */
    all->called--;
    all->coming--;
    return true;
}

static void *work(void *baton)
{
    struct errands *all = baton;
    bool stay = true;
    pthread_mutex_lock(&all->lock);
    all->coming--;
    while (stay && !all->ending) {
        struct errand *e = take(all);
        if (e != NULL)
            carry(all, e);
        else if (!all->watching)
            watch(all);
        else
            stay = rest(all);
    }
    all->threads--;
    pthread_cond_broadcast(&all->left);
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

/* ---- all of them ---- */

enum dr_code errands_create(struct errands **out, const struct errands_config *config, struct dr_error *err)
{
    struct errands *all = calloc(1, sizeof *all);
    if (all == NULL)
        return dr_fail(err, DR_FULL, "no memory for sessions");
    all->config = *config;
    for (int kind = 0; kind < ERRAND_KINDS; kind++)
        all->queue[kind].most = config->most[kind] ? config->most[kind] : kinds[kind].most;
    if (watch_open(&all->watch, err) != DR_OK) {
        free(all);
        return err->code;
    }
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&all->work, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_cond_init(&all->left, NULL);
    pthread_mutex_init(&all->lock, NULL);
    pthread_mutex_lock(&all->lock);
    bool hired = hire(all);
    pthread_mutex_unlock(&all->lock);
    if (!hired) {
        errands_destroy(all);
        return dr_fail(err, DR_FULL, "cannot start a thread for sessions: raise the limit of tasks");
    }
    *out = all;
    return DR_OK;
}

void errands_destroy(struct errands *all)
{
    if (all == NULL)
        return;
    pthread_mutex_lock(&all->lock);
    all->ending = true;
    pthread_cond_broadcast(&all->work);
    watch_ring(all->watch);
    while (all->threads > 0)
        pthread_cond_wait(&all->left, &all->lock);
    errand_bury(all);
    pthread_mutex_unlock(&all->lock);
    pthread_cond_destroy(&all->work);
    pthread_cond_destroy(&all->left);
    pthread_mutex_destroy(&all->lock);
    watch_close(all->watch);
    free(all->due);
    free(all);
}

unsigned errands_threads(struct errands *all)
{
    pthread_mutex_lock(&all->lock);
    unsigned threads = all->threads;
    pthread_mutex_unlock(&all->lock);
    return threads;
}
