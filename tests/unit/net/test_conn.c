/* SPDX-License-Identifier: Apache-2.0 */
#include "net/conn.h"
#include "tests/unit/net/pair.h"
#include "tests/unit/unit.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LIMIT_MS 10000
#define MIB      (1u << 20)

static void sends(struct conn *conn, uint8_t type, const void *bytes, size_t size)
{
    struct dr_error err = {.text = ""};
    struct piece piece = {bytes, size};
    enum dr_code code = conn_send(conn, type, &piece, 1, LIMIT_MS, &err);
    CU_ASSERT_EQUAL(code, DR_OK);
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

static void fill_random(uint8_t *bytes, size_t size)
{
    uint64_t x = 88172645463325252u;
    for (size_t i = 0; i < size; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        bytes[i] = (uint8_t)x;
    }
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
    pair_close(&pair);
}

struct sender {
    struct conn *conn;
    const uint8_t *bytes;
    size_t size;
    unsigned frames;
};

static void *send_all(void *argument)
{
    struct sender *s = argument;
    for (unsigned i = 0; i < s->frames; i++)
        sends(s->conn, (uint8_t)(1 + i % 200), s->bytes, s->size);
    return NULL;
}

static void every_size_arrives_whole(void)
{
    struct pair pair;
    pair_open(&pair, LANE_REPLICATION);
    uint8_t *bytes = malloc(4 * MIB);
    fill_random(bytes, 4 * MIB);
    const size_t sizes[] = {1, 11, 12, 13, 4096, 16371, 16372, 16373, 16384, 65536, 262144, MIB - 1, MIB + 1, 4 * MIB};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct sender s = {pair.dialled, bytes, sizes[i], 1};
        pthread_t thread;
        pthread_create(&thread, NULL, send_all, &s);
        receives(pair.accepted, 1, bytes, sizes[i]);
        pthread_join(thread, NULL);
    }
    free(bytes);
    pair_close(&pair);
}

int main(void)
{
    CU_TestInfo cases[] = {{"frames arrive both ways", frames_arrive_both_ways},
                           {"every size arrives whole", every_size_arrives_whole},
                           CU_TEST_INFO_NULL};
    return unit_run("conn", cases);
}
