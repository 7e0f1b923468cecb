/* SPDX-License-Identifier: Apache-2.0
 * The two threads: one makes batches durable, one makes them true. A failure (a full disk, mostly) stops them where
 * they are, is named in the progress, and is tried again until it is gone: nothing is dropped. */
#include "agent/target/state.h"
#include "platform/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define IDLE_MS        1000 /* without work a thread ends */
#define SETTLE_IDLE_MS 1000
#define TICK_MS        250
#define RETRY_FIRST_MS 100
#define RETRY_MOST_MS  2000

void work_wait(struct target *t, msec limit)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(limit / 1000);
    until.tv_nsec += (long)(limit % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&t->changed, &t->lock, &until);
}

/* ---- trouble ---- */

/* Names the trouble and waits before the next attempt; false: there is none, the target closes. With the lock held. */
static bool retry_later(struct target *t, const struct dr_error *err, msec *pause)
{
    snprintf(t->broken, sizeof t->broken, "%.*s", (int)sizeof t->broken - 1, err->text);
    target_changed(t);
    msec until = clock_now() + *pause;
    while (!t->stopping && clock_now() < until)
        work_wait(t, until - clock_now());
    *pause = *pause * 2 < RETRY_MOST_MS ? *pause * 2 : RETRY_MOST_MS;
    return !t->stopping;
}

static void recovered(struct target *t)
{
    t->broken[0] = '\0';
    target_changed(t);
}

/* ---- the logger ---- */

static bool log_batch(struct target *t, struct batch *b)
{
    struct chunk k = {
        .stream = b->stream, .first = b->first, .last = b->last, .bytes = b->bytes + CHUNK_HEAD, .size = b->used};
    struct dr_error err;
    bool ok = true, failed = false;
    for (msec pause = RETRY_FIRST_MS; ok && b->used && journal_append(t->log, b->bytes, &k, &err) != DR_OK;) {
        pthread_mutex_lock(&t->lock);
        ok = retry_later(t, &err, &pause);
        pthread_mutex_unlock(&t->lock);
        failed = true;
    }
    pthread_mutex_lock(&t->lock);
    if (ok && failed)
        recovered(t);
    if (ok && b->used)
        t->durable = b->last;
    pthread_mutex_unlock(&t->lock);
    return ok;
}

static void *logger(void *baton)
{
    struct target *t = baton;
    pthread_mutex_lock(&t->lock);
    msec idle = clock_now();
    while (!t->stopping) {
        struct batch *b = queue_take_to_log(&t->queue);
        if (!b && clock_now() - idle >= IDLE_MS && !t->queue.busy)
            break;
        if (!b) {
            work_wait(t, IDLE_MS);
            continue;
        }
        pthread_mutex_unlock(&t->lock);
        bool ok = !b->logged || log_batch(t, b);
        pthread_mutex_lock(&t->lock);
        if (ok)
            queue_logged(&t->queue, b);
        target_changed(t);
        idle = clock_now();
    }
    stint_end(&t->logger);
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

/* ---- the applier ---- */

enum dr_code work_apply(struct target *t, const struct record *r, const uint8_t *body, struct dr_error *err)
{
    if (r->op == RECORD_MIRROR_BEGIN)
        return recovery_mixed(t, r, err);
    if (r->op == RECORD_MIRROR_END)
        return recovery_level(t, r, err);
    struct change c = change_of(r, body);
    return apply(&t->tree, &c, err);
}

static void give_up(struct target *t, const struct dr_error *err)
{
    struct dr_error second;
    pthread_mutex_lock(&t->lock);
    t->lost = true;
    snprintf(t->broken, sizeof t->broken, "%.*s", (int)sizeof t->broken - 1, err->text);
    pthread_mutex_unlock(&t->lock);
    msec pause = RETRY_FIRST_MS;
    while (recovery_lost(t, &second) != DR_OK) {
        pthread_mutex_lock(&t->lock);
        bool again = retry_later(t, &second, &pause);
        pthread_mutex_unlock(&t->lock);
        if (!again)
            return;
    }
}

/* false: the target closes, or is lost. */
static void name_trouble(struct dr_error *err, const struct record *r)
{
    (void)dr_within(err, "applying record %" PRIu64 " (%s)", r->seq, record_op_name(r->op));
    size_t used = strlen(err->text);
    if (err->code == DR_FULL)
        snprintf(err->text + used, sizeof err->text - used, ": make room in the rule's folders");
}

static bool apply_record(struct target *t, const struct record *r, const uint8_t *body)
{
    struct dr_error err;
    enum dr_code code = work_apply(t, r, body, &err);
    if (!code)
        return true;
    bool again = true;
    for (msec pause = RETRY_FIRST_MS; code && again; code = again ? work_apply(t, r, body, &err) : code) {
        if (code == DR_CORRUPT || code == DR_PROTOCOL) {
            give_up(t, &err);
            return false;
        }
        name_trouble(&err, r);
        pthread_mutex_lock(&t->lock);
        again = retry_later(t, &err, &pause);
        pthread_mutex_unlock(&t->lock);
    }
    pthread_mutex_lock(&t->lock);
    if (!code)
        recovered(t);
    pthread_mutex_unlock(&t->lock);
    return !code;
}

/* *last: the last record of the stream in it, if there is one (op 0: none). */
static bool apply_batch(struct target *t, struct batch *b, struct record *last)
{
    struct cursor c = cursor_reading(b->bytes + CHUNK_HEAD, b->used);
    struct record r;
    const uint8_t *body;
    last->op = 0;
    t->tree.now = clock_now();
    while (cursor_left(&c) && record_decode(&c, &r, &body)) {
        if (!apply_record(t, &r, body))
            return false;
        if (r.op < RECORD_MIRROR_BEGIN)
            *last = r;
    }
    return true;
}

static void applied(struct target *t, const struct batch *b, const struct record *last)
{
    if (b->used) {
        t->applied = b->last;
        t->log_bytes += b->used;
        if (t->mixed)
            t->durable = b->last;
    }
    if (b->frame)
        t->applied_frame = b->frame;
    if (last->op) {
        t->record_term = last->term;
        t->ended = last->op == RECORD_END_OF_TERM;
    }
}

/* One batch; false when there is none. With the lock held. */
static bool work_off(struct target *t)
{
    struct batch *b = queue_take_to_apply(&t->queue);
    if (!b)
        return false;
    bool ok = false;
    struct record last;
    if (!t->lost) {
        pthread_mutex_unlock(&t->lock);
        ok = apply_batch(t, b, &last);
        pthread_mutex_lock(&t->lock);
    }
    if (ok)
        applied(t, b, &last);
    if (ok && !b->logged)
        writeback_add(&t->writeback, b->used);
    queue_applied(&t->queue, b);
    target_changed(t);
    return true;
}

/* ---- what is due from time to time ---- */

/* One has to be made, now or in a while. */
static bool checkpoint_missing(const struct target *t, const struct rhythm *r)
{
    if (t->lost)
        return false;
    return t->checkpoints_wanted != t->checkpoints_done || r->failed || (!t->mixed && t->applied != t->saved.seq);
}

static bool checkpoint_due(const struct target *t, const struct rhythm *r, msec now)
{
    if (t->lost || (r->failed && now < r->last_checkpoint + r->pause))
        return false;
    if (t->checkpoints_wanted != t->checkpoints_done || r->failed)
        return true;
    if (t->mixed || t->applied == t->saved.seq)
        return false;
    return t->log_bytes >= CHECKPOINT_BYTES_MAX || now - r->last_checkpoint >= t->config.checkpoint_every;
}

/* With the lock held; lets go of it meanwhile. */
static void checkpoint(struct target *t, struct rhythm *r)
{
    struct dr_error err;
    unsigned wanted = t->checkpoints_wanted;
    pthread_mutex_unlock(&t->lock);
    enum dr_code code = recovery_checkpoint(t, &err);
    pthread_mutex_lock(&t->lock);
    r->last_checkpoint = clock_now();
    if (code) {
        r->pause = r->failed && r->pause < RETRY_MOST_MS ? r->pause * 2 : RETRY_FIRST_MS;
        r->failed = true;
        snprintf(t->broken, sizeof t->broken, "%.*s", (int)sizeof t->broken - 1, err.text);
    } else {
        if (r->failed)
            t->broken[0] = '\0';
        r->failed = false;
        t->log_bytes = 0;
        t->checkpoints_done = wanted;
    }
    target_changed(t);
}

/* Files that are idle get their times while nothing else is to do; folders too, unless a mirror is at them. */
static void settle(struct target *t, struct rhythm *r, msec now)
{
    struct dr_error ignored; /* what cannot be set now is named by the next checkpoint, which tries again */
    bool folders = !t->tree.mixed && now - r->last_batch >= SETTLE_IDLE_MS;
    pthread_mutex_unlock(&t->lock);
    enum dr_code code = tree_settle(&t->tree, now - SETTLE_IDLE_MS, folders, &ignored);
    pthread_mutex_lock(&t->lock);
    r->last_settle = now + (code ? RETRY_MOST_MS : 0);
    r->settled = !code && now - r->last_batch > SETTLE_IDLE_MS;
}

static bool is_idle(const struct target *t, const struct rhythm *r, msec now)
{
    return !t->queue.busy && !checkpoint_missing(t, r) && r->settled && now - r->last_batch >= IDLE_MS;
}

static void *applier(void *baton)
{
    struct target *t = baton;
    struct rhythm *r = &t->rhythm;
    pthread_mutex_lock(&t->lock);
    while (!t->stopping) {
        bool worked = work_off(t);
        msec now = clock_now();
        if (worked) {
            r->last_batch = now;
            r->settled = false;
        }
        if (checkpoint_due(t, r, now))
            checkpoint(t, r);
        else if (is_idle(t, r, now))
            break;
        else if (now - r->last_settle >= TICK_MS)
            settle(t, r, now);
        else if (!worked)
            work_wait(t, TICK_MS);
    }
    stint_end(&t->applier);
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

/* ---- start and stop ---- */

enum dr_code work_go(struct target *t, struct dr_error *err)
{
    bool logs = !t->queue.busy || stint_begin(&t->logger, logger, t);
    bool applies = (!t->queue.busy && !checkpoint_missing(t, &t->rhythm)) || stint_begin(&t->applier, applier, t);
    if (logs && applies)
        return DR_OK;
    return dr_fail(err, DR_FULL, "cannot start a thread of a target: raise the limit of tasks");
}

void work_stop(struct target *t)
{
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    target_changed(t);
    pthread_mutex_unlock(&t->lock);
    stint_join(&t->logger);
    stint_join(&t->applier);
    writeback_stop(&t->writeback);
}
