/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/net/test_conn_faults.c - peers that leave, stall, or have a certificate of ours and send nonsense. */
#include "core/cursor.h"
#include "net/channel.h"
#include "net/conn.h"
#include "net/deadline.h"
#include "net/endpoint.h"
#include "net/frame.h"
#include "net/limiter.h"
#include "tests/unit/net/pair.h"
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LIMIT_MS 10000
#define MIB      (1u << 20)

/* ---- a peer that speaks TLS with a good certificate, and bytes of the test's choice in it ---- */

struct rogue {
    struct pki pki;
    struct tls *alpha, *beta;
    struct conn *conn;       /* ours; beta's */
    struct channel *channel; /* the rogue's; alpha's */
    int socket;
    uint16_t port;
};

static void *rogue_dial(void *argument)
{
    struct rogue *r = argument;
    struct dr_error err;
    CU_ASSERT_EQUAL_FATAL(endpoint_dial(&r->socket, "127.0.0.1", r->port, NULL, deadline_after(LIMIT_MS), -1, &err),
                          DR_OK);
    CU_ASSERT_EQUAL_FATAL(
        channel_open(&r->channel, r->alpha, r->socket, "ours", true, 65536, deadline_after(LIMIT_MS), -1, &err), DR_OK);
    return NULL;
}

static void rogue_open(struct rogue *r)
{
    struct dr_error err;
    pthread_t thread;
    pki_make(&r->pki);
    r->alpha = pki_node(&r->pki, "alpha", &pki_alpha);
    r->beta = pki_node(&r->pki, "beta", &pki_beta);
    int listener = pair_listen(&r->port);
    pthread_create(&thread, NULL, rogue_dial, r);
    int s = accept(listener, NULL, NULL);
    CU_ASSERT_EQUAL_FATAL(conn_accept(&r->conn, r->beta, LANE_REPLICATION, s, LIMIT_MS, &err), DR_OK);
    pthread_join(thread, NULL);
    close(listener);
}

static void rogue_leave(struct rogue *r)
{
    channel_close(r->channel);
    close(r->socket);
    r->channel = NULL;
}

static void rogue_close(struct rogue *r)
{
    if (r->channel)
        rogue_leave(r);
    conn_close(r->conn);
    tls_destroy(r->alpha);
    tls_destroy(r->beta);
    pki_remove(&r->pki);
}

static void rogue_says(struct rogue *r, const void *bytes, size_t size)
{
    struct dr_error err;
    CU_ASSERT_EQUAL(channel_write(r->channel, bytes, size, LIMIT_MS, &err), DR_OK);
    CU_ASSERT_EQUAL(channel_flush(r->channel, LIMIT_MS, &err), DR_OK);
}

static void rogue_heads(struct rogue *r, uint32_t wire, uint8_t flags, uint32_t size)
{
    uint8_t head[FRAME_HEAD];
    frame_head_encode(head, &(struct frame_head){.wire = wire, .type = 1, .flags = flags, .size = size});
    rogue_says(r, head, sizeof head);
}

static void is_told(struct conn *conn, enum dr_code code, const char *words)
{
    struct dr_error err = {.text = ""};
    struct frame frame;
    CU_ASSERT_EQUAL(conn_receive(conn, &frame, LIMIT_MS, &err), code);
    unit_says(err.text, words);
}

static void a_frame_in_parts_is_put_together(void)
{
    struct rogue r;
    struct frame frame;
    struct dr_error err;
    rogue_open(&r);
    CU_ASSERT_EQUAL(conn_receive(r.conn, &frame, 1, &err), DR_TIMEOUT);
    rogue_heads(&r, 6, 0, 6);
    CU_ASSERT_EQUAL(conn_receive(r.conn, &frame, 1, &err), DR_TIMEOUT);
    rogue_says(&r, "abc", 3);
    CU_ASSERT_EQUAL(conn_receive(r.conn, &frame, 1, &err), DR_TIMEOUT);
    rogue_says(&r, "def", 3);
    CU_ASSERT_EQUAL_FATAL(conn_receive(r.conn, &frame, LIMIT_MS, &err), DR_OK);
    CU_ASSERT_TRUE(frame.size == 6 && memcmp(frame.body, "abcdef", 6) == 0);
    rogue_close(&r);
}

#define SILENCE_MS 1000

struct trickle {
    struct rogue *rogue;
    msec longest; /* silence */
};

static void *rogue_trickles(void *argument)
{
    struct trickle *t = argument;
    msec last = clock_msec();
    for (int i = 0; i < 5; i++) {
        usleep(SILENCE_MS * 300);
        rogue_says(t->rogue, &"slow!"[i], 1);
        msec silent = clock_msec() - last;
        last += silent;
        t->longest = silent > t->longest ? silent : t->longest;
    }
    return NULL;
}

/* A large frame on a slow line, or under a low limit of its rate: the peer is not silent. */
static void a_slow_frame_is_waited_for(void)
{
    enum dr_code code;
    struct trickle t;
    do {
        struct rogue r;
        struct frame frame;
        struct dr_error err = {.text = ""};
        pthread_t thread;
        rogue_open(&r);
        rogue_heads(&r, 5, 0, 5);
        t = (struct trickle){.rogue = &r};
        pthread_create(&thread, NULL, rogue_trickles, &t);
        code = conn_receive(r.conn, &frame, SILENCE_MS, &err);
        pthread_join(thread, NULL);
        rogue_close(&r);
    } while (code == DR_TIMEOUT && t.longest >= SILENCE_MS); /* this machine was so slow that the peer was silent */
    CU_ASSERT_EQUAL(code, DR_OK);
}

static void a_peer_that_leaves_is_noticed(void)
{
    struct rogue r;
    rogue_open(&r);
    rogue_leave(&r);
    is_told(r.conn, DR_CLOSED, "lost the connection to 127.0.0.1:");
    rogue_close(&r);
}

static void a_peer_that_leaves_within_a_frame_is_noticed(void)
{
    struct rogue r;
    rogue_open(&r);
    rogue_heads(&r, 100, 0, 100);
    rogue_says(&r, "half", 4);
    rogue_leave(&r);
    is_told(r.conn, DR_CLOSED, "lost the connection to 127.0.0.1:");
    rogue_close(&r);
}

static void too_large_a_frame_is_refused(void)
{
    struct rogue r;
    rogue_open(&r);
    rogue_heads(&r, UINT32_MAX, 0, UINT32_MAX);
    is_told(r.conn, DR_PROTOCOL, "frame of 4294967295 bytes");
    is_told(r.conn, DR_CLOSED, "ended on this side"); /* what follows cannot be understood */
    rogue_close(&r);
}

static void bad_lz4_is_refused(void)
{
    struct rogue r;
    rogue_open(&r);
    rogue_heads(&r, 8, FRAME_LZ4, 1000);
    rogue_says(&r, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    is_told(r.conn, DR_PROTOCOL, "does not unpack");
    rogue_close(&r);
}

static void noise_under_tls_is_refused(void)
{
    struct rogue r;
    struct dr_error err;
    rogue_open(&r);
    CU_ASSERT_EQUAL(send(r.socket, "no TLS record at all", 20, 0), 20);
    struct frame frame;
    CU_ASSERT_EQUAL(conn_receive(r.conn, &frame, LIMIT_MS, &err), DR_PROTOCOL);
    unit_says(err.text, "127.0.0.1:");
    rogue_close(&r);
}

/* ---- peers that stall, and threads that wait ---- */

struct waiter {
    struct conn *conn;
    enum dr_code code;
    struct dr_error err;
    msec took;
};

static uint8_t plenty[4 * MIB];

static void *wait_in_send(void *argument)
{
    struct waiter *w = argument;
    struct piece piece = {plenty, sizeof plenty};
    msec began = clock_msec();
    do
        w->code = conn_send(w->conn, 1, &piece, 1, LIMIT_MS, &w->err);
    while (w->code == DR_OK);
    w->took = clock_msec() - began;
    return NULL;
}

static void *wait_in_receive(void *argument)
{
    struct waiter *w = argument;
    struct frame frame;
    msec began = clock_msec();
    w->code = conn_receive(w->conn, &frame, LIMIT_MS, &w->err);
    w->took = clock_msec() - began;
    return NULL;
}

static void shut_ends(void *(*wait)(void *), uint64_t rate)
{
    struct pair pair;
    pthread_t thread;
    struct limiter limiter;
    pair_open(&pair, LANE_REPLICATION);
    limiter_init(&limiter, rate);
    conn_limit(pair.dialled, &limiter);
    struct waiter w = {.conn = pair.dialled};
    pthread_create(&thread, NULL, wait, &w);
    usleep(200000);
    conn_shut(pair.dialled);
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(w.code, DR_CLOSED);
    unit_says(w.err.text, "ended on this side");
    CU_ASSERT_TRUE(w.took < LIMIT_MS / 2);
    is_told(pair.dialled, DR_CLOSED, "ended on this side");
    pair_close(&pair);
    limiter_destroy(&limiter);
}

static void shut_ends_a_receive(void)
{
    shut_ends(wait_in_receive, 0);
}

static void shut_ends_a_send(void)
{
    shut_ends(wait_in_send, 0);
}

static void shut_ends_a_send_that_waits_for_its_rate(void)
{
    shut_ends(wait_in_send, 1000);
}

static void a_peer_that_does_not_read_is_given_up(void)
{
    struct pair pair;
    struct dr_error err = {.text = ""};
    struct piece piece = {plenty, sizeof plenty};
    enum dr_code code;
    pair_open(&pair, LANE_REPLICATION);
    do
        code = conn_send(pair.dialled, 1, &piece, 1, 100, &err);
    while (code == DR_OK);
    CU_ASSERT_EQUAL(code, DR_TIMEOUT);
    CU_ASSERT_EQUAL(conn_send(pair.dialled, 1, &piece, 1, 100, &err), DR_CLOSED);
    unit_says(err.text, "cut off");
    pair_close(&pair);
}

static void a_peer_that_dies_ends_a_send(void)
{
    struct rogue r;
    rogue_open(&r);
    pthread_t thread;
    struct waiter w = {.conn = r.conn};
    pthread_create(&thread, NULL, wait_in_send, &w);
    usleep(50000);
    rogue_leave(&r);
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(w.code, DR_CLOSED);
    unit_says(w.err.text, "lost the connection");
    rogue_close(&r);
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"a frame in parts is put together", a_frame_in_parts_is_put_together},
        {"a slow frame is waited for", a_slow_frame_is_waited_for},
        {"a peer that leaves is noticed", a_peer_that_leaves_is_noticed},
        {"a peer that leaves within a frame is noticed", a_peer_that_leaves_within_a_frame_is_noticed},
        {"too large a frame is refused", too_large_a_frame_is_refused},
        {"bad LZ4 is refused", bad_lz4_is_refused},
        {"noise under TLS is refused", noise_under_tls_is_refused},
        {"shut ends a receive", shut_ends_a_receive},
        {"shut ends a send", shut_ends_a_send},
        {"shut ends a send that waits for its rate", shut_ends_a_send_that_waits_for_its_rate},
        {"a peer that does not read is given up", a_peer_that_does_not_read_is_given_up},
        {"a peer that dies ends a send", a_peer_that_dies_ends_a_send},
        CU_TEST_INFO_NULL,
    };
    return unit_run("conn_faults", cases);
}
