/* SPDX-License-Identifier: Apache-2.0
 * Sessions, and the frames that come in: what is refused here was never logged. */
#include "agent/target/state.h"
#include "platform/clock.h"

#include <inttypes.h>
#include <stdio.h>

#define PATIENCE_MS 2000 /* of a session with a target that is broken: after that the peer shall dial again */

/* ---- a session begins ---- */

/* What the last session brought is worked off first: frames and seqs are unambiguous then. */
static enum dr_code wait_idle(struct target *t, struct dr_error *err)
{
    msec give_up = clock_now() + PATIENCE_MS;
    while (t->queue.busy && !t->stopping) {
        if (!t->broken[0])
            give_up = clock_now() + PATIENCE_MS;
        else if (clock_now() >= give_up)
            return dr_fail(err, DR_FULL, "target stopped: %s", t->broken);
        if (work_go(t, err) != DR_OK)
            return err->code;
        work_wait(t, 100);
    }
    return t->stopping ? dr_fail(err, DR_CLOSED, "the target was closed") : DR_OK;
}

static enum dr_code check_begin(struct target *t, term_no term, uint64_t stream, uint64_t seq, bool mirror,
                                struct dr_error *err)
{
    if (term < t->saved.term)
        return dr_fail(err, DR_REFUSED, "term %" PRIu64 " is over: this target has seen term %" PRIu64, term,
                       t->saved.term);
    if (mirror)
        return DR_OK;
    if (t->mixed || t->in.mirror || t->lost)
        return dr_fail(err, DR_REFUSED, "the last mirror did not come to its end: mirror again");
    if (stream == 0 || stream != t->in.held_stream)
        return dr_fail(err, DR_REFUSED, "stream %016" PRIx64 " is not what is held here (%016" PRIx64 "): mirror first",
                       stream, t->in.held_stream);
    if (seq > t->in.seq)
        return dr_fail(err, DR_REFUSED,
                       "records %" PRIu64 " to %" PRIu64 " are missing: go on at what is held, or mirror",
                       t->in.seq + 1, seq);
    return DR_OK;
}

static enum dr_code save_term(struct target *t, term_no term, struct dr_error *err)
{
    pthread_mutex_lock(&t->save_lock);
    pthread_mutex_lock(&t->lock);
    struct checkpoint k = t->saved;
    pthread_mutex_unlock(&t->lock);
    enum dr_code code = DR_OK;
    if (term > k.term) {
        k.term = term;
        code = checkpoint_write(&k, t->checkpoint_file, err);
    }
    pthread_mutex_lock(&t->lock);
    if (!code)
        t->saved = k;
    pthread_mutex_unlock(&t->lock);
    pthread_mutex_unlock(&t->save_lock);
    return code;
}

enum dr_code target_begin(struct target *t, term_no term, uint64_t stream, uint64_t seq, bool mirror,
                          struct dr_error *err)
{
    pthread_mutex_lock(&t->lock);
    enum dr_code code = wait_idle(t, err);
    if (!code)
        code = check_begin(t, term, stream, seq, mirror, err);
    pthread_mutex_unlock(&t->lock);
    if (!code)
        code = save_term(t, term, err);
    if (code)
        return code;
    own_reset(&t->tree.own);
    pthread_mutex_lock(&t->lock);
    t->in.number++;
    t->in.term = term;
    t->in.stream = stream;
    t->in.frame = t->applied_frame = 0;
    t->in.expect_mirror = mirror;
    if (t->lost)
        t->broken[0] = '\0';
    t->lost = false;
    target_changed(t);
    pthread_mutex_unlock(&t->lock);
    return DR_OK;
}

/* ---- a frame comes in ---- */

enum verdict { TAKE, SKIP, REFUSE };

static enum verdict refuse(struct dr_error *err, const struct record *r, enum dr_code code, const char *why)
{
    (void)dr_fail(err, code, "record %" PRIu64 " (%s): %s", r->seq, record_op_name(r->op), why);
    return REFUSE;
}

static enum verdict judge_piece(const struct session *in, const struct record *r, struct dr_error *err)
{
    if (r->op == RECORD_MIRROR_BEGIN)
        return in->expect_mirror ? TAKE : refuse(err, r, DR_PROTOCOL, "a mirror that was not announced");
    if (!in->mirror || in->expect_mirror)
        return refuse(err, r, DR_PROTOCOL, "a piece outside of a mirror");
    return r->seq >= in->seq ? TAKE : refuse(err, r, DR_PROTOCOL, "a piece out of its place");
}

static enum verdict judge(const struct session *in, const struct record *r, struct dr_error *err)
{
    if (r->stream != in->stream)
        return refuse(err, r, DR_REFUSED, "of another stream than the session's");
    if (r->op >= RECORD_MIRROR_BEGIN)
        return judge_piece(in, r, err);
    if (in->expect_mirror)
        return refuse(err, r, DR_PROTOCOL, "comes before the mirror that was announced");
    if (r->seq <= in->seq)
        return SKIP; /* came already, before the connection was lost */
    /* During a mirror the source leaves out records of what it has not announced yet: it will read their effect. */
    if (r->seq != in->seq + 1 && !in->mirror)
        return refuse(err, r, DR_REFUSED, "records before it are missing");
    if (r->term > in->term || r->term < in->record_term)
        return refuse(err, r, DR_REFUSED, "of an older term, or of one that has not begun");
    return TAKE;
}

static void note(struct session *in, const struct record *r)
{
    in->seq = r->seq;
    switch (r->op) {
    case RECORD_MIRROR_BEGIN:
        in->expect_mirror = false;
        in->mirror = true;
        in->held_stream = r->stream;
        in->record_term = 0;
        break;
    case RECORD_MIRROR_END: in->mirror = false; break;
    default:
        if (r->op < RECORD_MIRROR_BEGIN)
            in->record_term = r->term;
    }
}

/* With the lock held. NULL: closing, or broken for too long. */
static struct batch *wait_batch(struct target *t, size_t size, bool logged, struct dr_error *err)
{
    struct batch *b;
    msec give_up = clock_now() + PATIENCE_MS;
    while (!(b = queue_fill(&t->queue, size, logged)) && !t->stopping && !t->lost) {
        if (!t->broken[0])
            give_up = clock_now() + PATIENCE_MS;
        else if (clock_now() >= give_up)
            break;
        if (work_go(t, err) != DR_OK)
            return NULL;
        target_changed(t);
        work_wait(t, 100);
    }
    if (!b && t->broken[0])
        (void)dr_fail(err, t->lost ? DR_CORRUPT : DR_FULL, "target stopped: %s", t->broken);
    else if (!b)
        (void)dr_fail(err, DR_CLOSED, "the target was closed");
    return b;
}

static enum dr_code take_records(struct target *t, struct cursor *c, struct dr_error *err)
{
    while (cursor_left(c)) {
        struct record r;
        const uint8_t *wire = c->at, *body;
        if (!record_decode(c, &r, &body))
            return dr_fail(err, DR_PROTOCOL, "bytes from the peer that are no record, after record %" PRIu64,
                           t->in.seq);
        enum dr_code code = change_check(&r, t->config.paths, err);
        if (code)
            return code;
        enum verdict verdict = judge(&t->in, &r, err);
        if (verdict == REFUSE)
            return err->code;
        if (verdict == SKIP)
            continue;
        size_t size = (size_t)(c->at - wire);
        bool logged = !t->in.mirror && r.op != RECORD_MIRROR_BEGIN;
        struct batch *b = wait_batch(t, size, logged, err);
        if (!b)
            return err->code;
        batch_add(b, &r, wire, size);
        note(&t->in, &r);
        t->bytes += size;
    }
    return DR_OK;
}

static enum dr_code take_frame(struct target *t, uint64_t frame, struct cursor *c, struct dr_error *err)
{
    if (t->lost)
        return dr_fail(err, DR_CORRUPT, "target stopped: %s", t->broken);
    if (t->in.number == 0 || frame != t->in.frame + 1)
        return dr_fail(err, DR_PROTOCOL, "frame %" PRIu64 " from the peer where %" PRIu64 " was due", frame,
                       t->in.frame + 1);
    enum dr_code code = take_records(t, c, err);
    if (code)
        return code;
    struct batch *b = t->queue.filling ? t->queue.filling : wait_batch(t, 0, !t->in.mirror, err);
    if (!b)
        return err->code;
    b->frame = t->in.frame = frame;
    return DR_OK;
}

enum dr_code target_feed(struct target *t, const uint8_t *body, size_t size, struct dr_error *err)
{
    struct cursor c = cursor_reading(body, size);
    uint64_t frame = cursor_get_u64(&c);
    if (!cursor_ok(&c))
        return dr_fail(err, DR_PROTOCOL, "a frame from the peer that is too short");
    pthread_mutex_lock(&t->lock);
    enum dr_code code = take_frame(t, frame, &c, err);
    if (!code)
        code = work_go(t, err);
    target_changed(t);
    pthread_mutex_unlock(&t->lock);
    return code;
}
