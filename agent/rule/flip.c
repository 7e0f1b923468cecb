/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/flip.c - read-write and read-only, and the line in `terms` that goes with it.
 *
 * The target's position doubles as the answer to "whose data are these?": before the folders become writable it is set
 * to our own ring's stream (target_adopt), and the first session of another master sets it to that master's. So our own
 * last record counts only while the target still holds our own stream. */
#include "agent/rule/drcapture.h"
#include "agent/rule/replicate_state.h"

#include <string.h>

static const struct ring *ring_of(const struct replicate *r)
{
    return capture_info(r->link)->ring;
}

bool replicate_holds_foreign(const struct replicate *r, const struct target_progress *progress)
{
    return progress->stream != 0 && progress->stream != r->terms.stream;
}

enum dr_code replicate_note(struct replicate *r, const struct terms *terms, struct dr_error *err)
{
    enum dr_code code = terms_write(terms, r->terms_file, err);
    if (code != DR_OK)
        return code;
    pthread_mutex_lock(&r->lock);
    r->terms = *terms;
    pthread_mutex_unlock(&r->lock);
    return DR_OK;
}

/* The line of a new mastership. It goes on in our ring's stream; `former` is where the master before it stood. */
static struct terms next_terms(const struct replicate *r, term_no term, const struct target_progress *progress)
{
    struct terms next = r->terms;
    uint64_t stream = ring_stream(ring_of(r));
    if (replicate_holds_foreign(r, progress)) {
        next.former_stream = progress->mixed ? 0 : progress->stream;
        next.former_seq = progress->mixed ? 0 : progress->applied;
    } else if (next.stream != stream) {
        next.former_stream = next.former_seq = 0; /* our ring is a new one: nobody can go on from the old */
    }
    if (replicate_holds_foreign(r, progress) || next.stream != stream)
        next.began = ring_tail(ring_of(r));
    next.term = term;
    next.stream = stream;
    next.own_stream = next.own_seq = 0;
    next.taken = r->writable && r->terms.taken; /* a newer term for a mastership that runs */
    return next;
}

/* DR_REFUSED: the mode had ended by itself, and now is read-only for the driver too. */
static enum dr_code prolong(struct replicate *r, msec until, struct dr_error *err)
{
    uint64_t seq;
    enum dr_code code = capture_lease(r->link, until, err);
    if (code != DR_REFUSED)
        return code;
    struct dr_error why = *err;
    code = capture_flip(r->link, CAPTURE_READ_ONLY, r->terms.term, &seq, err);
    if (code != DR_OK)
        return code;
    *err = why;
    return DR_REFUSED;
}

enum dr_code replicate_flip_rw(struct replicate *r, term_no term, msec until, struct dr_error *err)
{
    if (until <= 0) /* to drcapture it would mean: for ever */
        return dr_fail(err, DR_REFUSED, "there is no authority to write in term %llu", (unsigned long long)term);
    enum dr_code code = replicate_open(r, err);
    if (code != DR_OK)
        return code;
    if (r->writable) {
        code = prolong(r, until, err);
        if (code == DR_OK && r->terms.term == term)
            return DR_OK; /* it is so already */
        if (code != DR_OK && code != DR_REFUSED)
            return code;
    }
    struct target_progress progress;
    target_progress(r->target, &progress);
    struct terms next = next_terms(r, term, &progress);
    code = replicate_note(r, &next, err);
    if (code == DR_OK && (progress.stream != next.stream || progress.mixed))
        code = target_adopt(r->target, term, next.stream, ring_tail(ring_of(r)), err);
    if (code == DR_OK)
        code = capture_lease(r->link, until, err);
    uint64_t seq;
    if (code == DR_OK)
        code = capture_flip(r->link, CAPTURE_READ_WRITE, term, &seq, err);
    pthread_mutex_lock(&r->lock);
    r->writable = code == DR_OK;
    pthread_mutex_unlock(&r->lock);
    return code;
}

/* Our folders are exactly the last record of our ring, as long as nothing of it was lost. */
static enum dr_code note_own(struct replicate *r, uint64_t seq, struct dr_error *err)
{
    struct target_progress progress;
    struct terms next = r->terms;
    target_progress(r->target, &progress);
    /* In this order: the sender may begin a new stream at any time, after which nothing is broken any more. */
    bool whole = !ring_broken(ring_of(r), NULL, 0);
    bool ours = whole && progress.stream == ring_stream(ring_of(r));
    next.own_stream = ours ? progress.stream : 0;
    next.own_seq = ours ? seq : 0;
    next.taken = false;
    return memcmp(&next, &r->terms, sizeof next) == 0 ? DR_OK : replicate_note(r, &next, err);
}

enum dr_code replicate_flip_ro(struct replicate *r, struct dr_error *err)
{
    uint64_t seq;
    enum dr_code code = replicate_open(r, err);
    if (code == DR_OK)
        code = capture_flip(r->link, CAPTURE_READ_ONLY, r->terms.term, &seq, err);
    if (code != DR_OK)
        return code;
    pthread_mutex_lock(&r->lock);
    r->writable = false;
    pthread_mutex_unlock(&r->lock);
    return note_own(r, seq, err);
}

enum dr_code replicate_drain(struct replicate *r, msec limit, struct dr_error *err)
{
    uint64_t seq;
    if (r->source == NULL)
        return dr_fail(err, DR_REFUSED,
                       "nothing replicates to the other member: start replication, or force the switch");
    enum dr_code code = capture_append(r->link, RECORD_END_OF_TERM, "", &seq, err);
    if (code == DR_OK)
        code = note_own(r, seq, err);
    return code == DR_OK ? source_drain(r->source, seq, limit, err) : code;
}

enum dr_code replicate_taken(struct replicate *r, bool taken, struct dr_error *err)
{
    struct terms next = r->terms;
    next.taken = taken;
    return taken == r->terms.taken ? DR_OK : replicate_note(r, &next, err);
}

enum dr_code replicate_lease(struct replicate *r, msec until, struct dr_error *err)
{
    if (until <= 0) /* to drcapture it would mean: for ever */
        return dr_fail(err, DR_REFUSED, "there is no authority to write any more");
    pthread_mutex_lock(&r->lock);
    enum dr_code code = r->writable ? capture_renew(r->link, until, err)
                                    : dr_fail(err, DR_BUSY, "the folders are not writable (yet, or any more)");
    pthread_mutex_unlock(&r->lock);
    return code;
}

bool replicate_outlived(struct replicate *r, term_no *term, msec *until)
{
    char socket[CONFIG_PATH_SIZE];
    struct capture_link *link;
    struct dr_error err;
    if (!r->terms.taken || !drcapture_socket(socket, r->config.root, r->config.rule) ||
        capture_attach(&link, socket, &err) != DR_OK)
        return false;
    const struct capture_info *info = capture_info(link);
    bool lives = info->mode == CAPTURE_READ_WRITE && info->term == r->terms.term && info->lease != 0;
    *term = info->term;
    *until = info->lease;
    capture_detach(link);
    return lives;
}
