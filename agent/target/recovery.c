/* SPDX-License-Identifier: Apache-2.0
 * Checkpoints, and the way back to the end of the log from the last one. README.md has the argument. */
#include "agent/target/aside.h"
#include "agent/target/state.h"
#include "platform/clock.h"

#include <inttypes.h>

/* ---- what is durable about the target as a whole ---- */

/* Writes what is held, which is up to *seq, as the checkpoint. */
static enum dr_code save(struct target *t, bool mixed, uint64_t *seq, struct dr_error *err)
{
    pthread_mutex_lock(&t->save_lock);
    pthread_mutex_lock(&t->lock);
    struct checkpoint k = {
        .term = t->saved.term, .stream = t->tree_stream, .seq = t->applied, .mixed = mixed, .ended = t->ended};
    if (t->record_term > k.term)
        k.term = t->record_term;
    *seq = k.seq;
    pthread_mutex_unlock(&t->lock);
    enum dr_code code = checkpoint_write(&k, t->checkpoint_file, err);
    pthread_mutex_lock(&t->lock);
    if (!code) {
        t->saved = k;
        t->mixed = mixed;
    }
    pthread_mutex_unlock(&t->lock);
    pthread_mutex_unlock(&t->save_lock);
    return code;
}

static enum dr_code put_on_disk(struct target *t, bool strict, struct dr_error *err)
{
    enum dr_code code = tree_settle(&t->tree, INT64_MAX, false, err);
    if (!code && t->tree.limbo.count) {
        code = limbo_purge(&t->tree.limbo, t->idmap, strict, err);
        fdcache_close(&t->tree.cache); /* some of these files may be gone now */
    }
    if (!code) /* folders last: emptying limbo changes them */
        code = tree_settle(&t->tree, INT64_MAX, true, err);
    return code ? code : tree_sync(&t->tree, err);
}

enum dr_code recovery_checkpoint(struct target *t, struct dr_error *err)
{
    if (t->tree.mixed) {
        enum dr_code code = tree_settle(&t->tree, INT64_MAX, true, err);
        return code ? code : tree_sync(&t->tree, err);
    }
    uint64_t saved = 0;
    enum dr_code code = put_on_disk(t, t->tree.replaying, err);
    if (!code)
        code = save(t, false, &saved, err);
    return code ? code : journal_drop(t->log, saved, err);
}

enum dr_code recovery_mixed(struct target *t, const struct record *begin, struct dr_error *err)
{
    pthread_mutex_lock(&t->lock);
    t->tree_stream = begin->stream;
    t->applied = t->durable = begin->seq;
    t->ended = false;
    pthread_mutex_unlock(&t->lock);
    uint64_t seq;
    enum dr_code code = save(t, true, &seq, err);
    if (code)
        return code;
    t->tree.mixed = true;
    mirror_reset(&t->tree);
    return journal_clear(t->log, err);
}

enum dr_code recovery_level(struct target *t, const struct record *end, struct dr_error *err)
{
    enum dr_code code = put_on_disk(t, false, err);
    if (code)
        return code;
    pthread_mutex_lock(&t->lock);
    t->applied = end->seq;
    pthread_mutex_unlock(&t->lock);
    uint64_t seq;
    code = save(t, false, &seq, err);
    if (code)
        return code;
    t->tree.mixed = false;
    pthread_mutex_lock(&t->lock);
    t->durable = t->applied;
    pthread_mutex_unlock(&t->lock);
    return DR_OK;
}

enum dr_code recovery_lost(struct target *t, struct dr_error *err)
{
    uint64_t seq;
    return save(t, true, &seq, err);
}

/* ---- recovery ---- */

static enum dr_code next_record(struct target *t, struct cursor *c, struct record *r, const uint8_t **body,
                                struct dr_error *err)
{
    if (!record_decode(c, r, body))
        return dr_fail(err, DR_CORRUPT, "the log below %s holds what is no record: " ASIDE_REMEDY, t->state);
    return change_check(r, t->config.paths, err);
}

/* Files and folders alike: what a rename says about its file does not tell. */
static enum dr_code note_places(void *baton, const struct chunk *k, struct dr_error *err)
{
    struct target *t = baton;
    struct cursor c = cursor_reading(k->bytes, k->size);
    struct record r;
    const uint8_t *body;
    while (cursor_left(&c)) {
        enum dr_code code = next_record(t, &c, &r, &body, err);
        if (code)
            return code;
        if (r.op != RECORD_RENAME && r.op != RECORD_EXCHANGE && r.op != RECORD_RMDIR)
            continue;
        bool noted = table_put(&t->tree.placed_last, &r.file, r.seq);
        if (!noted || (r.other.ino && !table_put(&t->tree.placed_last, &r.other, r.seq)))
            return dr_fail(err, DR_FULL, "no memory to replay the log");
    }
    return DR_OK;
}

static enum dr_code replay_chunk(void *baton, const struct chunk *k, struct dr_error *err)
{
    struct target *t = baton;
    struct cursor c = cursor_reading(k->bytes, k->size);
    struct record r;
    const uint8_t *body;
    while (cursor_left(&c)) {
        enum dr_code code = next_record(t, &c, &r, &body, err);
        if (!code && r.seq <= t->applied)
            continue;
        t->tree.seq = r.seq;
        if (!code)
            code = work_apply(t, &r, body, err);
        if (code)
            return dr_within(err, "recovery, record %" PRIu64, r.seq);
        t->applied = r.seq;
        t->record_term = r.term;
        t->ended = r.op == RECORD_END_OF_TERM;
    }
    return DR_OK;
}

static enum dr_code replay(struct target *t, struct dr_error *err)
{
    uint64_t from = t->applied;
    t->tree.replaying = true;
    t->tree.now = clock_now();
    enum dr_code code = journal_replay(t->log, t->saved.stream, t->saved.seq, note_places, t, err);
    if (!code)
        code = journal_replay(t->log, t->saved.stream, t->saved.seq, replay_chunk, t, err);
    table_clear(&t->tree.placed_last);
    if (!code && t->tree.stand_ins.used)
        code =
            dr_fail(err, DR_CORRUPT,
                    "the log below %s goes on in %zu folders that are not there: the folder and the log do not belong "
                    "together; " ASIDE_REMEDY,
                    t->state, t->tree.stand_ins.used);
    if (!code && (t->applied > from || t->tree.limbo.count))
        code = recovery_checkpoint(t, err);
    t->tree.replaying = false;
    return code ? code : journal_clear(t->log, err);
}

enum dr_code recovery_run(struct target *t, struct dr_error *err)
{
    t->tree_stream = t->in.held_stream = t->saved.stream;
    t->applied = t->saved.seq;
    t->mixed = t->tree.mixed = t->saved.mixed;
    t->ended = t->saved.ended;
    enum dr_code code = t->mixed ? journal_clear(t->log, err) : replay(t, err);
    t->in.seq = t->durable = t->applied;
    return code;
}
