/* SPDX-License-Identifier: Apache-2.0
 * Two nodes in one process: lines that come up, go down and come back; ports that garbage does not block. */
#include "agent/dial.h"
#include "agent/listen.h"
#include "platform/clock.h"
#include "tests/unit/net/pair.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct pki pki;
static struct tls *alpha, *beta;
static struct dr_error err;
static atomic_int answers, turned_away, connections;
static atomic_bool mute; /* beta hears and says nothing */

/* Beta answers each frame with the same. */
static bool echo(void *baton, enum lane lane, struct wire *wire, struct guest *guest)
{
    struct frame frame;
    struct dr_error failure;
    (void)baton;
    (void)guest;
    CU_ASSERT_EQUAL(lane, LANE_HEARTBEAT);
    atomic_fetch_add(&connections, 1);
    while (wire_receive(wire, &frame, 10000, &failure) == DR_OK)
        if (!atomic_load(&mute) && wire_send(wire, frame.type, frame.body, frame.size, &failure) != DR_OK)
            break;
    return false;
}

static void say(void *baton, const char *line)
{
    (void)baton;
    CU_ASSERT_PTR_NULL(strchr(line, '\n'));
    atomic_fetch_add(&turned_away, 1);
}

static struct listen *listen_as_beta(uint16_t port)
{
    struct listen *listen;
    struct listen_config config = {.tls = beta, .serve = echo, .say = say};
    CU_ASSERT_EQUAL_FATAL(listen_create(&listen, &config, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(listen_open(listen, LANE_HEARTBEAT, "127.0.0.1", port, &err), DR_OK);
    return listen;
}

static uint16_t free_port(void)
{
    uint16_t port;
    close(pair_listen(&port));
    return port;
}

static bool count(void *baton, const struct frame *frame)
{
    (void)baton;
    atomic_fetch_add(&answers, 1);
    return frame->size == 5 && memcmp(frame->body, "hello", 5) == 0;
}

static struct dial *dial_every(uint16_t port, const struct dr_id *peer, msec interval)
{
    struct dial *dial;
    struct dial_config config = {.tls = alpha,
                                 .lane = LANE_HEARTBEAT,
                                 .address = "127.0.0.1",
                                 .port = port,
                                 .peer = *peer,
                                 .interval = interval,
                                 .silence = 300,
                                 .receive = count};
    CU_ASSERT_EQUAL_FATAL(dial_start(&dial, &config, &err), DR_OK);
    return dial;
}

static struct dial *dial_beta(uint16_t port, const struct dr_id *peer)
{
    return dial_every(port, peer, 50);
}

/* Beats every 20 ms until an answer comes. */
static bool answered(struct dial *dial, msec limit)
{
    int before = atomic_load(&answers);
    for (msec until = clock_now() + limit; clock_now() < until; clock_sleep(20)) {
        (void)!dial_send(dial, NULL, 1, "hello", 5, &err); /* not up yet: the next one */
        if (atomic_load(&answers) > before)
            return true;
    }
    return false;
}

static void test_comes_back(void)
{
    uint16_t port = free_port();
    struct dial *dial = dial_beta(port, &pki_beta);
    CU_ASSERT_EQUAL(dial_send(dial, NULL, 1, "hello", 5, &err), DR_CLOSED);
    struct dial_status status;
    for (int life = 0; life < 3; life++) {
        struct listen *listen = listen_as_beta(port);
        CU_ASSERT_TRUE(answered(dial, 5000));
        dial_status(dial, &status);
        CU_ASSERT_TRUE(status.up);
        listen_destroy(listen);
        CU_ASSERT_FALSE(answered(dial, 200));
    }
    dial_status(dial, &status);
    CU_ASSERT_FALSE(status.up);
    CU_ASSERT_TRUE(status.why[0] != '\0');
    dial_destroy(dial);
}

/* What was said while the line was down is heard once it is up: the newest only. */
static void test_newest_is_kept(void)
{
    uint16_t port = free_port();
    struct dial *dial = dial_beta(port, &pki_beta);
    int before = atomic_load(&answers);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(dial_send(dial, NULL, 1, "hello", 5, &err), DR_CLOSED);
    struct listen *listen = listen_as_beta(port);
    for (msec until = clock_now() + 5000; atomic_load(&answers) == before && clock_now() < until;)
        clock_sleep(10);
    clock_sleep(100);
    CU_ASSERT_EQUAL(atomic_load(&answers), before + 1);
    dial_destroy(dial);
    listen_destroy(listen);
}

/* A peer that hears and is silent is dead to us: the connection is given up and another one is tried. */
static void test_silence_ends_a_connection(void)
{
    uint16_t port = free_port();
    struct listen *listen = listen_as_beta(port);
    struct dial *dial = dial_beta(port, &pki_beta);
    CU_ASSERT_TRUE(answered(dial, 5000));
    int before = atomic_load(&connections);
    atomic_store(&mute, true);
    for (msec until = clock_now() + 5000; atomic_load(&connections) < before + 2 && clock_now() < until;)
        clock_sleep(20);
    CU_ASSERT_TRUE(atomic_load(&connections) >= before + 2);
    atomic_store(&mute, false);
    CU_ASSERT_TRUE(answered(dial, 5000));
    dial_destroy(dial);
    listen_destroy(listen);
}

static void test_other_node_is_refused(void)
{
    uint16_t port = free_port();
    struct listen *listen = listen_as_beta(port);
    struct dial *dial = dial_beta(port, &pki_alpha); /* beta's certificate names beta */
    CU_ASSERT_FALSE(answered(dial, 500));
    struct dial_status status;
    dial_status(dial, &status);
    CU_ASSERT_FALSE(status.up);
    dial_destroy(dial);
    listen_destroy(listen);
}

static int connect_raw(uint16_t port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* Strangers that say garbage, or nothing at all, block nobody; each is one line in the log at most. */
static void test_garbage_blocks_nobody(void)
{
    uint16_t port = free_port();
    struct listen *listen = listen_as_beta(port);
    int silent[20];
    for (int i = 0; i < 20; i++)
        silent[i] = connect_raw(port);
    int garbage = connect_raw(port);
    CU_ASSERT_EQUAL(send(garbage, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL), 18);
    struct dial *dial = dial_beta(port, &pki_beta);
    CU_ASSERT_TRUE(answered(dial, 4000));
    dial_destroy(dial);
    close(garbage);
    for (int i = 0; i < 20; i++)
        close(silent[i]);
    listen_destroy(listen);
    CU_ASSERT_TRUE(atomic_load(&turned_away) >= 1);
}

static void test_port_in_use_is_named(void)
{
    uint16_t port;
    int taken = pair_listen(&port);
    struct listen *listen;
    struct listen_config config = {.tls = beta, .serve = echo, .say = say};
    char number[8];
    snprintf(number, sizeof number, "%u", port);
    CU_ASSERT_EQUAL_FATAL(listen_create(&listen, &config, &err), DR_OK);
    CU_ASSERT_EQUAL(listen_open(listen, LANE_HEARTBEAT, "127.0.0.1", port, &err), DR_BUSY);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, number));
    listen_destroy(listen);
    close(taken);
}

/* Not for an attempt under way (the peer takes the connection and says nothing), nor for the pause after one. */
static void test_an_end_is_not_waited_for(void)
{
    uint16_t silent_port;
    int silent = pair_listen(&silent_port);
    const uint16_t ports[] = {silent_port, free_port()};
    for (size_t i = 0; i < 2; i++) {
        struct dial *dial = dial_every(ports[i], &pki_beta, 4000);
        clock_sleep(100);
        msec began = clock_now();
        dial_destroy(dial);
        CU_ASSERT_TRUE(clock_now() - began < 2000);
    }
    close(silent);
}

int main(void)
{
    pki_make(&pki);
    alpha = pki_node(&pki, "alpha", &pki_alpha);
    beta = pki_node(&pki, "beta", &pki_beta);
    CU_TestInfo cases[] = {{"a line comes back as often as its peer does", test_comes_back},
                           {"the newest message waits for the line", test_newest_is_kept},
                           {"silence ends a connection", test_silence_ends_a_connection},
                           {"an end is not waited for", test_an_end_is_not_waited_for},
                           {"another node than the rule's is refused", test_other_node_is_refused},
                           {"garbage and silent strangers block nobody", test_garbage_blocks_nobody},
                           {"a port in use is named", test_port_in_use_is_named},
                           CU_TEST_INFO_NULL};
    int failed = unit_run("lines", cases);
    tls_destroy(alpha);
    tls_destroy(beta);
    pki_remove(&pki);
    return failed;
}
