/* SPDX-License-Identifier: Apache-2.0
 * agent/target/state.h - what the files of this folder share of one target; nobody else includes it.
 *
 *   target_feed()  --queue-->  logger thread  --queue-->  applier thread
 *   checks, copies             one chunk, one            records become true, checkpoints
 *                              fdatasync a batch
 * Both threads are there while they have work (work_go).
 * `lock` guards everything but the tree, which is the applier's (its idmap and own set have locks of their own), and
 * the log, which has its own. */
#ifndef DR_AGENT_TARGET_STATE_H
#define DR_AGENT_TARGET_STATE_H

#include "agent/stint.h"
#include "agent/target/apply.h"
#include "agent/target/checkpoint.h"
#include "agent/target/journal.h"
#include "agent/target/mirror_apply.h"
#include "agent/target/queue.h"
#include "agent/target/target.h"
#include "agent/target/writeback.h"

#include <limits.h>
#include <pthread.h>

#define CHECKPOINT_BYTES_MAX (64u << 20) /* of log since the last one */

struct session {
    uint64_t number;           /* how many have begun */
    term_no term, record_term; /* the master's, and that of the last record */
    uint64_t stream;
    uint64_t held_stream;
    uint64_t seq;   /* of the last record of held_stream that came in */
    uint64_t frame; /* and the last frame */
    bool expect_mirror, mirror;
};

struct rhythm { /* of what is due from time to time */
    msec last_checkpoint, last_batch, last_settle;
    msec pause;   /* before a failed checkpoint is tried again */
    bool failed;  /* the last checkpoint did */
    bool settled; /* every mtime is as it shall be, since the last batch */
};

struct target {
    struct target_config config;
    char state[PATH_MAX - 64];
    char checkpoint_file[PATH_MAX];
    int state_fd; /* locked: one process at a time */
    struct journal *log;
    struct idmap *idmap;
    struct tree tree;

    pthread_mutex_t lock;
    pthread_cond_t changed; /* target_changed() */
    void (*watcher)(void *baton);
    void *watching;
    struct stint logger, applier;
    struct rhythm rhythm; /* the applier's */
    bool stopping;
    struct queue queue;
    struct writeback writeback;
    struct session in;
    struct checkpoint saved; /* as in the file; also under save_lock, which is taken first */
    pthread_mutex_t save_lock;
    uint64_t tree_stream; /* the stream whose records are applied */
    term_no record_term;  /* of the last one */
    uint64_t durable, applied, applied_frame, bytes;
    uint64_t log_bytes; /* applied since the last checkpoint */
    bool mixed, ended;
    bool lost; /* what came does not fit what is here: only a mirror helps */
    unsigned checkpoints_wanted, checkpoints_done;
    char broken[REPL_TEXT_MAX];
};

/* target.c: with the lock held */
void target_changed(struct target *t);

/* work.c */
/* With the lock held, after something was left to do: there are threads for it. DR_FULL: there is none now. */
enum dr_code work_go(struct target *t, struct dr_error *err) DR_MUST_USE;
void work_stop(struct target *t);
/* A record of the stream, or a piece: applies it, and what it means for the target as a whole. */
enum dr_code work_apply(struct target *t, const struct record *r, const uint8_t *body,
                        struct dr_error *err) DR_MUST_USE;
/* Waits, with the lock held, until `t->changed` is signalled or `limit` is over. */
void work_wait(struct target *t, msec limit);

/* recovery.c: also what checkpoints are made of. */
enum dr_code recovery_run(struct target *t, struct dr_error *err) DR_MUST_USE;
/* Everything applied is on disk, and the checkpoint says so. */
enum dr_code recovery_checkpoint(struct target *t, struct dr_error *err) DR_MUST_USE;
/* The mirror begins, and may end: both are durable when this returns. */
enum dr_code recovery_mixed(struct target *t, const struct record *begin, struct dr_error *err) DR_MUST_USE;
enum dr_code recovery_level(struct target *t, const struct record *end, struct dr_error *err) DR_MUST_USE;
/* The promise is broken, durably: records do not fit the folders. */
enum dr_code recovery_lost(struct target *t, struct dr_error *err) DR_MUST_USE;

#endif
