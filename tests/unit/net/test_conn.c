/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/net/test_conn.c - frames between two good nodes (B1.1.3-08: compression, speed limit). */
#include "net/conn.h"
#include "net/deadline.h"
#include "net/limiter.h"
#include "tests/unit/net/pair.h"
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIMIT_MS 10000
#define MIB      (1u << 20)

static void sends(struct conn *conn, uint8_t type, const void *bytes, size_t size)
{
    struct dr_error err = {.text = ""};
    struct piece piece = {bytes, size};
    CU_ASSERT_EQUAL(conn_send(conn, type, &piece, 1, LIMIT_MS, &err), DR_OK);
    CU_ASSERT_STRING_EQUAL(err.text, "");
}

static void receives(struct conn *conn, uint8_t type, const void *bytes, size_t size)
{
    struct dr_error err = {.text = ""};
    struct frame frame = {0};
    CU_ASSERT_EQUAL_FATAL(conn_receive(conn, &frame, LIMIT_MS, &err), DR_OK);
    CU_ASSERT_EQUAL(frame.type, type);
    CU_ASSERT_EQUAL_FATAL(frame.size, size);
    CU_ASSERT_TRUE(size == 0 || memcmp(frame.body, bytes, size) == 0);
}

/* A thread that sends or receives `frames` equal frames; their type is 1. */
struct half {
    struct conn *conn;
    const uint8_t *bytes;
    size_t size;
    unsigned frames;
    pthread_t thread;
};

static void *half_send(void *argument)
{
    struct half *h = argument;
    for (unsigned i = 0; i < h->frames; i++)
        sends(h->conn, 1, h->bytes, h->size);
    return NULL;
}

static void *half_receive(void *argument)
{
    struct half *h = argument;
    for (unsigned i = 0; i < h->frames; i++)
        receives(h->conn, 1, h->bytes, h->size);
    return NULL;
}

static void start(struct half *h, void *(*run)(void *))
{
    CU_ASSERT_EQUAL_FATAL(pthread_create(&h->thread, NULL, run, h), 0);
}

/* One way, so large that it only fits when the other side reads. */
static void carry(struct conn *from, struct conn *to, const uint8_t *bytes, size_t size, unsigned frames)
{
    struct half h = {.conn = from, .bytes = bytes, .size = size, .frames = frames}, r = h;
    r.conn = to;
    start(&h, half_send);
    half_receive(&r);
    pthread_join(h.thread, NULL);
}

static void frames_arrive_both_ways(void)
{
    struct pair pair;
    pair_open(&pair, LANE_REPLICATION);
    sends(pair.dialled, 7, "hello", 5);
    receives(pair.accepted, 7, "hello", 5);
    sends(pair.accepted, 200, "", 0);
    receives(pair.dialled, 200, "", 0);
    CU_ASSERT_STRING_EQUAL(conn_peer(pair.dialled)->hex, pki_beta.hex);
    CU_ASSERT_STRING_EQUAL(conn_peer(pair.accepted)->hex, pki_alpha.hex);
    CU_ASSERT_EQUAL(strncmp(conn_name(pair.dialled), "127.0.0.1:", 10), 0);
    pair_close(&pair);
}

static void every_size_arrives_whole(void)
{
    const size_t sizes[] = {1,     11,    12,    13,     4096,    16371,   16372,  16373,
                            16384, 65536, 65537, 262144, MIB - 1, MIB + 1, 4 * MIB};
    struct pair pair;
    uint8_t *bytes = malloc(4 * MIB);
    pair_open(&pair, LANE_REPLICATION);
    unit_noise(bytes, 4 * MIB);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        carry(pair.dialled, pair.accepted, bytes, sizes[i], 2);
    free(bytes);
    pair_close(&pair);
}

static void pieces_are_joined(void)
{
    struct pair pair;
    uint8_t *bytes = malloc(3 * MIB);
    struct piece pieces[300];
    struct dr_error err;
    size_t size = 0;
    pair_open(&pair, LANE_RECOVERY);
    unit_noise(bytes, 3 * MIB);
    for (unsigned i = 0; i < 300; i++) { /* small, empty and large ones in turn: 2.1 MiB */
        pieces[i] = (struct piece){bytes + size, i % 3 == 0 ? 168 : i % 3 == 1 ? 0 : 20000};
        size += pieces[i].size;
    }
    for (enum compress mode = COMPRESS_OFF; mode <= COMPRESS_ON; mode++) {
        struct half r = {.conn = pair.accepted, .bytes = bytes, .size = size, .frames = 1};
        conn_compress(pair.dialled, mode);
        start(&r, half_receive);
        CU_ASSERT_EQUAL(conn_send(pair.dialled, 1, pieces, 300, LIMIT_MS, &err), DR_OK);
        pthread_join(r.thread, NULL);
    }
    free(bytes);
    pair_close(&pair);
}

static void too_large_a_frame_is_not_sent(void)
{
    struct pair pair;
    struct dr_error err;
    uint8_t bytes[MIB / 8] = {0};
    struct piece piece = {bytes, sizeof bytes};
    pair_open(&pair, LANE_HEARTBEAT);
    CU_ASSERT_EQUAL(conn_send(pair.dialled, 1, &piece, 1, LIMIT_MS, &err), DR_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "heartbeat"));
    sends(pair.dialled, 2, "still good", 10);
    receives(pair.accepted, 2, "still good", 10);
    pair_close(&pair);
}

static uint64_t wire_of(struct pair *pair, enum compress mode, const uint8_t *bytes, size_t size, unsigned frames)
{
    uint64_t sent, before, after, received;
    conn_compress(pair->dialled, mode);
    conn_counts(pair->dialled, &sent, &before, &received);
    carry(pair->dialled, pair->accepted, bytes, size, frames);
    conn_counts(pair->dialled, &sent, &after, &received);
    return after - before;
}

static void compression_saves_what_it_can(void)
{
    struct pair pair;
    uint8_t *text = malloc(MIB), *noise = malloc(MIB);
    memset(text, 'x', MIB);
    unit_noise(noise, MIB);
    pair_open(&pair, LANE_REPLICATION);
    CU_ASSERT_TRUE(wire_of(&pair, COMPRESS_OFF, text, MIB, 2) >= 2 * MIB);
    CU_ASSERT_TRUE(wire_of(&pair, COMPRESS_ON, text, MIB, 2) < MIB / 8);
    CU_ASSERT_TRUE(wire_of(&pair, COMPRESS_AUTO, text, MIB, 2) < MIB / 8);
    uint64_t as_it_is = wire_of(&pair, COMPRESS_ON, noise, MIB, 2);
    CU_ASSERT_TRUE(as_it_is >= 2 * MIB && as_it_is < 2 * MIB + 100);
    as_it_is = wire_of(&pair, COMPRESS_AUTO, noise, MIB, 2);
    CU_ASSERT_TRUE(as_it_is >= 2 * MIB && as_it_is < 2 * MIB + 100);
    free(text);
    free(noise);
    pair_close(&pair);
}

static void counts_add_up(void)
{
    struct pair pair;
    uint64_t sent, wire, received;
    pair_open(&pair, LANE_MIRROR);
    conn_counts(pair.dialled, &sent, &wire, &received);
    CU_ASSERT_TRUE(sent == 0 && wire == 0 && received == 0); /* the greeting is not counted */
    carry(pair.dialled, pair.accepted, (const uint8_t *)"12345", 5, 3);
    conn_counts(pair.dialled, &sent, &wire, &received);
    CU_ASSERT_TRUE(sent == 15 && wire == 15 + 3 * 12 && received == 0);
    conn_counts(pair.accepted, &sent, &wire, &received);
    CU_ASSERT_TRUE(sent == 0 && wire == 0 && received == 15);
    pair_close(&pair);
}

/* Four threads, two at each end, as fast as they can. */
static void duplex_at_full_speed(void)
{
    struct pair pair;
    uint8_t *bytes = malloc(MIB);
    pair_open(&pair, LANE_REPLICATION);
    unit_noise(bytes, MIB);
    struct half there = {.conn = pair.dialled, .bytes = bytes, .size = 300000, .frames = 60}, there_end = there;
    struct half back = {.conn = pair.accepted, .bytes = bytes, .size = 41, .frames = 3000}, back_end = back;
    there_end.conn = pair.accepted;
    back_end.conn = pair.dialled;
    start(&there, half_send);
    start(&back, half_send);
    start(&there_end, half_receive);
    half_receive(&back_end);
    pthread_join(there.thread, NULL);
    pthread_join(back.thread, NULL);
    pthread_join(there_end.thread, NULL);
    free(bytes);
    pair_close(&pair);
}

/* The other side does not read for a while: the writer waits, and what comes the other way comes all the same. */
static void a_blocked_writer_does_not_stop_the_reader(void)
{
    struct pair pair;
    uint8_t *bytes = calloc(1, 4 * MIB);
    pair_open(&pair, LANE_REPLICATION);
    struct half out = {.conn = pair.dialled, .bytes = bytes, .size = 4 * MIB, .frames = 8}, out_end = out;
    start(&out, half_send);
    for (unsigned i = 0; i < 200; i++)
        sends(pair.accepted, 1, "ack", 3);
    for (unsigned i = 0; i < 200; i++)
        receives(pair.dialled, 1, "ack", 3);
    out_end.conn = pair.accepted;
    half_receive(&out_end);
    pthread_join(out.thread, NULL);
    free(bytes);
    pair_close(&pair);
}

static void a_receive_without_time_takes_what_is_there(void)
{
    struct pair pair;
    struct frame frame;
    struct dr_error err;
    pair_open(&pair, LANE_HEARTBEAT);
    CU_ASSERT_EQUAL(conn_receive(pair.accepted, &frame, 0, &err), DR_TIMEOUT);
    CU_ASSERT_FALSE(conn_pending(pair.accepted));
    sends(pair.dialled, 1, "one", 3);
    sends(pair.dialled, 2, "two", 3);
    receives(pair.accepted, 1, "one", 3);
    CU_ASSERT_TRUE(conn_pending(pair.accepted));
    receives(pair.accepted, 2, "two", 3);
    CU_ASSERT_EQUAL(conn_receive(pair.accepted, &frame, 0, &err), DR_TIMEOUT);
    CU_ASSERT_FALSE(conn_pending(pair.accepted));
    pair_close(&pair);
}

static void the_rate_is_kept(void)
{
    struct pair pair;
    struct limiter limiter;
    uint8_t *bytes = calloc(1, MIB);
    pair_open(&pair, LANE_REPLICATION);
    limiter_init(&limiter, MIB);
    conn_limit(pair.dialled, &limiter);
    msec began = clock_msec();
    carry(pair.dialled, pair.accepted, bytes, MIB / 4, 2);
    CU_ASSERT_TRUE(clock_msec() - began >= 350); /* half a second's worth, less what was saved up */
    free(bytes);
    pair_close(&pair);
    limiter_destroy(&limiter);
}

/* A mirror with its questions takes no more than the rate of its rule. */
static void connections_share_a_rate(void)
{
    struct pair one, other;
    struct limiter limiter;
    uint8_t *bytes = calloc(1, MIB);
    pair_open(&one, LANE_REPLICATION);
    pair_open(&other, LANE_MIRROR);
    limiter_init(&limiter, MIB);
    conn_limit(one.dialled, &limiter);
    conn_limit(other.dialled, &limiter);
    msec began = clock_msec();
    for (unsigned i = 0; i < 4; i++) {
        carry(one.dialled, one.accepted, bytes, MIB / 16, 1);
        carry(other.dialled, other.accepted, bytes, MIB / 16, 1);
    }
    CU_ASSERT_TRUE(clock_msec() - began >= 350);
    free(bytes);
    pair_close(&one);
    pair_close(&other);
    limiter_destroy(&limiter);
}

static void a_rate_may_be_lifted_while_a_send_waits(void)
{
    struct pair pair;
    struct limiter limiter;
    uint8_t *bytes = calloc(1, MIB);
    pair_open(&pair, LANE_REPLICATION);
    limiter_init(&limiter, 1000); /* a quarter of an hour for what follows */
    conn_limit(pair.dialled, &limiter);
    struct half h = {.conn = pair.dialled, .bytes = bytes, .size = MIB, .frames = 1}, end = h;
    start(&h, half_send);
    usleep(50000);
    limiter_set(&limiter, 0);
    end.conn = pair.accepted;
    half_receive(&end);
    pthread_join(h.thread, NULL);
    free(bytes);
    pair_close(&pair);
    limiter_destroy(&limiter);
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"frames arrive both ways", frames_arrive_both_ways},
        {"every size arrives whole", every_size_arrives_whole},
        {"pieces are joined", pieces_are_joined},
        {"too large a frame is not sent", too_large_a_frame_is_not_sent},
        {"compression saves what it can", compression_saves_what_it_can},
        {"counts add up", counts_add_up},
        {"duplex at full speed", duplex_at_full_speed},
        {"a blocked writer does not stop the reader", a_blocked_writer_does_not_stop_the_reader},
        {"a receive without time takes what is there", a_receive_without_time_takes_what_is_there},
        {"the rate is kept", the_rate_is_kept},
        {"connections share a rate", connections_share_a_rate},
        {"a rate may be lifted while a send waits", a_rate_may_be_lifted_while_a_send_waits},
        CU_TEST_INFO_NULL,
    };
    return unit_run("conn", cases);
}
