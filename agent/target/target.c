/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/target.h"
#include "agent/target/state.h"
#include "platform/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEGMENT_BYTES       (64u << 20)
#define CHECKPOINT_EVERY_MS 5000

/* ---- open and close ---- */

static enum dr_code open_state(struct target *t, struct dr_error *err)
{
    if (snprintf(t->state, sizeof t->state, "%s", t->config.state) >= (int)sizeof t->state)
        return dr_fail(err, DR_INVALID, "path too long: %s", t->config.state);
    if (mkdir(t->state, 0700) != 0 && errno != EEXIST)
        return dr_fail(err, DR_IO, "cannot make folder %s: %s", t->state, strerror(errno));
    t->state_fd = open(t->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (t->state_fd < 0)
        return dr_fail(err, DR_IO, "cannot open folder %s: %s", t->state, strerror(errno));
    if (flock(t->state_fd, LOCK_EX | LOCK_NB) != 0)
        return dr_fail(err, DR_BUSY, "%s is in use: another drnode, or a recovery, works on it", t->state);
    snprintf(t->checkpoint_file, sizeof t->checkpoint_file, "%s/checkpoint", t->state);
    return checkpoint_read(&t->saved, t->checkpoint_file, err);
}

static enum dr_code open_parts(struct target *t, struct dr_error *err)
{
    char file[PATH_MAX];
    enum dr_code code = open_state(t, err);
    if (code)
        return code;
    snprintf(file, sizeof file, "%s/idmap", t->state);
    code = idmap_open(&t->idmap, file, t->config.self, err);
    if (code)
        return code;
    t->tree.idmap = t->idmap;
    t->tree.keep_orphans = t->config.keep_orphans;
    code = tree_open(&t->tree, t->state, t->config.self, t->config.paths, t->config.root, err);
    if (code)
        return code;
    snprintf(file, sizeof file, "%s/log", t->state);
    code = journal_open(&t->log, file, t->config.segment_bytes, err);
    if (code)
        return code;
    if (!queue_init(&t->queue))
        return dr_fail(err, DR_FULL, "no memory for the batches of a target");
    t->rhythm.last_checkpoint = clock_now();
    t->rhythm.settled = true;
    code = recovery_run(t, err);
    return code ? code : writeback_start(&t->writeback, t->tree.root, t->tree.paths, err);
}

static void init_locks(struct target *t)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&t->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&t->lock, NULL);
    pthread_mutex_init(&t->save_lock, NULL);
}

enum dr_code target_open(struct target **target, const struct target_config *config, struct dr_error *err)
{
    if (config->paths == 0 || config->paths > CAPTURE_PATHS_MAX)
        return dr_fail(err, DR_INVALID, "a target needs 1 to %d folders, not %u", CAPTURE_PATHS_MAX, config->paths);
    struct target *t = calloc(1, sizeof *t);
    if (!t)
        return dr_fail(err, DR_FULL, "no memory for a target");
    t->config = *config;
    t->config.segment_bytes = config->segment_bytes ? config->segment_bytes : SEGMENT_BYTES;
    t->config.checkpoint_every = config->checkpoint_every ? config->checkpoint_every : CHECKPOINT_EVERY_MS;
    t->state_fd = -1;
    init_locks(t);
    enum dr_code code = open_parts(t, err);
    if (code)
        target_close(t);
    else
        *target = t;
    return code;
}

void target_close(struct target *t)
{
    if (!t)
        return;
    work_stop(t);
    queue_free(&t->queue);
    journal_close(t->log);
    if (t->tree.idmap)
        tree_close(&t->tree);
    idmap_close(t->idmap);
    if (t->state_fd >= 0)
        close(t->state_fd);
    pthread_mutex_destroy(&t->save_lock);
    pthread_mutex_destroy(&t->lock);
    pthread_cond_destroy(&t->changed);
    free(t);
}

struct idmap *target_idmap(struct target *t)
{
    return t->idmap;
}

/* ---- progress ---- */

static void fill_progress(const struct target *t, struct target_progress *p)
{
    memset(p, 0, sizeof *p);
    p->term = t->saved.term;
    p->stream = t->in.held_stream;
    p->received = t->in.seq;
    p->durable = t->durable;
    p->applied = t->applied;
    p->frame = t->in.frame;
    p->applied_frame = t->applied_frame;
    p->mixed = t->mixed || t->in.mirror;
    p->ended = t->ended;
    p->bytes = t->bytes;
    memcpy(p->broken, t->broken, sizeof p->broken);
}

void target_progress(struct target *t, struct target_progress *progress)
{
    pthread_mutex_lock(&t->lock);
    fill_progress(t, progress);
    pthread_mutex_unlock(&t->lock);
}

static bool same_progress(const struct target_progress *a, const struct target_progress *b)
{
    return a->term == b->term && a->stream == b->stream && a->received == b->received && a->durable == b->durable &&
           a->applied == b->applied && a->frame == b->frame && a->applied_frame == b->applied_frame &&
           a->mixed == b->mixed && a->ended == b->ended && strcmp(a->broken, b->broken) == 0;
}

void target_wait(struct target *t, struct target_progress *seen, msec limit)
{
    struct target_progress now;
    msec end = clock_now() + limit;
    pthread_mutex_lock(&t->lock);
    for (fill_progress(t, &now); same_progress(&now, seen) && clock_now() < end && !t->stopping; fill_progress(t, &now))
        work_wait(t, end - clock_now());
    pthread_mutex_unlock(&t->lock);
    *seen = now;
}

void target_changed(struct target *t)
{
    pthread_cond_broadcast(&t->changed);
    if (t->watcher)
        t->watcher(t->watching);
}

void target_watch(struct target *t, void (*watcher)(void *baton), void *baton)
{
    pthread_mutex_lock(&t->lock);
    t->watcher = watcher;
    t->watching = baton;
    pthread_mutex_unlock(&t->lock);
}

void target_unwatch(struct target *t, const void *baton)
{
    pthread_mutex_lock(&t->lock);
    if (t->watching == baton)
        t->watcher = NULL;
    pthread_mutex_unlock(&t->lock);
}

/* ---- turning round ---- */

/* With the lock held: all that came in is applied, and then a checkpoint is made. */
static enum dr_code work_off_all(struct target *t, struct dr_error *err)
{
    enum dr_code code = work_go(t, err);
    while (!code && t->queue.busy && !t->broken[0] && !t->stopping)
        work_wait(t, 1000);
    unsigned wanted = ++t->checkpoints_wanted;
    if (!code)
        code = work_go(t, err);
    if (code)
        return code;
    target_changed(t);
    while ((int)(t->checkpoints_done - wanted) < 0 && !t->broken[0] && !t->stopping)
        work_wait(t, 1000);
    if ((int)(t->checkpoints_done - wanted) >= 0 && !t->queue.busy)
        return DR_OK;
    return dr_fail(err, DR_IO, "%s", t->broken[0] ? t->broken : "the target was closed");
}

enum dr_code target_finish(struct target *t, struct dr_error *err)
{
    pthread_mutex_lock(&t->lock);
    enum dr_code code = work_off_all(t, err);
    pthread_mutex_unlock(&t->lock);
    return code;
}

/* The log goes after the checkpoint is there; until then its records are of a stream that nobody asks for. */
enum dr_code target_adopt(struct target *t, term_no term, uint64_t stream, uint64_t seq, struct dr_error *err)
{
    enum dr_code code = target_finish(t, err);
    if (code)
        return code;
    pthread_mutex_lock(&t->save_lock);
    pthread_mutex_lock(&t->lock);
    if (term < t->saved.term)
        code = dr_fail(err, DR_REFUSED, "term %" PRIu64 " is over: this target has seen term %" PRIu64, term,
                       t->saved.term);
    struct checkpoint k = {.term = term, .stream = stream, .seq = seq};
    pthread_mutex_unlock(&t->lock);
    if (!code)
        code = checkpoint_write(&k, t->checkpoint_file, err);
    pthread_mutex_lock(&t->lock);
    if (!code) {
        t->saved = k;
        t->in.held_stream = t->tree_stream = stream;
        t->in.seq = t->durable = t->applied = seq;
        t->in.record_term = t->record_term = 0;
        t->in.mirror = t->mixed = t->tree.mixed = t->ended = t->lost = false;
    }
    target_changed(t);
    pthread_mutex_unlock(&t->lock);
    pthread_mutex_unlock(&t->save_lock);
    return code ? code : journal_clear(t->log, err);
}

/* ---- what a mirror need not compare ---- */

static bool folder_empty(int root)
{
    int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    struct dirent *d;
    while ((d = readdir(dir)) && (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0))
        ;
    closedir(dir);
    return d == NULL;
}

bool target_empty(struct target *t)
{
    for (unsigned i = 0; i < t->config.paths; i++)
        if (!folder_empty(t->tree.root[i]))
            return false;
    return true;
}
