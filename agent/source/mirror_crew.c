/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/source/mirror_crew.h"
#include "agent/source/job_queue.h"
#include "agent/source/mirror_compare.h"
#include "core/ring.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READERS    2u
#define JOBS       16u
#define ASKED_MOST 256u /* questions under way: they and their answers fit into the sockets' buffers */

struct mirror_reader {
    pthread_t thread;
    struct mirror_crew *crew;
    uint8_t *buffer;
};

struct mirror_crew {
    struct mirror_crew_config config;
    struct job_queue to_ask, to_read, done;
    struct mirror_job *spare; /* the sender's alone */
    unsigned jobs;
    struct mirror_reader reader[READERS];
    pthread_t asker;
    unsigned readers;
    bool asks;
    struct mirror_compare compare;
};

static void ring_bell(const struct mirror_crew *crew)
{
    uint64_t one = 1;
    if (write(crew->config.bell, &one, sizeof one) < 0)
        return; /* it is rung already as often as it can be */
}

static void finish(struct mirror_crew *crew, struct mirror_job *job)
{
    job->s1 = ring_tail(crew->config.ring);
    job_queue_put(&crew->done, job);
    ring_bell(crew);
}

static enum dr_code read_one(const struct mirror_crew *crew, struct mirror_job *job, struct mirror_reading *reading,
                             struct dr_error *err)
{
    if (reading->want == WANT_LIST)
        return lower_tree_list(crew->config.tree, job, reading, err);
    return lower_tree_read(crew->config.tree, job, reading, crew->config.hashes != NULL, err);
}

static void swap_buffers(struct mirror_job *job, uint8_t **own)
{
    uint8_t *buffer = job->buffer;
    job->buffer = *own;
    *own = buffer;
}

static bool has_data(const struct mirror_job *job)
{
    for (unsigned i = 0; i < job->count; i++)
        for (unsigned k = 0; k < job->reading[i].segments; k++)
            if (job->reading[i].segment[k].data)
                return true;
    return false;
}

/* It is read into the reader's own buffer, which the job takes along only if there is something to send: what was found
 * equal leaves no trace, and the next job is read into memory that the processor still has in its cache. */
static void read_job(const struct mirror_crew *crew, struct mirror_job *job, uint8_t **own)
{
    struct dr_error err;
    swap_buffers(job, own);
    for (unsigned i = 0; i < job->count; i++) {
        enum dr_code code = read_one(crew, job, &job->reading[i], &err);
        job->reading[i].gone = code == DR_NOT_FOUND;
        if (code && code != DR_NOT_FOUND)
            job->error = err;
    }
    if (!has_data(job))
        swap_buffers(job, own);
}

static void *reader_run(void *baton)
{
    struct mirror_reader *reader = baton;
    for (struct mirror_job *job; (job = job_queue_get(&reader->crew->to_read, true));) {
        read_job(reader->crew, job, &reader->buffer);
        finish(reader->crew, job);
    }
    return NULL;
}

/* ---- the one that asks for hashes ---- */

static void fail(struct mirror_crew *crew, struct mirror_job *job, const struct dr_error *err)
{
    job->error = *err;
    finish(crew, job);
}

static enum dr_code ask_more(struct mirror_crew *crew, bool wait, bool *ended, struct dr_error *err)
{
    struct mirror_job *job = job_queue_get(&crew->to_ask, wait);
    *ended = wait && !job;
    if (!job)
        return DR_OK;
    if (mirror_compare_wanted(job))
        return mirror_compare_ask(&crew->compare, job, err);
    job_queue_put(&crew->to_read, job);
    return DR_OK;
}

static enum dr_code take_answer(struct mirror_crew *crew, struct dr_error *err)
{
    struct mirror_job *job;
    enum dr_code code = mirror_compare_answer(&crew->compare, &job, err);
    if (job)
        job_queue_put(&crew->to_read, job);
    return code;
}

static void *asker_run(void *baton)
{
    struct mirror_crew *crew = baton;
    struct mirror_compare *compare = &crew->compare;
    struct dr_error err;
    bool ended = false;
    enum dr_code code = DR_OK;
    while (!code && !ended) {
        uint64_t waiting = compare->asked - compare->answered;
        if (waiting < ASKED_MOST)
            code = ask_more(crew, waiting == 0, &ended, &err);
        if (!code && compare->asked > compare->answered)
            code = take_answer(crew, &err);
    }
    for (struct mirror_job *job; (job = mirror_compare_give_up(compare));)
        fail(crew, job, &err);
    return NULL;
}

/* ---- the sender's side ---- */

static bool start_reader(struct mirror_crew *crew, struct mirror_reader *reader)
{
    reader->crew = crew;
    reader->buffer = malloc(MIRROR_BUFFER);
    if (reader->buffer && pthread_create(&reader->thread, NULL, reader_run, reader) == 0)
        return true;
    free(reader->buffer);
    return false;
}

enum dr_code mirror_crew_start(struct mirror_crew **out, const struct mirror_crew_config *config, struct dr_error *err)
{
    struct mirror_crew *crew = calloc(1, sizeof *crew);
    if (!crew)
        return dr_fail(err, DR_FULL, "no memory for a mirror");
    crew->config = *config;
    crew->compare = (struct mirror_compare){.conn = config->hashes, .ids = config->ids};
    job_queue_init(&crew->to_ask);
    job_queue_init(&crew->to_read);
    job_queue_init(&crew->done);
    while (crew->readers < READERS && start_reader(crew, &crew->reader[crew->readers]))
        crew->readers++;
    crew->asks = config->hashes && pthread_create(&crew->asker, NULL, asker_run, crew) == 0;
    *out = crew;
    if (crew->readers > 0 && crew->asks == (config->hashes != NULL))
        return DR_OK;
    mirror_crew_stop(crew, NULL, NULL);
    return dr_fail(err, DR_FULL, "cannot start the threads of a mirror");
}

static void drop_all(struct mirror_crew *crew, struct job_queue *queue,
                     void (*drop)(void *baton, struct mirror_job *job), void *baton)
{
    for (struct mirror_job *job; (job = job_queue_get(queue, false));) {
        drop(baton, job);
        mirror_crew_give_back(crew, job);
    }
    job_queue_destroy(queue);
}

void mirror_crew_stop(struct mirror_crew *crew, void (*drop)(void *baton, struct mirror_job *job), void *baton)
{
    if (!crew)
        return;
    job_queue_end(&crew->to_ask);
    if (crew->asks)
        pthread_join(crew->asker, NULL);
    job_queue_end(&crew->to_read);
    for (unsigned i = 0; i < crew->readers; i++) {
        pthread_join(crew->reader[i].thread, NULL);
        free(crew->reader[i].buffer);
    }
    drop_all(crew, &crew->to_ask, drop, baton);
    drop_all(crew, &crew->to_read, drop, baton);
    drop_all(crew, &crew->done, drop, baton);
    for (struct mirror_job *job; (job = crew->spare);) {
        crew->spare = job->next;
        mirror_job_free(job);
    }
    free(crew);
}

struct mirror_job *mirror_crew_spare(struct mirror_crew *crew)
{
    struct mirror_job *job = crew->spare;
    if (job) {
        crew->spare = job->next;
        return job;
    }
    if (crew->jobs == JOBS || !(job = mirror_job_new()))
        return NULL;
    crew->jobs++;
    return job;
}

void mirror_crew_submit(struct mirror_crew *crew, struct mirror_job *job)
{
    job_queue_put(crew->asks ? &crew->to_ask : &crew->to_read, job);
}

struct mirror_job *mirror_crew_done(struct mirror_crew *crew, uint64_t position)
{
    return job_queue_get_ready(&crew->done, position);
}

void mirror_crew_give_back(struct mirror_crew *crew, struct mirror_job *job)
{
    mirror_job_reset(job);
    job->next = crew->spare;
    crew->spare = job;
}
