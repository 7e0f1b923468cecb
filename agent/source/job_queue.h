/* SPDX-License-Identifier: Apache-2.0
 * agent/source/job_queue.h - a queue of jobs between threads. */
#ifndef DR_AGENT_JOB_QUEUE_H
#define DR_AGENT_JOB_QUEUE_H

#include "agent/source/mirror_job.h"

#include <pthread.h>

struct job_queue {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct mirror_job *first, *last;
    bool ended;
};

void job_queue_init(struct job_queue *queue);
void job_queue_put(struct job_queue *queue, struct mirror_job *job);
/* Waits for one if `wait`; NULL: none, or ended. */
struct mirror_job *job_queue_get(struct job_queue *queue, bool wait);
/* The first whose s1 is not above `position`. */
struct mirror_job *job_queue_get_ready(struct job_queue *queue, uint64_t position);
/* Those who wait come back with nothing, now and from now on; what is in the queue stays for job_queue_get(). */
void job_queue_end(struct job_queue *queue);
void job_queue_destroy(struct job_queue *queue);

#endif
