/* SPDX-License-Identifier: Apache-2.0 */
#include "console/http/workers.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct worker {
    struct workers *all;
    void *own;
    pthread_t thread;
};

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t some;
    workers_job *run;
    void *queue[WORKERS_QUEUE];
    unsigned first, queued, count;
    bool ends;
    struct worker worker[WORKERS_MAX];
};

/* NULL: the end, and nothing is left. */
static void *take(struct workers *workers)
{
    void *job = NULL;
    pthread_mutex_lock(&workers->lock);
    while (workers->queued == 0 && !workers->ends)
        pthread_cond_wait(&workers->some, &workers->lock);
    if (workers->queued > 0) {
        job = workers->queue[workers->first];
        workers->first = (workers->first + 1) % WORKERS_QUEUE;
        workers->queued--;
    }
    pthread_mutex_unlock(&workers->lock);
    return job;
}

static void *work(void *baton)
{
    struct worker *worker = baton;
    void *job;
    while ((job = take(worker->all)) != NULL)
        worker->all->run(worker->own, job);
    return NULL;
}

enum dr_code workers_start(struct workers **made, workers_job *run, void *const *own, unsigned count,
                           struct dr_error *err)
{
    struct workers *workers = *made = calloc(1, sizeof *workers);
    if (workers == NULL)
        return dr_fail(err, DR_FULL, "no memory for %u workers", count);
    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->some, NULL);
    workers->run = run;
    for (unsigned i = 0; i < count && i < WORKERS_MAX; i++) {
        struct worker *worker = &workers->worker[i];
        *worker = (struct worker){.all = workers, .own = own[i]};
        int status = pthread_create(&worker->thread, NULL, work, worker);
        if (status != 0) {
            workers_stop(workers);
            *made = NULL;
            return dr_fail(err, DR_FULL, "cannot start worker %u: %s", i + 1, strerror(status));
        }
        workers->count++;
    }
    return DR_OK;
}

bool workers_give(struct workers *workers, void *job)
{
    pthread_mutex_lock(&workers->lock);
    bool room = workers->queued < WORKERS_QUEUE;
    if (room)
        workers->queue[(workers->first + workers->queued++) % WORKERS_QUEUE] = job;
    pthread_cond_signal(&workers->some);
    pthread_mutex_unlock(&workers->lock);
    return room;
}

void workers_stop(struct workers *workers)
{
    if (workers == NULL)
        return;
    pthread_mutex_lock(&workers->lock);
    workers->ends = true;
    pthread_cond_broadcast(&workers->some);
    pthread_mutex_unlock(&workers->lock);
    for (unsigned i = 0; i < workers->count; i++)
        pthread_join(workers->worker[i].thread, NULL);
    pthread_cond_destroy(&workers->some);
    pthread_mutex_destroy(&workers->lock);
    free(workers);
}
