/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/source/source_parts.h"
#include "core/ring.h"
#include "platform/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define BACK_OFF_LEAST 100
#define BACK_OFF_MOST  2000

/* ---- the sender ---- */

void source_ring_bell(const struct source *source)
{
    uint64_t one = 1;
    if (write(source->bell, &one, sizeof one) < 0)
        return; /* it is rung already as often as it can be */
}

static void say_why(struct source *source, const struct dr_error *err)
{
    pthread_mutex_lock(&source->lock);
    source->status.phase = SOURCE_CONNECTING;
    snprintf(source->status.why, sizeof source->status.why, "%.*s", (int)sizeof source->status.why - 1, err->text);
    pthread_cond_broadcast(&source->moved);
    pthread_mutex_unlock(&source->lock);
}

static bool is_stopped(struct source *source)
{
    pthread_mutex_lock(&source->lock);
    bool stopped = source->stop;
    pthread_mutex_unlock(&source->lock);
    return stopped;
}

/* A peer that is found and then leaves us at once is not asked more often than one that is not found. */
static struct errand_rest try_again(struct source *source, msec spent)
{
    if (source->wants_mirror)
        return (struct errand_rest){ERRAND_AGAIN, ERRAND_MIRROR, INT64_MAX};
    source->back_off = spent > BACK_OFF_MOST ? BACK_OFF_LEAST : source->back_off * 2;
    if (source->back_off > BACK_OFF_MOST)
        source->back_off = BACK_OFF_MOST;
    return (struct errand_rest){ERRAND_SLEEP, ERRAND_DIAL, clock_now() + source->back_off};
}

/* Dials as ERRAND_DIAL, or as ERRAND_MIRROR when it is known that a mirror follows; a mirror goes on as that to its
 * end; all else is ERRAND_SEND. */
static struct errand_rest carry(void *baton)
{
    struct source *source = baton;
    struct errand_rest next = {ERRAND_SLEEP, ERRAND_DIAL, INT64_MAX};
    struct dr_error err;
    enum dr_code code = DR_OK;
    if (is_stopped(source))
        return next;
    if (!source->session) {
        code = session_begin(&source->session, source, &err);
        source->begun = clock_now(); /* a dial that hung for long is not a session that lasted */
        if (!code && !source->session->plan && !errand_turn(source->errand, ERRAND_SEND))
            return (struct errand_rest){ERRAND_AGAIN, ERRAND_SEND, INT64_MAX};
    }
    if (!code)
        code = stream_carry(source->session, &next, &err);
    if (!code)
        return next;
    if (source->session)
        session_end(source->session);
    source->session = NULL;
    say_why(source, &err);
    return try_again(source, clock_now() - source->begun);
}

/* ---- the caller's side ---- */

static void source_free(struct source *source)
{
    limiter_destroy(&source->limiter);
    pthread_cond_destroy(&source->moved);
    pthread_mutex_destroy(&source->lock);
    if (source->bell >= 0)
        close(source->bell);
    if (source->stopped >= 0)
        close(source->stopped);
    free((char *)source->config.address);
    free(source);
}

static enum dr_code prepare(struct source *source, struct dr_error *err)
{
    if (!source->config.address || source->bell < 0 || source->stopped < 0)
        return dr_fail(err, DR_FULL, "no memory or no descriptor for a source: %s", strerror(errno));
    return lower_tree_open(&source->tree, source->feed.root, source->feed.paths, err);
}

static enum dr_code begin(struct source *source, struct dr_error *err)
{
    struct errand_config errand = {.carry = carry, .baton = source, .kind = ERRAND_DIAL};
    errand.descriptor[0] = source->feed.wake;
    errand.descriptor[1] = source->bell;
    return errand_begin(&source->errand, source->config.errands, &errand, err);
}

enum dr_code source_start_feed(struct source **out, const struct source_config *config, const struct source_feed *feed,
                               struct dr_error *err)
{
    pthread_condattr_t attr;
    struct source *source = calloc(1, sizeof *source);
    if (!source)
        return dr_fail(err, DR_FULL, "no memory for a source");
    source->config = *config;
    source->config.address = strdup(config->address);
    source->feed = *feed;
    source->back_off = BACK_OFF_LEAST;
    source->ids = (struct wire_ids){&source->tree, config->idmap};
    source->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    source->stopped = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    limiter_init(&source->limiter, config->rate);
    pthread_mutex_init(&source->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&source->moved, &attr);
    pthread_condattr_destroy(&attr);
    enum dr_code code = prepare(source, err);
    if (!code)
        code = begin(source, err);
    if (code) {
        source_free(source);
        return code;
    }
    *out = source;
    return DR_OK;
}

static uint64_t boot_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Under the lock, so that nothing is released meanwhile. */
static void fill_lag(struct source *source, struct source_status *status)
{
    const struct ring *ring = source->feed.ring;
    const struct record *oldest = ring_record(ring, ring_head(ring) + 1);
    status->tail = ring_tail(ring);
    status->lag_records = status->tail > ring_head(ring) ? status->tail - ring_head(ring) : 0;
    status->lag_bytes = ring_used(ring);
    status->lag_ms = 0;
    if (oldest && oldest->time_ns && boot_ns() > oldest->time_ns)
        status->lag_ms = (msec)((boot_ns() - oldest->time_ns) / 1000000);
}

void source_status(struct source *source, struct source_status *status)
{
    uint64_t sent, wire = 0, hashes = 0, received;
    pthread_mutex_lock(&source->lock);
    *status = source->status;
    fill_lag(source, status);
    if (source->conn)
        conn_counts(source->conn, &sent, &wire, &received);
    if (source->hashes)
        conn_counts(source->hashes, &sent, &hashes, &received);
    status->wire_bytes = source->wire_before + wire + hashes;
    pthread_mutex_unlock(&source->lock);
}

enum dr_code source_drain(struct source *source, uint64_t seq, msec limit, struct dr_error *err)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += limit / 1000;
    until.tv_nsec += limit % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    int late = 0;
    pthread_mutex_lock(&source->lock);
    while (!late && !(source->level && source->status.applied >= seq))
        late = pthread_cond_timedwait(&source->moved, &source->lock, &until);
    uint64_t applied = source->status.applied;
    pthread_mutex_unlock(&source->lock);
    if (late)
        return dr_fail(err, DR_TIMEOUT, "the peer has applied record %llu of %llu so far", (unsigned long long)applied,
                       (unsigned long long)seq);
    return DR_OK;
}

void source_stop(struct source *source)
{
    pthread_mutex_lock(&source->lock);
    source->stop = true;
    if (source->conn)
        conn_shut(source->conn);
    if (source->hashes)
        conn_shut(source->hashes);
    pthread_mutex_unlock(&source->lock);
    eventfd_write(source->stopped, 1);
    source_ring_bell(source);
    errand_end(source->errand);
    if (source->session)
        session_end(source->session);
    source_free(source);
}
