/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/recorder.h"
#include "agent/recorder_file.h"
#include "platform/clock.h"
#include "platform/host.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define ROOM   (64u << 10) /* for what the writing thread has not taken yet */
#define EVERY  1000
#define NO_CUT SIZE_MAX

struct recorder {
    struct recorders *all;
    struct recorder *next;
    struct dr_id rule;
    struct flight_head names; /* what does not change of a head */

    /* decision thread only */
    struct flight_pack pack;
    uint64_t step;
    size_t in_segment;
    enum flight_begin why; /* of the next segment */
    bool begun;            /* a segment */
    struct cursor before;  /* this step's event */

    pthread_mutex_t lock; /* guards down to `broken`; never held while a disk is waited for */
    uint8_t *waiting;     /* ROOM bytes */
    struct cursor items;  /* in it */
    size_t cut;           /* where in it a new segment begins; NO_CUT: nowhere */
    bool failed;          /* the disk did; nothing is recorded until the writer tries again */
    bool broken;          /* the segment that was begun is no more */

    /* writing thread only */
    uint8_t *writing;
    struct recorder_file file;
    msec retry_at;
    bool told;
};

struct recorders {
    struct recorders_config config;
    pthread_t thread;
    int wake;
    atomic_bool ending;
    pthread_mutex_t lock; /* guards the list; held while the writer goes through it */
    struct recorder *first;
};

/* ---- the decision thread's side ---- */

static void empty(struct recorder *r)
{
    r->items = cursor_over(r->waiting + FLIGHT_CHUNK_HEAD, ROOM - FLIGHT_CHUNK_EXTRA);
    r->cut = NO_CUT;
}

static size_t filled(const struct recorder *r)
{
    return (size_t)(r->items.at - r->waiting) - FLIGHT_CHUNK_HEAD;
}

/* Under the lock. Room for the end of one chunk and the head of the next is left between two segments. */
static bool begin_segment(struct recorder *r, const struct ha *h, msec now)
{
    struct cursor before = r->items;
    struct flight_head head = r->names;
    head.why = r->why;
    head.step = r->step;
    head.now = now;
    head.wall_ms = clock_wall();
    size_t cut = filled(r);
    if (cut > 0 && cursor_left(&r->items) < FLIGHT_CHUNK_EXTRA)
        return false;
    r->items.at += cut > 0 ? FLIGHT_CHUNK_EXTRA : 0;
    if (!flight_put_begin(&r->pack, &r->items, &head, h)) {
        r->items = before;
        return false;
    }
    r->cut = cut;
    r->in_segment = 0;
    r->why = FLIGHT_FULL;
    return true;
}

/* Under the lock: nothing of this step, nor of later ones, fits into the segment. */
static void lose(struct recorder *r)
{
    r->begun = false;
    r->why = r->step == 0 ? FLIGHT_START : FLIGHT_GAP;
}

/* The lock is kept until the answer is in: the writer takes whole steps. */
void recorder_event(struct recorder *r, const struct ha *h, const struct ha_event *event)
{
    pthread_mutex_lock(&r->lock);
    if (r->broken)
        lose(r);
    r->broken = false;
    if (!r->failed && r->cut == NO_CUT && (!r->begun || r->in_segment >= r->all->config.bytes / RECORDER_SEGMENTS))
        r->begun = begin_segment(r, h, event->now);
    r->before = r->items;
    if (r->begun && !flight_put_event(&r->pack, &r->items, event))
        lose(r);
}

void recorder_answer(struct recorder *r, const struct ha_answer *answer, bool soon)
{
    if (r->begun && !flight_put_answer(&r->pack, &r->items, answer)) {
        r->items = r->before;
        lose(r);
    }
    if (r->begun)
        r->in_segment += (size_t)(r->items.at - r->before.at);
    bool half_full = cursor_left(&r->items) < ROOM / 2;
    r->step++;
    pthread_mutex_unlock(&r->lock);
    if (soon || half_full)
        (void)!eventfd_write(r->all->wake, 1);
}

/* ---- the writing thread's side ---- */

/* Takes what waits; false: nothing. */
static bool take(struct recorder *r, size_t *size, size_t *cut)
{
    pthread_mutex_lock(&r->lock);
    if (r->failed && clock_now() >= r->retry_at)
        r->failed = false;
    *size = r->failed ? 0 : filled(r);
    *cut = r->cut;
    if (*size > 0) {
        uint8_t *taken = r->waiting;
        r->waiting = r->writing;
        r->writing = taken;
        empty(r);
    }
    pthread_mutex_unlock(&r->lock);
    return *size > 0;
}

static enum dr_code write_items(struct recorder *r, size_t from, size_t size, struct dr_error *err)
{
    if (size == 0)
        return DR_OK;
    uint8_t *chunk = r->writing + from;
    return recorder_file_append(&r->file, chunk, flight_chunk_close(chunk, size), err);
}

static enum dr_code write_taken(struct recorder *r, size_t size, size_t cut, struct dr_error *err)
{
    if (cut == NO_CUT)
        return write_items(r, 0, size, err);
    enum dr_code code = write_items(r, 0, cut, err);
    size_t second = cut > 0 ? cut + FLIGHT_CHUNK_EXTRA : 0;
    if (code == DR_OK)
        code = recorder_file_next(&r->file, err);
    return code == DR_OK ? write_items(r, second, size - second, err) : code;
}

static void fail(struct recorder *r, const struct dr_error *err)
{
    recorder_file_close(&r->file);
    pthread_mutex_lock(&r->lock);
    r->failed = r->broken = true;
    empty(r);
    pthread_mutex_unlock(&r->lock);
    r->retry_at = clock_now() + r->all->config.retry_after;
    if (!r->told)
        log_write(r->all->config.log, LOG_LEVEL_WARNING, &r->rule, "flight_recorder",
                  "%s: nothing is recorded until it can be; decisions go on, free some space", err->text);
    r->told = true;
}

static void flush(struct recorder *r)
{
    size_t size, cut;
    struct dr_error err;
    if (!take(r, &size, &cut))
        return;
    if (write_taken(r, size, cut, &err) != DR_OK) {
        fail(r, &err);
        return;
    }
    if (r->told)
        log_write(r->all->config.log, LOG_LEVEL_INFO, &r->rule, "flight_recorder", "recording again, after a gap");
    r->told = false;
}

static void *write_all(void *baton)
{
    struct recorders *all = baton;
    struct pollfd wake = {.fd = all->wake, .events = POLLIN};
    while (!atomic_load(&all->ending)) {
        eventfd_t wishes;
        (void)poll(&wake, 1, EVERY);
        (void)!eventfd_read(all->wake, &wishes); /* nobody wished: it is time */
        pthread_mutex_lock(&all->lock);
        for (struct recorder *r = all->first; r != NULL; r = r->next)
            flush(r);
        pthread_mutex_unlock(&all->lock);
    }
    return NULL;
}

/* ---- life ---- */

enum dr_code recorders_start(struct recorders **out, const struct recorders_config *config, struct dr_error *err)
{
    struct recorders *all = calloc(1, sizeof *all);
    int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (all == NULL || wake < 0) {
        free(all);
        if (wake >= 0)
            close(wake);
        return dr_fail(err, DR_FULL, "no memory or descriptors for the flight recorders");
    }
    all->config = *config;
    all->wake = wake;
    pthread_mutex_init(&all->lock, NULL);
    if (pthread_create(&all->thread, NULL, write_all, all) != 0) {
        pthread_mutex_destroy(&all->lock);
        close(wake);
        free(all);
        return dr_fail(err, DR_FULL, "cannot start the thread of the flight recorders: raise the limit of tasks");
    }
    *out = all;
    return DR_OK;
}

void recorders_stop(struct recorders *all)
{
    atomic_store(&all->ending, true);
    (void)!eventfd_write(all->wake, 1);
    pthread_join(all->thread, NULL);
    pthread_mutex_destroy(&all->lock);
    close(all->wake);
    free(all);
}

static void name(struct recorder *r, const struct rule *rule)
{
    r->rule = rule->id;
    r->names.version = HA_RECORD_VERSION;
    host_random(&r->names.life, sizeof r->names.life);
    snprintf(r->names.rule, sizeof r->names.rule, "%s", rule->name);
    for (enum member m = MEMBER_A; m <= MEMBER_B; m++)
        snprintf(r->names.member[m], sizeof r->names.member[m], "%s", rule->member[m].name);
}

enum dr_code recorder_open(struct recorder **out, struct recorders *all, const char *root, const struct rule *rule,
                           struct dr_error *err)
{
    char relative[64], folder[CONFIG_PATH_SIZE];
    snprintf(relative, sizeof relative, "var/rules/%s/flight", rule->id.hex);
    if (!config_path(folder, root, relative))
        return dr_fail(err, DR_INVALID, "the path %s is too long", root);
    struct recorder *r = calloc(1, sizeof *r);
    uint8_t *waiting = malloc(ROOM), *writing = malloc(ROOM);
    if (r == NULL || waiting == NULL || writing == NULL) {
        free(r);
        free(waiting);
        free(writing);
        return dr_fail(err, DR_FULL, "no memory for the flight recorder of rule %s", rule->name);
    }
    r->all = all;
    r->waiting = waiting;
    r->writing = writing;
    name(r, rule);
    empty(r);
    recorder_file_init(&r->file, folder);
    pthread_mutex_init(&r->lock, NULL);
    pthread_mutex_lock(&all->lock);
    r->next = all->first;
    all->first = r;
    pthread_mutex_unlock(&all->lock);
    *out = r;
    return DR_OK;
}

void recorder_close(struct recorder *r)
{
    pthread_mutex_lock(&r->all->lock);
    struct recorder **at = &r->all->first;
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    flush(r);
    pthread_mutex_unlock(&r->all->lock);
    recorder_file_close(&r->file);
    pthread_mutex_destroy(&r->lock);
    free(r->waiting);
    free(r->writing);
    free(r);
}
