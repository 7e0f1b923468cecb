/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/source/job_queue.h"

void job_queue_init(struct job_queue *queue)
{
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->filled, NULL);
    queue->first = queue->last = NULL;
    queue->ended = false;
}

void job_queue_put(struct job_queue *queue, struct mirror_job *job)
{
    pthread_mutex_lock(&queue->lock);
    job->next = NULL;
    if (queue->last)
        queue->last->next = job;
    else
        queue->first = job;
    queue->last = job;
    pthread_cond_signal(&queue->filled);
    pthread_mutex_unlock(&queue->lock);
}

/* The first whose s1 is not above `position`, taken out. Under the lock. */
static struct mirror_job *take(struct job_queue *queue, uint64_t position)
{
    struct mirror_job *former = NULL, *job = queue->first;
    while (job && job->s1 > position) {
        former = job;
        job = job->next;
    }
    if (!job)
        return NULL;
    if (former)
        former->next = job->next;
    else
        queue->first = job->next;
    if (queue->last == job)
        queue->last = former;
    return job;
}

struct mirror_job *job_queue_get(struct job_queue *queue, bool wait)
{
    pthread_mutex_lock(&queue->lock);
    while (wait && !queue->first && !queue->ended)
        pthread_cond_wait(&queue->filled, &queue->lock);
    struct mirror_job *job = wait && queue->ended ? NULL : take(queue, UINT64_MAX);
    pthread_mutex_unlock(&queue->lock);
    return job;
}

struct mirror_job *job_queue_get_ready(struct job_queue *queue, uint64_t position)
{
    pthread_mutex_lock(&queue->lock);
    struct mirror_job *job = take(queue, position);
    pthread_mutex_unlock(&queue->lock);
    return job;
}

void job_queue_end(struct job_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->ended = true;
    pthread_cond_broadcast(&queue->filled);
    pthread_mutex_unlock(&queue->lock);
}

void job_queue_destroy(struct job_queue *queue)
{
    pthread_cond_destroy(&queue->filled);
    pthread_mutex_destroy(&queue->lock);
}
