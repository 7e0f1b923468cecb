/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/source/source_parts.h"
#include "core/ring.h"
#include "platform/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define BACK_OFF_LEAST 100
#define BACK_OFF_MOST  2000

/* ---- the sender's thread ---- */

void source_ring_bell(const struct source *source)
{
    uint64_t one = 1;
    if (write(source->bell, &one, sizeof one) < 0)
        return; /* it is rung already as often as it can be */
}

/* True: stop. */
static bool rest(struct source *source, msec span)
{
    struct pollfd fd = {.fd = source->bell, .events = POLLIN};
    msec until = clock_now() + span;
    for (;;) {
        pthread_mutex_lock(&source->lock);
        bool stop = source->stop;
        pthread_mutex_unlock(&source->lock);
        msec left = until - clock_now();
        if (stop || left <= 0)
            return stop;
        uint64_t count;
        if (poll(&fd, 1, (int)left) > 0 && read(source->bell, &count, sizeof count) < 0)
            return false; /* hushed by nobody else: never */
    }
}

static void say_why(struct source *source, const struct dr_error *err)
{
    pthread_mutex_lock(&source->lock);
    source->status.phase = SOURCE_CONNECTING;
    snprintf(source->status.why, sizeof source->status.why, "%.*s", (int)sizeof source->status.why - 1, err->text);
    pthread_cond_broadcast(&source->moved);
    pthread_mutex_unlock(&source->lock);
}

static void *source_run(void *baton)
{
    struct source *source = baton;
    msec back_off = BACK_OFF_LEAST;
    do {
        struct dr_error err;
        msec begun = clock_now();
        session_run(source, &err);
        say_why(source, &err);
        /* A peer that is found and then leaves us at once is not asked more often than one that is not found. */
        back_off = clock_now() - begun > BACK_OFF_MOST ? BACK_OFF_LEAST : back_off * 2;
        back_off = back_off > BACK_OFF_MOST ? BACK_OFF_MOST : back_off;
    } while (!rest(source, back_off));
    return NULL;
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
    if (!code && pthread_create(&source->thread, NULL, source_run, source) != 0)
        code = dr_fail(err, DR_FULL, "cannot start the thread of a source");
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
    pthread_join(source->thread, NULL);
    source_free(source);
}
