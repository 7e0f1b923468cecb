/* SPDX-License-Identifier: Apache-2.0
 * agent/target/target.h - the receiving half of a rule: log, durable, applier, idmap, checkpoint, recovery.
 * What it promises: after target_open() and target_finish() the folders are the source's at exactly one position, and
 * target_progress() says which (unless `mixed`). Bytes come from a peer and are not trusted. */
#ifndef DR_AGENT_TARGET_H
#define DR_AGENT_TARGET_H

#include "core/error.h"
#include "core/repl_message.h"

#include <stdbool.h>

struct target;
struct idmap;

struct target_config {
    const char *state; /* folder beside the protected ones: log, idmap, checkpoint; made if missing */
    enum member self;
    unsigned paths;
    const int *root;       /* folder descriptors below the capture cover; stay the caller's */
    size_t segment_bytes;  /* of the log; 0 = 64 MiB */
    msec checkpoint_every; /* 0 = 5 s */
    bool keep_orphans;     /* mirror: names that the source does not have stay (default: they go) */
};

struct target_progress {
    term_no term;                        /* highest that was accepted */
    uint64_t stream;                     /* what is here: everything up to ... of this stream */
    uint64_t received, durable, applied; /* seqs */
    uint64_t frame, applied_frame;       /* of this session */
    bool mixed;                          /* a first mirror or an unlogged resync is under way: no prefix */
    bool ended;                          /* the last record applied was END_OF_TERM */
    uint64_t bytes;                      /* of records and pieces that came in */
    char broken[REPL_TEXT_MAX];          /* not empty: what stopped it (disk full, I/O error) and what to do */
};

/* Opens state and folders, replays the log from the checkpoint to its end: afterwards nothing is left to recover. */
enum dr_code target_open(struct target **target, const struct target_config *config, struct dr_error *err) DR_MUST_USE;
/* Ends its threads. Nothing durable is lost; nothing is applied any more after it returned. */
void target_close(struct target *target);

/* A session begins: `stream` in `term` goes on at seq + 1. DR_REFUSED: older term, or not what is held (and not
 * followed by a mirror: pass mirror = true when MIRROR_BEGIN comes first). */
enum dr_code target_begin(struct target *target, term_no term, uint64_t stream, uint64_t seq, bool mirror,
                          struct dr_error *err) DR_MUST_USE;
/* Body of a REPL_RECORDS frame. Queued, logged and applied by the target's threads; blocks while they are too far
 * behind. DR_PROTOCOL / DR_REFUSED: gap, older term, unknown stream, bad bytes: the session must end. */
enum dr_code target_feed(struct target *target, const uint8_t *body, size_t size, struct dr_error *err) DR_MUST_USE;
void target_progress(struct target *target, struct target_progress *progress);
/* Waits until progress differs from what *seen held, or `limit` is over; fills *seen anew. */
void target_wait(struct target *target, struct target_progress *seen, msec limit);
/* From now on watcher(baton) is called whenever progress may have changed, in any thread; it must not call the target.
 * One at a time: the newest. */
void target_watch(struct target *target, void (*watcher)(void *baton), void *baton);
/* It is not called with `baton` any more when this returns. */
void target_unwatch(struct target *target, const void *baton);

/* How many sessions have begun so far; see target_hash(). */
uint64_t target_sessions(struct target *target);
/* Waits until frame ask->frame is applied, then hashes from the file as it is. Any thread. The frame is one of the
 * session that begins next after `before`, a number of sessions: what asks is connected before its session's first
 * frame comes, and frames of an older session have the same numbers. */
enum dr_code target_hash(struct target *target, uint64_t before, msec limit, const struct repl_hash_ask *ask,
                         struct repl_hashes *answer, struct dr_error *err) DR_MUST_USE;

/* Take-over: applies all that is durable, settles times, writes a checkpoint. Bounded by the log since the last one. */
enum dr_code target_finish(struct target *target, struct dr_error *err) DR_MUST_USE;
/* This member's folders are, by other means, exactly seq of `stream` in `term` (its own last record before a planned
 * hand-over): made durable, so that target_begin can go on from there without a mirror. */
enum dr_code target_adopt(struct target *target, term_no term, uint64_t stream, uint64_t seq,
                          struct dr_error *err) DR_MUST_USE;

/* Nothing is in the folders: a mirror need not compare. */
bool target_empty(struct target *target);

/* The map of file ids that this member holds; shared with the source half of the same member. */
struct idmap *target_idmap(struct target *target);

#endif
