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

static enum dr_code receive(struct session *s, struct dr_error *err)
{
    struct frame frame;
    struct repl_ack ack;
    enum dr_code code = conn_receive(s->conn, &frame, SOURCE_SILENCE, err);
    if (code == DR_TIMEOUT)
        return dr_fail(err, DR_TIMEOUT, "%s has been silent for %d s", conn_name(s->conn), SOURCE_SILENCE / 1000);
    if (code || frame.type == REPL_PING)
        return code;
    struct cursor c = cursor_reading(frame.body, frame.size);
    if (frame.type != REPL_ACK || !repl_ack_decode(&c, &ack))
        return dr_fail(err, DR_PROTOCOL, "%s sent something else than an acknowledgement", conn_name(s->conn));
    take(s, &ack);
    return DR_OK;
}

void *acks_run(void *baton)
{
    struct session *s = baton;
    struct dr_error err;
    while (receive(s, &err) == DR_OK)
        ;
    pthread_mutex_lock(&s->source->lock);
    s->dead = err;
    pthread_mutex_unlock(&s->source->lock);
    conn_shut(s->conn);
    source_ring_bell(s->source);
    return NULL;
}
