/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/source/receive.h"
#include "platform/clock.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SILENCE        30000  /* ms without a whole frame: the source is gone (it pings every 2 s) */
#define MIRROR_SILENCE 600000 /* the mirror lane has nothing to ask while a long folder is read */
#define HASH_PATIENCE  30000  /* for the frame that a question is about: the source asks only about what it has sent */
#define HASH_LOOK      200    /* ms after which the end of the connection is seen */
#define SEND_LIMIT     10000
#define ACK_EVERY      1000                  /* ms; sooner when there is something new */
#define ANSWER_BLOCKS  (REPL_ASK_BLOCKS / 2) /* hashes that are sent at once: the readers there wait for them */
#define ACK_MIRROR     10 /* ms between two while a mirror is under way: only its first frame and its end matter */
#define ANSWER_BYTES   (256u + REPL_ASK_BLOCKS * REPL_HASH_BYTES + REPL_TEXT_MAX)

static enum dr_code send_message(struct conn *conn, enum repl_type type, const uint8_t *bytes, const struct cursor *c,
                                 struct dr_error *err)
{
    struct piece piece = {bytes, (size_t)(c->at - bytes)};
    return conn_send(conn, (uint8_t)type, &piece, 1, SEND_LIMIT, err);
}

/* ---- HELLO and WELCOME ---- */

static enum dr_code check_hello(const struct conn *conn, const struct repl_hello *hello,
                                const struct receive_config *config, struct dr_error *err)
{
    if (hello->version != REPL_VERSION)
        return dr_fail(err, DR_REFUSED, "it speaks version %u of the replication protocol, this node %u: update one",
                       hello->version, REPL_VERSION);
    if (strcmp(hello->rule.hex, config->rule.hex) != 0)
        return dr_fail(err, DR_REFUSED, "rule %s is not known here: copy its file to etc/rules", hello->rule.hex);
    if (strcmp(conn_peer(conn)->hex, config->peer.hex) != 0 || hello->member != member_other(config->self))
        return dr_fail(err, DR_REFUSED, "node %s is not the other member of rule %s", conn_peer(conn)->hex,
                       config->rule.hex);
    if (hello->term < config->term || member_of_term(hello->term) != hello->member)
        return dr_fail(err, DR_REFUSED,
                       "term %" PRIu64 " is over or not the sender's: this node knows of term %" PRIu64, hello->term,
                       config->term);
    if (hello->paths != config->paths)
        return dr_fail(err, DR_REFUSED, "it has %u protected folders for rule %s, this node %u: compare the rule files",
                       hello->paths, config->rule.hex, config->paths);
    return DR_OK;
}

static enum dr_code welcome(struct conn *conn, const struct repl_welcome *m, struct dr_error *err)
{
    uint8_t bytes[ANSWER_BYTES];
    struct cursor c = cursor_over(bytes, sizeof bytes);
    repl_welcome_encode(&c, m);
    return send_message(conn, REPL_WELCOME, bytes, &c, err);
}

/* Says why in words, to the peer and to the caller. */
static enum dr_code refuse(struct conn *conn, term_no term, struct dr_error *err)
{
    struct repl_welcome m = {.verdict = REPL_REFUSED, .term = term};
    struct dr_error ignored; /* the refusal itself is what the caller must hear of */
    snprintf(m.why, sizeof m.why, "%.*s", (int)sizeof m.why - 1, err->text);
    if (welcome(conn, &m, &ignored) != DR_OK)
        return dr_within(err, "%s (and it could not be told so)", conn_name(conn));
    return dr_within(err, "refused %s", conn_name(conn));
}

/* Our own last record is where the source's mastership began: nothing to undo, its stream goes on from there. */
static enum dr_code take_over_position(const struct repl_hello *hello, struct target *target,
                                       const struct receive_config *config, struct dr_error *err)
{
    struct target_progress p;
    target_progress(target, &p);
    bool same =
        config->own_stream && hello->former_stream == config->own_stream && hello->former_seq == config->own_seq;
    if (!same || p.stream == hello->stream)
        return DR_OK;
    return target_adopt(target, hello->term, hello->stream, hello->began, err);
}

static enum dr_code say_welcome(struct conn *conn, const struct repl_hello *hello, struct target *target,
                                const struct receive_config *config, struct dr_error *err)
{
    struct target_progress p;
    enum dr_code code = check_hello(conn, hello, config, err);
    if (!code)
        code = take_over_position(hello, target, config, err);
    if (code)
        return refuse(conn, config->term, err);
    target_progress(target, &p);
    struct repl_welcome m = {.verdict = REPL_ACCEPTED, .term = p.term, .stream = p.stream, .seq = p.received};
    m.mixed = p.mixed;
    m.empty = target_empty(target);
    return welcome(conn, &m, err);
}

/* ---- acknowledgements ---- */

/* Two errands: one receives, one acknowledges. The first ends both. */
struct reception {
    struct conn *conn;
    struct target *target;
    struct receive_end end;
    struct errand *receiver, *teller;
    struct dr_error why; /* the receiver's */
    msec heard, fed;     /* the receiver's: when the last frame came, and the last one with records */
    struct target_progress told;
    msec told_at, news; /* the teller's, with `told`: when it was told (0: never), and when that was something new */
};

static enum dr_code send_ack(struct conn *conn, const struct target_progress *p, struct dr_error *err)
{
    uint8_t bytes[ANSWER_BYTES];
    struct repl_ack m = {
        .frame = p->frame, .applied = p->applied, .applied_frame = p->applied_frame, .mixed = p->mixed};
    m.durable = p->mixed ? p->applied : p->durable;
    struct cursor c = cursor_over(bytes, sizeof bytes);
    repl_ack_encode(&c, &m);
    return send_message(conn, REPL_ACK, bytes, &c, err);
}

static bool ack_differs(const struct target_progress *a, const struct target_progress *b)
{
    return a->frame != b->frame || a->durable != b->durable || a->applied != b->applied ||
           a->applied_frame != b->applied_frame || a->mixed != b->mixed;
}

static bool ack_is_due(const struct reception *r, const struct target_progress *seen)
{
    return r->told_at == 0 || ack_differs(seen, &r->told) || clock_now() - r->told_at >= ACK_EVERY;
}

static enum dr_code tell_now(struct reception *r, const struct target_progress *seen)
{
    struct dr_error err; /* the receiver finds out, and says why */
    if (send_ack(r->conn, seen, &err) != DR_OK)
        return err.code;
    r->told_at = clock_now();
    if (ack_differs(seen, &r->told))
        r->news = r->told_at;
    r->told = *seen;
    return DR_OK;
}

static struct errand_rest tell(void *baton)
{
    struct reception *r = baton;
    struct target_progress seen;
    bool linger;
    target_progress(r->target, &seen);
    do {
        bool due = ack_is_due(r, &seen), mirror = r->told_at != 0 && seen.mixed && r->told.frame > 0;
        if (due && mirror && clock_now() - r->told_at < ACK_MIRROR)
            return (struct errand_rest){ERRAND_PARK, ERRAND_TELL, r->told_at + ACK_MIRROR};
        if (due && tell_now(r, &seen) != DR_OK) {
            conn_shut(r->conn);
            return (struct errand_rest){ERRAND_SLEEP, ERRAND_TELL, INT64_MAX};
        }
        linger = errand_may_linger(r->teller, r->news);
        if (linger)
            target_wait(r->target, &seen, ERRAND_LOOK);
    } while (linger);
    return (struct errand_rest){ERRAND_PARK, ERRAND_TELL, r->told_at + ACK_EVERY};
}

static void wake_teller(void *baton)
{
    struct reception *r = baton;
    errand_wake(r->teller);
}

/* ---- the stream ---- */

/* The first frame after WELCOME says whether the stream goes on or a mirror begins; a mirror that looks around first
 * shows signs of life before it. */
static enum dr_code begin(struct conn *conn, const struct repl_hello *hello, struct target *target,
                          struct dr_error *err)
{
    struct frame frame;
    struct repl_resume m;
    enum dr_code code;
    do
        code = conn_receive(conn, &frame, SILENCE, err);
    while (code == DR_OK && frame.type == REPL_PING);
    if (code)
        return code;
    if (frame.type == REPL_RECORDS) {
        code = target_begin(target, hello->term, hello->stream, hello->last, true, err);
        return code ? code : target_feed(target, frame.body, frame.size, err);
    }
    struct cursor c = cursor_reading(frame.body, frame.size);
    if (frame.type != REPL_RESUME || !repl_resume_decode(&c, &m))
        return dr_fail(err, DR_PROTOCOL, "%s neither resumes nor mirrors", conn_name(conn));
    return target_begin(target, hello->term, m.stream, m.seq, false, err);
}

/* DR_TIMEOUT: nothing has come. */
static enum dr_code feed(struct reception *r, msec limit, struct dr_error *err)
{
    struct frame frame;
    enum dr_code code = conn_receive(r->conn, &frame, limit, err);
    if (code == DR_TIMEOUT && clock_now() - r->heard >= SILENCE)
        return dr_fail(err, DR_CLOSED, "%s has been silent for %d s", conn_name(r->conn), SILENCE / 1000);
    if (code)
        return code;
    r->heard = clock_now();
    if (frame.type == REPL_PING)
        return DR_OK;
    if (frame.type != REPL_RECORDS)
        return dr_fail(err, DR_PROTOCOL, "%s sent a frame of type %u in the stream", conn_name(r->conn), frame.type);
    r->fed = r->heard;
    return target_feed(r->target, frame.body, frame.size, err);
}

static struct errand_rest receive(void *baton)
{
    struct reception *r = baton;
    enum dr_code code;
    bool linger, go_on;
    msec began = clock_now();
    do {
        linger = errand_may_linger(r->receiver, r->fed);
        code = feed(r, linger ? ERRAND_LOOK : 0, &r->why);
        go_on = code == DR_OK ? errand_may_go_on(r->receiver, began) : code == DR_TIMEOUT && linger;
    } while (go_on);
    if (code == DR_OK)
        return (struct errand_rest){ERRAND_AGAIN, ERRAND_RECEIVE, INT64_MAX};
    if (code == DR_TIMEOUT)
        return (struct errand_rest){ERRAND_PARK, ERRAND_RECEIVE, r->heard + SILENCE};
    return (struct errand_rest){.next = ERRAND_OVER};
}

static void stop_telling(struct reception *r)
{
    conn_shut(r->conn);
    target_unwatch(r->target, r);
    errand_end(r->teller);
}

static void over(void *baton)
{
    struct reception *r = baton;
    stop_telling(r);
    r->end.ended(r->end.baton, &r->why);
    free(r);
}

static enum dr_code begin_errands(struct reception *r, struct errands *errands, struct dr_error *err)
{
    struct errand_config teller = {.carry = tell, .baton = r, .kind = ERRAND_TELL, .descriptor = {-1, -1}};
    struct errand_config receiver = {.carry = receive, .over = over, .baton = r, .kind = ERRAND_RECEIVE};
    receiver.descriptor[0] = conn_socket(r->conn);
    receiver.descriptor[1] = -1;
    enum dr_code code = errand_begin(&r->teller, errands, &teller, err);
    if (code)
        return code;
    target_watch(r->target, wake_teller, r);
    code = errand_begin(&r->receiver, errands, &receiver, err); /* it may be over before this returns */
    if (code)
        stop_telling(r);
    return code;
}

enum dr_code receive_replication(struct conn *conn, const struct repl_hello *hello, struct target *target,
                                 const struct receive_config *config, const struct receive_end *end,
                                 struct dr_error *err)
{
    enum dr_code code = say_welcome(conn, hello, target, config, err);
    if (!code)
        code = begin(conn, hello, target, err);
    if (code)
        return code;
    struct reception *r = calloc(1, sizeof *r);
    if (!r)
        return dr_fail(err, DR_FULL, "no memory for a session");
    *r = (struct reception){.conn = conn, .target = target, .end = *end, .heard = clock_now()};
    code = begin_errands(r, config->errands, err);
    if (code)
        free(r);
    return code;
}

/* ---- hashes for a mirror ---- */

/* By the source, or by a command of ours that ends the session. */
static bool is_hung_up(struct conn *conn)
{
    struct pollfd look = {.fd = conn_socket(conn), .events = POLLRDHUP};
    return poll(&look, 1, 0) > 0;
}

/* The end of one lane: answers to small questions leave together, but never wait for what takes time. */
struct answers {
    struct conn *conn;
    struct target *target;
    uint64_t before;
    uint32_t held; /* blocks in answers that have not left yet */
};

static enum dr_code flush(struct answers *a, struct dr_error *err)
{
    a->held = 0;
    return conn_flush(a->conn, SEND_LIMIT, err);
}

/* The frame that it is about is seldom applied later than the question comes. */
static enum dr_code hash(struct answers *a, const struct repl_hash_ask *ask, struct repl_hashes *hashes,
                         struct dr_error *err)
{
    enum dr_code code = target_hash(a->target, a->before, 0, ask, hashes, err);
    if (code != DR_TIMEOUT)
        return code;
    code = flush(a, err);
    if (code)
        return code;
    msec give_up = clock_now() + HASH_PATIENCE;
    do
        code = target_hash(a->target, a->before, HASH_LOOK, ask, hashes, err);
    while (code == DR_TIMEOUT && clock_now() < give_up && !is_hung_up(a->conn));
    return code;
}

static enum dr_code answer(struct answers *a, const struct repl_hash_ask *ask, struct dr_error *err)
{
    uint8_t bytes[ANSWER_BYTES];
    struct repl_hashes hashes;
    enum dr_code code = hash(a, ask, &hashes, err);
    if (code)
        return code;
    struct cursor c = cursor_over(bytes, sizeof bytes);
    repl_hashes_encode(&c, &hashes);
    struct piece piece = {bytes, (size_t)(c.at - bytes)};
    code = conn_put(a->conn, REPL_HASHES, &piece, 1, SEND_LIMIT, err);
    a->held += hashes.blocks;
    return code || a->held < ANSWER_BLOCKS ? code : flush(a, err);
}

static enum dr_code next_question(struct answers *a, struct frame *frame, struct dr_error *err)
{
    enum dr_code code = conn_receive(a->conn, frame, 0, err);
    if (code != DR_TIMEOUT)
        return code;
    code = flush(a, err);
    return code ? code : conn_receive(a->conn, frame, MIRROR_SILENCE, err);
}

enum dr_code receive_mirror(struct conn *conn, const struct repl_hello *hello, struct target *target,
                            const struct receive_config *config, struct dr_error *err)
{
    enum dr_code code = check_hello(conn, hello, config, err);
    if (code)
        return refuse(conn, config->term, err);
    struct repl_welcome m = {.verdict = REPL_ACCEPTED, .term = config->term};
    /* Sessions are counted before WELCOME: the source's frames come after it. */
    struct answers answers = {.conn = conn, .target = target, .before = target_sessions(target)};
    code = welcome(conn, &m, err);
    while (!code) {
        struct frame frame;
        struct repl_hash_ask ask;
        if ((code = next_question(&answers, &frame, err)) != DR_OK)
            break;
        struct cursor c = cursor_reading(frame.body, frame.size);
        if (frame.type != REPL_HASH_ASK || !repl_hash_ask_decode(&c, &ask))
            code = dr_fail(err, DR_PROTOCOL, "%s asks for something else than hashes", conn_name(conn));
        else
            code = answer(&answers, &ask, err);
    }
    return code;
}
