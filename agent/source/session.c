/* SPDX-License-Identifier: Apache-2.0
 * One connection to the target: dial, say what we have, hear what it has, go on from there or mirror. */
#include "agent/source/source_parts.h"
#include "core/ring.h"
#include "platform/clock.h"
#include "platform/host.h"

#include <stdlib.h>
#include <string.h>

#define DIAL_LIMIT    5000
#define WELCOME_LIMIT 30000 /* it may have to end an older session first */
#define SEND_LIMIT    10000
#define HELLO_BYTES   256u

static enum dr_code dial(struct source *source, enum lane lane, uint16_t port, struct conn **conn, struct dr_error *err)
{
    const struct source_config *config = &source->config;
    struct conn_to to = {.address = config->address, .port = port, .peer = &config->peer, .limit = DIAL_LIMIT};
    to.stop = &source->stopped;
    enum dr_code code = conn_dial(conn, config->tls, lane, &to, err);
    if (code)
        return code;
    conn_compress(*conn, config->compress);
    conn_limit(*conn, &source->limiter);
    return DR_OK;
}

/* What we have. */
static struct repl_hello hello_now(const struct source *source)
{
    const struct source_config *config = &source->config;
    const struct ring *ring = source->feed.ring;
    struct repl_hello hello = {.version = REPL_VERSION, .rule = config->rule, .member = config->self};
    hello.term = config->term;
    hello.stream = ring_stream(ring);
    hello.first = ring_head(ring) + 1;
    hello.last = ring_tail(ring);
    hello.former_stream = config->former_stream;
    hello.former_seq = config->former_seq;
    hello.began = config->began;
    hello.paths = source->tree.paths;
    return hello;
}

/* Says HELLO; the WELCOME must accept us. */
static enum dr_code greet(struct conn *conn, const struct repl_hello *hello, struct repl_welcome *welcome,
                          struct dr_error *err)
{
    uint8_t bytes[HELLO_BYTES];
    struct frame frame;
    struct cursor c = cursor_over(bytes, sizeof bytes);
    repl_hello_encode(&c, hello);
    struct piece piece = {bytes, sizeof bytes - cursor_left(&c)};
    enum dr_code code = conn_send(conn, REPL_HELLO, &piece, 1, SEND_LIMIT, err);
    if (!code)
        code = conn_receive(conn, &frame, WELCOME_LIMIT, err);
    if (code)
        return code;
    struct cursor answer = cursor_reading(frame.body, frame.size);
    if (frame.type != REPL_WELCOME || !repl_welcome_decode(&answer, welcome))
        return dr_fail(err, DR_PROTOCOL, "%s does not answer as a target of drnode", conn_name(conn));
    if (welcome->verdict != REPL_ACCEPTED)
        return dr_fail(err, DR_REFUSED, "%s refuses: %s", conn_name(conn), welcome->why);
    return DR_OK;
}

/* The target holds a prefix that the ring can continue: *seq is its last record. A former master that has nothing to
 * undo has taken our stream as its own before it said WELCOME; no other position of its own stream says what its
 * folders are. */
static bool can_resume(const struct repl_hello *hello, const struct repl_welcome *welcome, uint64_t *seq)
{
    *seq = welcome->seq;
    return !welcome->mixed && welcome->stream == hello->stream && welcome->seq <= hello->last &&
           welcome->seq + 1 >= hello->first;
}

static enum dr_code resume(struct session *s, uint64_t seq, struct dr_error *err)
{
    uint8_t bytes[HELLO_BYTES];
    struct repl_resume m = {.stream = s->stream, .seq = seq};
    struct cursor c = cursor_over(bytes, sizeof bytes);
    repl_resume_encode(&c, &m);
    struct piece piece = {bytes, sizeof bytes - cursor_left(&c)};
    s->position = seq;
    return conn_send(s->conn, REPL_RESUME, &piece, 1, SEND_LIMIT, err);
}

static void set_conn(struct source *source, struct conn **place, struct conn *conn)
{
    pthread_mutex_lock(&source->lock);
    *place = conn;
    if (conn && source->stop)
        conn_shut(conn);
    pthread_mutex_unlock(&source->lock);
}

/* Something to compare with: a second connection, for hashes. */
static enum dr_code open_hashes(struct session *s, const struct repl_hello *hello, struct dr_error *err)
{
    struct repl_welcome welcome;
    enum dr_code code = dial(s->source, LANE_MIRROR, s->source->config.mirror_port, &s->hashes, err);
    if (code)
        return code;
    set_conn(s->source, &s->source->hashes, s->hashes);
    return greet(s->hashes, hello, &welcome, err);
}

static void begin_status(struct session *s)
{
    struct source_status *status = &s->source->status;
    pthread_mutex_lock(&s->source->lock);
    s->source->level = !s->mirror;
    status->phase = s->mirror ? SOURCE_MIRRORING : SOURCE_REPLICATING;
    status->why[0] = '\0';
    status->stream = s->stream;
    status->sent = s->position;
    status->durable = status->applied = s->mirror ? 0 : s->position;
    status->mirrors += s->mirror;
    if (s->mirror)
        ring_release(s->source->feed.ring, s->position);
    pthread_mutex_unlock(&s->source->lock);
}

/* What waits does not keep the target waiting: it hangs up. */
static enum dr_code take_turn(const struct session *s, struct dr_error *err)
{
    struct errand *errand = s->source->errand;
    if (errand_turn(errand, ERRAND_MIRROR))
        return DR_OK;
    s->source->wants_mirror = true;
    return dr_fail(err, DR_BUSY, "the mirror waits for its turn: this node has %u others under way, as many as it may",
                   errand_most(errand, ERRAND_MIRROR));
}

static enum dr_code agree(struct session *s, struct dr_error *err)
{
    struct repl_hello hello = hello_now(s->source);
    struct repl_welcome welcome;
    uint64_t seq;
    enum dr_code code = greet(s->conn, &hello, &welcome, err);
    if (code)
        return code;
    s->stream = hello.stream;
    s->last_sent = clock_now();
    frame_out_init(&s->out, &s->source->ids, s->stream, hello.term);
    if (can_resume(&hello, &welcome, &seq)) {
        code = resume(s, seq, err);
        begin_status(s);
        return code;
    }
    code = take_turn(s, err);
    if (code)
        return code;
    s->mirror = true;
    s->mirror_began = clock_now();
    s->position = hello.last;
    begin_status(s);
    if (!welcome.empty)
        code = open_hashes(s, &hello, err);
    return code ? code : stream_mirror_begin(s, welcome.empty, err);
}

/* A broken ring begins a new stream before we say what we have. */
static enum dr_code mend(struct source *source, struct dr_error *err)
{
    uint64_t stream;
    if (!ring_broken(source->feed.ring, NULL, 0))
        return DR_OK;
    host_random(&stream, sizeof stream);
    return source->feed.restart(source->feed.baton, stream | 1, err);
}

static void hang_up(struct session *s)
{
    struct source *source = s->source;
    if (s->hashes)
        conn_shut(s->hashes);
    stream_mirror_end(s);
    uint64_t sent, wire = 0, hashes_wire = 0, received;
    if (s->conn)
        conn_counts(s->conn, &sent, &wire, &received);
    if (s->hashes)
        conn_counts(s->hashes, &sent, &hashes_wire, &received);
    set_conn(source, &source->conn, NULL);
    set_conn(source, &source->hashes, NULL);
    pthread_mutex_lock(&source->lock);
    source->wire_before += wire + hashes_wire;
    source->level = false;
    pthread_mutex_unlock(&source->lock);
    if (s->conn)
        conn_close(s->conn);
    if (s->hashes)
        conn_close(s->hashes);
}

void session_end(struct session *s)
{
    if (s->conn)
        conn_shut(s->conn);
    if (s->acks)
        errand_end(s->acks);
    hang_up(s);
    free(s);
}

enum dr_code session_begin(struct session **out, struct source *source, struct dr_error *err)
{
    struct session *s = calloc(1, sizeof *s);
    if (!s)
        return dr_fail(err, DR_FULL, "no memory for a session");
    s->source = source;
    source->wants_mirror = false;
    enum dr_code code = mend(source, err);
    if (!code)
        code = dial(source, LANE_REPLICATION, source->config.replication_port, &s->conn, err);
    if (!code) {
        set_conn(source, &source->conn, s->conn);
        code = agree(s, err);
    }
    if (!code)
        code = acks_begin(s, err);
    if (code)
        session_end(s);
    else
        *out = s;
    return code;
}
