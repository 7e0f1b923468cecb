/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/rule/worker.h"
#include "agent/stint.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define IDLE_S 2 /* a thread without work ends: a thousand rules are mostly idle */

struct worker {
    void (*carry)(void *baton, const struct command *command);
    void *baton;
    int stop;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t change;
    struct stint stint;
    bool ending, busy;
    enum ha_command_kind doing;
    struct command queue[WORKER_QUEUE];
    unsigned first, count;
};

/* Takes the next command; the wish to stop the last one is forgotten. False: the end, or long nothing to do. */
static bool take(struct worker *w, struct command *command)
{
    eventfd_t old;
    pthread_mutex_lock(&w->lock);
    w->busy = false;
    pthread_cond_broadcast(&w->change);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += IDLE_S;
    int late = 0;
    while (w->count == 0 && !w->ending && late == 0)
        late = pthread_cond_timedwait(&w->change, &w->lock, &until);
    bool go_on = !w->ending && w->count > 0;
    if (!go_on) {
        stint_end(&w->stint);
    } else {
        *command = w->queue[w->first];
        w->first = (w->first + 1) % WORKER_QUEUE;
        w->count--;
        w->busy = true;
        w->doing = command->kind;
        (void)eventfd_read(w->stop, &old); /* not readable: nobody wished */
    }
    pthread_mutex_unlock(&w->lock);
    return go_on;
}

static void *run(void *baton)
{
    struct worker *w = baton;
    struct command command;
    while (take(w, &command))
        w->carry(w->baton, &command);
    return NULL;
}

enum dr_code worker_create(struct worker **out, void (*carry)(void *baton, const struct command *command), void *baton,
                           struct dr_error *err)
{
    struct worker *w = calloc(1, sizeof *w);
    int stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w == NULL || stop < 0) {
        free(w);
        return dr_fail(err, DR_FULL, "no memory or descriptors for the worker of a rule");
    }
    w->carry = carry;
    w->baton = baton;
    w->stop = stop;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->change, &monotonic);
    pthread_condattr_destroy(&monotonic);
    *out = w;
    return DR_OK;
}

enum dr_code worker_post(struct worker *w, const struct command *command, struct dr_error *err)
{
    pthread_mutex_lock(&w->lock);
    bool started = stint_begin(&w->stint, run, w);
    bool room = started && w->count < WORKER_QUEUE;
    if (room) {
        w->queue[(w->first + w->count) % WORKER_QUEUE] = *command;
        w->count++;
        pthread_cond_broadcast(&w->change);
    }
    pthread_mutex_unlock(&w->lock);
    if (!started)
        return dr_fail(err, DR_FULL, "cannot start a thread for the resources of a rule: raise the limit of tasks");
    if (!room)
        return dr_fail(err, DR_FULL, "%d commands of a rule wait already: what hangs is in its status", WORKER_QUEUE);
    return DR_OK;
}

/* Under the lock. */
static void wish_end(struct worker *w)
{
    if (w->busy)
        eventfd_write(w->stop, 1);
}

void worker_clear(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->count = 0;
    wish_end(w);
    pthread_mutex_unlock(&w->lock);
}

void worker_quiet(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->count = 0;
    wish_end(w);
    while (w->busy)
        pthread_cond_wait(&w->change, &w->lock);
    pthread_mutex_unlock(&w->lock);
}

void worker_interrupt(struct worker *w, enum ha_command_kind kind)
{
    pthread_mutex_lock(&w->lock);
    if (w->busy && w->doing == kind)
        wish_end(w);
    pthread_mutex_unlock(&w->lock);
}

int worker_stop(const struct worker *w)
{
    return w->stop;
}

void worker_end(struct worker *w)
{
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    wish_end(w);
    pthread_cond_broadcast(&w->change);
    pthread_mutex_unlock(&w->lock);
    stint_join(&w->stint);
}

void worker_destroy(struct worker *w)
{
    if (w == NULL)
        return;
    worker_end(w);
    close(w->stop);
    pthread_cond_destroy(&w->change);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
