/* SPDX-License-Identifier: Apache-2.0
 * Hears what the target has, and lets go of it in the ring. */
#include "agent/source/source_parts.h"
#include "core/ring.h"
#include "platform/clock.h"

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* What need not be sent again. A mirror that breaks off begins anew, from the ring's tail: until its end is sent
 * everything that was sent may go; from then on the target may become level at any moment, and go on from there. */
static uint64_t releasable(const struct session *s, const struct repl_ack *ack)
{
    uint64_t sent = s->source->status.sent;
    if (!s->mirror)
        return least(ack->durable, sent);
    if (!s->end_frame)
        return sent;
    return s->source->level ? least(ack->durable, sent) : least(sent, s->end_seq);
}

static void take(struct session *s, const struct repl_ack *ack)
{
    struct source *source = s->source;
    pthread_mutex_lock(&source->lock);
    bool over = !s->mirror || (s->end_frame && ack->applied_frame >= s->end_frame && !ack->mixed);
    if (over && !source->level && s->mirror)
        source->status.mirror_ms = clock_now() - s->mirror_began;
    if (source->status.durable != ack->durable || source->status.applied != ack->applied)
        s->news = s->heard;
    source->level = over;
    source->status.phase = over ? SOURCE_REPLICATING : SOURCE_MIRRORING;
    if (over) {
        source->status.durable = ack->durable;
        source->status.applied = ack->applied;
    }
    if (ack->frame > 0 && !s->begun) {
        s->begun = true;
        source_ring_bell(source);
    }
    ring_release(source->feed.ring, releasable(s, ack));
    pthread_cond_broadcast(&source->moved);
    pthread_mutex_unlock(&source->lock);
}

static enum dr_code receive(struct session *s, msec limit, struct dr_error *err)
{
    struct frame frame;
    struct repl_ack ack;
    enum dr_code code = conn_receive(s->conn, &frame, limit, err);
    if (code == DR_TIMEOUT && clock_now() - s->heard >= SOURCE_SILENCE)
        return dr_fail(err, DR_CLOSED, "%s has been silent for %d s", conn_name(s->conn), SOURCE_SILENCE / 1000);
    if (code)
        return code;
    s->heard = clock_now();
    if (frame.type == REPL_PING)
        return DR_OK;
    struct cursor c = cursor_reading(frame.body, frame.size);
    if (frame.type != REPL_ACK || !repl_ack_decode(&c, &ack))
        return dr_fail(err, DR_PROTOCOL, "%s sent something else than an acknowledgement", conn_name(s->conn));
    take(s, &ack);
    return DR_OK;
}

static struct errand_rest carry(void *baton)
{
    struct session *s = baton;
    struct dr_error err;
    enum dr_code code;
    bool linger;
    do {
        linger = errand_may_linger(s->acks, s->news);
        code = receive(s, linger ? ERRAND_LOOK : 0, &err);
    } while (code == DR_OK || (code == DR_TIMEOUT && linger));
    if (code == DR_TIMEOUT)
        return (struct errand_rest){ERRAND_PARK, ERRAND_HEAR, s->heard + SOURCE_SILENCE};
    pthread_mutex_lock(&s->source->lock);
    s->dead = err;
    pthread_mutex_unlock(&s->source->lock);
    conn_shut(s->conn);
    source_ring_bell(s->source);
    return (struct errand_rest){ERRAND_SLEEP, ERRAND_HEAR, INT64_MAX};
}

enum dr_code acks_begin(struct session *s, struct dr_error *err)
{
    struct errand_config errand = {.carry = carry, .baton = s, .kind = ERRAND_HEAR};
    errand.descriptor[0] = conn_socket(s->conn);
    errand.descriptor[1] = -1;
    s->heard = clock_now();
    return errand_begin(&s->acks, s->source->config.errands, &errand, err);
}
