/* SPDX-License-Identifier: Apache-2.0
 * agent/source/source_parts.h - what source.c, session.c, stream.c and acks.c share. Nobody else's. */
#ifndef DR_AGENT_SOURCE_PARTS_H
#define DR_AGENT_SOURCE_PARTS_H

#include "agent/errand.h"
#include "agent/source/frame_out.h"
#include "agent/source/mirror_crew.h"
#include "agent/source/mirror_plan.h"
#include "agent/source/source_feed.h"
#include "net/limiter.h"

#include <pthread.h>

#define SOURCE_SILENCE 10000 /* ms without a word from the target: the connection is dead */
#define SOURCE_PING    2000  /* ms after which we say something */

struct source {
    struct source_config config;
    struct source_feed feed;
    struct lower_tree tree;
    struct wire_ids ids;
    struct limiter limiter; /* of both lanes together */
    int bell;               /* eventfd: wakes the sender */
    int stopped;            /* eventfd: readable from source_stop() on; ends a dial */

    /* The sender's. */
    struct errand *errand;
    struct session *session; /* NULL: not connected */
    bool wants_mirror;       /* as many mirrors as there may be are under way: it has a turn before it dials again */
    msec begun, back_off;

    pthread_mutex_t lock; /* guards all below, and ring_release() */
    pthread_cond_t moved;
    bool stop;
    struct conn *conn, *hashes; /* of the session, for source_stop() to shut */
    struct source_status status;
    bool level;           /* the target holds this stream, and nothing else */
    uint64_t wire_before; /* of sessions that are over */
};

/* One connection, from HELLO to its end. The sender's, but for what source->lock guards. */
struct session {
    struct source *source;
    struct conn *conn, *hashes;
    struct errand *acks;
    msec heard, news;     /* the acks': when the target spoke last, and said something new */
    struct dr_error dead; /* under the lock: why the acks ended */
    bool begun;           /* under the lock: the target has taken a frame of this session */
    uint64_t stream;
    uint64_t position; /* last record that was put into a frame */
    struct frame_out out;
    msec last_sent, last_work;
    bool fresh;             /* it has worked, and has not rested since */
    struct dr_error failed; /* the first failure below emit() and look(), which cannot return it */

    /* The mirror, while there is one. */
    bool mirror; /* this session began with one */
    struct mirror_plan *plan;
    struct mirror_crew *crew;
    struct mirror_job *placed; /* lie in the frame that is being filled */
    msec mirror_began;
    bool settled;
    uint64_t settle;             /* S */
    uint64_t end_frame, end_seq; /* under the lock: where MIRROR_END was sent; 0 = not yet */
};

/* session.c: dials, agrees where to go on. */
enum dr_code session_begin(struct session **session, struct source *source, struct dr_error *err) DR_MUST_USE;
void session_end(struct session *s);
/* stream.c: everything after the handshake: sends until nothing is left, or something fails. */
enum dr_code stream_carry(struct session *s, struct errand_rest *next, struct dr_error *err) DR_MUST_USE;
enum dr_code stream_flush(struct session *s, struct dr_error *err) DR_MUST_USE;
/* stream_mirror.c */
enum dr_code stream_mirror_begin(struct session *s, bool empty, struct dr_error *err) DR_MUST_USE;
/* Places what is read and asks for more; *worked: something was done. */
enum dr_code stream_mirror_work(struct session *s, bool *worked, struct dr_error *err) DR_MUST_USE;
void stream_mirror_end(struct session *s);
/* acks.c: an errand of its own, from the handshake on. */
enum dr_code acks_begin(struct session *s, struct dr_error *err) DR_MUST_USE;

void source_ring_bell(const struct source *source);

#endif
