/* SPDX-License-Identifier: Apache-2.0 */
#include "net/conn.h"

#include "core/cursor.h"
#include "core/id.h"
#include "net/channel.h"
#include "net/deadline.h"
#include "net/endpoint.h"
#include "net/frame.h"
#include "net/limiter.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WINDOW_DATA  (256u << 10)
#define WINDOW_SMALL (16u << 10)
#define PART_MIN     (1u << 10)

/* The acceptor's first frame. In TLS 1.3 the dialler is through before its certificate was looked at; so it waits for
 * these words, and learns here that it was refused, or that it called the wrong port. */
#define GREETING         0u
#define GREETING_VERSION 1u

struct conn {
    int socket;
    enum lane lane;
    struct channel *channel;
    char name[ENDPOINT_NAME];
    _Atomic uint64_t sent, sent_wire, received;

    /* The sender's. */
    struct packer packer;
    _Atomic enum compress compress;
    struct limiter *limiter; /* NULL: none */

    /* The receiver's: how much of head and wire bytes is there, across calls. */
    uint8_t head_bytes[FRAME_HEAD];
    struct frame_head head;
    size_t head_got, wire_got;
    uint8_t *wire, *body;
    size_t wire_room, body_room;
};

static size_t frame_max(const struct conn *conn)
{
    return lane_facts(conn->lane)->frame_max;
}

/* Waits until the rate allows more: in short rests, as the rate may be changed meanwhile. */
static void pay(struct conn *conn, size_t bytes)
{
    const int64_t rest_us = 100000;
    int64_t wait;
    limiter_take(conn->limiter, bytes);
    while ((wait = limiter_wait_us(conn->limiter)) > 0)
        if (!channel_rest(conn->channel, ((wait < rest_us ? wait : rest_us) + 999) / 1000))
            return; /* the next write says why */
}

/* With a limit, in parts of about 50 ms, so that the line is not silent for seconds and then full. */
static size_t part_max(const struct conn *conn)
{
    uint64_t part = conn->limiter ? limiter_rate(conn->limiter) / 20 : 0;
    if (part == 0 || part > WINDOW_DATA)
        return WINDOW_DATA;
    return part < PART_MIN ? PART_MIN : part;
}

static enum dr_code send_paced(struct conn *conn, const void *bytes, size_t size, msec limit, struct dr_error *err)
{
    const uint8_t *at = bytes;
    enum dr_code code = DR_OK;
    while (size > 0 && code == DR_OK) {
        size_t most = part_max(conn), part = size < most ? size : most;
        code = channel_write(conn->channel, at, part, limit, err);
        bool limited = conn->limiter && limiter_rate(conn->limiter) > 0;
        if (code == DR_OK && limited && (code = channel_flush(conn->channel, limit, err)) == DR_OK)
            pay(conn, part);
        at += part;
        size -= part;
    }
    return code;
}

enum dr_code conn_put(struct conn *conn, uint8_t type, const struct piece *pieces, unsigned count, msec limit,
                      struct dr_error *err)
{
    size_t size = 0, wire;
    for (unsigned i = 0; i < count; i++)
        size += pieces[i].size;
    if (size > frame_max(conn))
        return dr_fail(err, DR_INVALID, "a frame of %zu bytes is too large for the %s lane (%zu)", size,
                       lane_facts(conn->lane)->name, frame_max(conn));
    conn->packer.mode = atomic_load(&conn->compress);
    const uint8_t *packed = packer_pack(&conn->packer, pieces, count, size, &wire);
    struct piece one = {packed, wire};
    if (packed)
        pieces = &one, count = 1;
    else
        wire = size;
    uint8_t head[FRAME_HEAD];
    frame_head_encode(head, &(struct frame_head){(uint32_t)wire, type, packed ? FRAME_LZ4 : 0, (uint32_t)size});
    enum dr_code code = send_paced(conn, head, sizeof head, limit, err);
    for (unsigned i = 0; i < count && code == DR_OK; i++)
        code = send_paced(conn, pieces[i].bytes, pieces[i].size, limit, err);
    atomic_fetch_add(&conn->sent, size);
    atomic_fetch_add(&conn->sent_wire, wire + FRAME_HEAD);
    return code;
}

enum dr_code conn_flush(struct conn *conn, msec limit, struct dr_error *err)
{
    return channel_flush(conn->channel, limit, err);
}

enum dr_code conn_send(struct conn *conn, uint8_t type, const struct piece *pieces, unsigned count, msec limit,
                       struct dr_error *err)
{
    enum dr_code code = conn_put(conn, type, pieces, count, limit, err);
    return code ? code : conn_flush(conn, limit, err);
}

static enum dr_code room(struct conn *conn, uint8_t **bytes, size_t *have, size_t need, struct dr_error *err)
{
    if (*have >= need)
        return DR_OK;
    free(*bytes);
    *bytes = malloc(need);
    *have = *bytes ? need : 0;
    if (*bytes)
        return DR_OK;
    return dr_fail(err, DR_FULL, "no memory for a frame of %zu bytes from %s", need, conn->name);
}

/* Goes on where the last call stopped; `limit` counts anew with every part that comes. */
static enum dr_code read_on(struct conn *conn, uint8_t *bytes, size_t *got, size_t size, msec limit,
                            struct dr_error *err)
{
    while (*got < size) {
        size_t part;
        if (channel_read(conn->channel, bytes + *got, size - *got, &part, deadline_after(limit), err) != DR_OK)
            return err->code;
        *got += part;
    }
    return DR_OK;
}

/* The head is there: room for what it announces. An empty body has an address too, so that nobody need care. */
static enum dr_code prepare(struct conn *conn, struct dr_error *err)
{
    enum dr_code code = frame_head_decode(&conn->head, conn->head_bytes, frame_max(conn), err);
    if (code == DR_OK)
        code = room(conn, &conn->body, &conn->body_room, conn->head.size + 1, err);
    if (code == DR_OK && conn->head.flags & FRAME_LZ4)
        code = room(conn, &conn->wire, &conn->wire_room, conn->head.wire, err);
    return code;
}

/* What follows a frame that was not understood would not be either. */
static enum dr_code spoiled(struct conn *conn, struct dr_error *err)
{
    conn_shut(conn);
    return dr_within(err, "from %s", conn->name);
}

enum dr_code conn_receive(struct conn *conn, struct frame *frame, msec limit, struct dr_error *err)
{
    if (conn->head_got < FRAME_HEAD) {
        if (read_on(conn, conn->head_bytes, &conn->head_got, FRAME_HEAD, limit, err) != DR_OK)
            return err->code;
        if (prepare(conn, err) != DR_OK)
            return spoiled(conn, err);
    }
    bool packed = conn->head.flags & FRAME_LZ4;
    if (read_on(conn, packed ? conn->wire : conn->body, &conn->wire_got, conn->head.wire, limit, err) != DR_OK)
        return err->code;
    conn->head_got = conn->wire_got = 0;
    if (packed && frame_unpack(conn->body, &conn->head, conn->wire, err) != DR_OK)
        return spoiled(conn, err);
    atomic_fetch_add(&conn->received, conn->head.size);
    *frame = (struct frame){conn->head.type, conn->body, conn->head.size};
    return DR_OK;
}

static enum dr_code greet(struct conn *conn, msec deadline, struct dr_error *err)
{
    uint8_t words[3] = {GREETING_VERSION, 0, (uint8_t)conn->lane};
    struct piece piece = {words, sizeof words};
    return conn_send(conn, GREETING, &piece, 1, deadline_left(deadline), err);
}

static enum dr_code await_greeting(struct conn *conn, msec deadline, struct dr_error *err)
{
    struct frame frame;
    if (conn_receive(conn, &frame, deadline_left(deadline), err) != DR_OK)
        return dr_within(err, "waiting for the other side's welcome");
    struct cursor c = cursor_reading(frame.body, frame.size);
    unsigned version = cursor_get_u16(&c), lane = cursor_get_u8(&c);
    if (frame.type != GREETING || !cursor_ok(&c) || lane >= LANE_COUNT)
        return dr_fail(err, DR_PROTOCOL, "%s did not greet: is it another program with our certificates?", conn->name);
    if (version != GREETING_VERSION)
        return dr_fail(err, DR_REFUSED, "%s speaks version %u of the protocol, this node %u: update the older one",
                       conn->name, version, GREETING_VERSION);
    if (lane != conn->lane)
        return dr_fail(err, DR_REFUSED, "%s serves the %s lane, not %s: check the port", conn->name,
                       lane_facts(lane)->name, lane_facts(conn->lane)->name);
    return DR_OK;
}

static enum dr_code check_peer(const struct conn *conn, const struct dr_id *peer, struct dr_error *err)
{
    if (!peer || dr_id_equal(peer, conn_peer(conn)))
        return DR_OK;
    return dr_fail(err, DR_REFUSED, "%s is node %s, not %s as configured: check the address", conn->name,
                   conn_peer(conn)->hex, peer->hex);
}

/* The socket is the connection's from here on, also if this fails. */
static enum dr_code conn_open(struct conn **conn, struct tls *tls, enum lane lane, int socket, bool dialling,
                              const struct dr_id *peer, msec deadline, int stop, struct dr_error *err)
{
    struct conn *made = calloc(1, sizeof *made);
    if (!made) {
        close(socket);
        return dr_fail(err, DR_FULL, "no memory for a connection");
    }
    made->socket = socket;
    made->lane = lane;
    endpoint_name(made->name, socket);
    size_t window = frame_max(made) > WINDOW_SMALL ? WINDOW_DATA : WINDOW_SMALL;
    enum dr_code code = channel_open(&made->channel, tls, socket, made->name, dialling, window, deadline, stop, err);
    if (code == DR_OK)
        code = check_peer(made, peer, err);
    if (code == DR_OK)
        code = dialling ? await_greeting(made, deadline, err) : greet(made, deadline, err);
    if (code != DR_OK) {
        conn_close(made);
        return code;
    }
    channel_heed(made->channel, -1);
    /* The greeting is not the caller's. */
    made->sent = made->sent_wire = made->received = 0;
    *conn = made;
    return DR_OK;
}

enum dr_code conn_dial(struct conn **conn, struct tls *tls, enum lane lane, const struct conn_to *to,
                       struct dr_error *err)
{
    int socket, stop = to->stop ? *to->stop : -1;
    msec deadline = deadline_after(to->limit);
    if (endpoint_dial(&socket, to->address, to->port, to->source, deadline, stop, err) != DR_OK)
        return err->code;
    return conn_open(conn, tls, lane, socket, true, to->peer, deadline, stop, err);
}

enum dr_code conn_accept(struct conn **conn, struct tls *tls, enum lane lane, int socket, msec limit,
                         struct dr_error *err)
{
    if (endpoint_tune(socket, err) != DR_OK) {
        close(socket);
        return err->code;
    }
    return conn_open(conn, tls, lane, socket, false, NULL, deadline_after(limit), -1, err);
}

const struct dr_id *conn_peer(const struct conn *conn)
{
    return channel_peer(conn->channel);
}

const char *conn_name(const struct conn *conn)
{
    return conn->name;
}

void conn_compress(struct conn *conn, enum compress mode)
{
    atomic_store(&conn->compress, mode);
}

void conn_limit(struct conn *conn, struct limiter *limiter)
{
    conn->limiter = limiter;
}

void conn_counts(const struct conn *conn, uint64_t *sent, uint64_t *sent_wire, uint64_t *received)
{
    *sent = atomic_load(&conn->sent);
    *sent_wire = atomic_load(&conn->sent_wire);
    *received = atomic_load(&conn->received);
}

int conn_socket(const struct conn *conn)
{
    return conn->socket;
}

bool conn_pending(const struct conn *conn)
{
    return channel_pending(conn->channel);
}

void conn_shut(struct conn *conn)
{
    channel_shut(conn->channel);
}

void conn_close(struct conn *conn)
{
    if (conn->channel)
        channel_close(conn->channel);
    packer_free(&conn->packer);
    close(conn->socket);
    free(conn->wire);
    free(conn->body);
    free(conn);
}
