/* SPDX-License-Identifier: Apache-2.0
 * Rules that share a connection: each hears its own, none is in the way of another. */
#include "agent/listen.h"
#include "agent/trunk.h"
#include "core/ha_message.h"
#include "platform/clock.h"
#include "tests/unit/net/pair.h"
#include "tests/unit/unit.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RULES 20

static struct pki pki;
static struct tls *alpha, *beta;
static struct dr_error err;
static struct trunks *trunks;
static atomic_int connections;

struct line {
    struct rider *rider;
    struct dr_id rule;
    atomic_int heard;
    atomic_bool foreign; /* it heard what was not its own */
};
static struct line line[RULES];

/* Beta says back what it hears. */
static bool echo(void *baton, enum lane lane, struct wire *wire, struct guest *guest)
{
    struct frame frame;
    struct dr_error failure;
    (void)baton;
    (void)guest;
    (void)lane;
    atomic_fetch_add(&connections, 1);
    while (wire_receive(wire, &frame, 10000, &failure) == DR_OK)
        if (wire_send(wire, frame.type, frame.body, frame.size, &failure) != DR_OK)
            break;
    return false;
}

static void say(void *baton, const char *text)
{
    (void)baton;
    (void)text;
}

static bool hear(void *baton, const struct frame *frame)
{
    struct line *l = baton;
    struct ha_message m;
    struct cursor c = cursor_reading(frame->body, frame->size);
    if (!ha_message_decode(&c, &m) || strcmp(m.rule.hex, l->rule.hex) != 0)
        atomic_store(&l->foreign, true);
    atomic_fetch_add(&l->heard, 1);
    return true;
}

static struct dial_config config_of(struct line *l, uint16_t port, msec interval)
{
    return (struct dial_config){.tls = alpha,
                                .lane = LANE_HEARTBEAT,
                                .address = "127.0.0.1",
                                .port = port,
                                .peer = pki_beta,
                                .interval = interval,
                                .silence = 4 * interval,
                                .receive = hear,
                                .baton = l};
}

static void join(unsigned i, uint16_t port, msec interval)
{
    memset(&line[i], 0, sizeof line[i]);
    snprintf(line[i].rule.hex, sizeof line[i].rule.hex, "%032X", RULES - i);
    struct dial_config config = config_of(&line[i], port, interval);
    CU_ASSERT_EQUAL_FATAL(trunk_join(&line[i].rider, trunks, &config, &line[i].rule, 1, &err), DR_OK);
}

static enum dr_code send_one(unsigned i)
{
    uint8_t bytes[HA_MESSAGE_WIRE];
    struct cursor c = cursor_over(bytes, sizeof bytes);
    struct ha_message m = {.kind = HA_ANSWER, .rule = line[i].rule, .from = MEMBER_NONE, .asker = 7};
    ha_message_encode(&c, &m);
    return trunk_send(line[i].rider, NULL, bytes, sizeof bytes - cursor_left(&c), &err);
}

static bool wait_heard(unsigned i, int least)
{
    for (msec until = clock_now() + 10000; clock_now() < until && atomic_load(&line[i].heard) < least;)
        clock_sleep(5);
    return atomic_load(&line[i].heard) >= least;
}

static struct listen *listen_as_beta(uint16_t *port)
{
    struct listen *listen;
    struct listen_config config = {.tls = beta, .serve = echo, .say = say};
    close(pair_listen(port));
    CU_ASSERT_EQUAL_FATAL(listen_create(&listen, &config, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(listen_open(listen, LANE_HEARTBEAT, "127.0.0.1", *port, &err), DR_OK);
    return listen;
}

/* Nothing is connected yet when the first is said: the newest of each waits for the connection. */
static void test_each_hears_its_own(void)
{
    uint16_t port;
    struct listen *listen = listen_as_beta(&port);
    atomic_store(&connections, 0);
    for (unsigned i = 0; i < RULES; i++) {
        join(i, port, 5000);
        (void)!send_one(i); /* kept until it is up */
    }
    for (unsigned i = 0; i < RULES; i++)
        CU_ASSERT_TRUE(wait_heard(i, 1));
    CU_ASSERT_EQUAL(atomic_load(&connections), 1);
    for (unsigned i = 0; i < RULES; i++)
        CU_ASSERT_FALSE(atomic_load(&line[i].foreign));
    for (unsigned i = 0; i < RULES; i++)
        trunk_leave(line[i].rider);
    listen_destroy(listen);
}

static void test_one_that_leaves_disturbs_nobody(void)
{
    uint16_t port;
    struct listen *listen = listen_as_beta(&port);
    atomic_store(&connections, 0);
    for (unsigned i = 0; i < 3; i++) {
        join(i, port, 5000);
        (void)!send_one(i); /* kept until it is up */
        CU_ASSERT_TRUE(wait_heard(i, 1));
    }
    trunk_leave(line[1].rider);
    int before = atomic_load(&line[1].heard);
    for (unsigned i = 0; i < 3; i += 2) {
        CU_ASSERT_EQUAL(send_one(i), DR_OK);
        CU_ASSERT_TRUE(wait_heard(i, 2));
    }
    CU_ASSERT_EQUAL(atomic_load(&line[1].heard), before);
    CU_ASSERT_EQUAL(atomic_load(&connections), 1);
    trunk_leave(line[0].rider);
    trunk_leave(line[2].rider);
    join(0, port, 5000);
    (void)!send_one(0); /* kept until it is up */
    CU_ASSERT_TRUE(wait_heard(0, 1));
    CU_ASSERT_EQUAL(atomic_load(&connections), 2);
    trunk_leave(line[0].rider);
    listen_destroy(listen);
}

/* A connection is given up after the silence of its rules: that has to be the same for all of them. */
static void test_another_pace_is_another_connection(void)
{
    uint16_t port;
    struct listen *listen = listen_as_beta(&port);
    atomic_store(&connections, 0);
    for (unsigned i = 0; i < 2; i++) {
        join(i, port, i == 0 ? 5000 : 6000);
        (void)!send_one(i); /* kept until it is up */
        CU_ASSERT_TRUE(wait_heard(i, 1));
    }
    CU_ASSERT_EQUAL(atomic_load(&connections), 2);
    trunk_leave(line[0].rider);
    trunk_leave(line[1].rider);
    listen_destroy(listen);
}

/* As the decision thread sends: of all rules together, at the end of a turn. */
static void test_what_is_held_back_goes_out_together(void)
{
    uint16_t port;
    struct outbox outbox = {.count = 0};
    uint8_t bytes[HA_MESSAGE_WIRE];
    int before[RULES];
    struct listen *listen = listen_as_beta(&port);
    for (unsigned i = 0; i < RULES; i++) {
        join(i, port, 5000);
        (void)!send_one(i); /* kept until it is up */
        CU_ASSERT_TRUE(wait_heard(i, 1));
    }
    for (unsigned i = 0; i < RULES; i++)
        before[i] = atomic_load(&line[i].heard); /* the first may have come twice */
    for (unsigned i = 0; i < RULES; i++) {
        struct cursor c = cursor_over(bytes, sizeof bytes);
        struct ha_message m = {.kind = HA_ANSWER, .rule = line[i].rule, .from = MEMBER_NONE, .asker = 7};
        ha_message_encode(&c, &m);
        CU_ASSERT_EQUAL(trunk_send(line[i].rider, &outbox, bytes, sizeof bytes - cursor_left(&c), &err), DR_OK);
    }
    clock_sleep(50);
    for (unsigned i = 0; i < RULES; i++)
        CU_ASSERT_EQUAL(atomic_load(&line[i].heard), before[i]);
    outbox_flush(&outbox);
    CU_ASSERT_EQUAL(outbox.count, 0);
    for (unsigned i = 0; i < RULES; i++) {
        CU_ASSERT_TRUE(wait_heard(i, before[i] + 1));
        CU_ASSERT_FALSE(atomic_load(&line[i].foreign));
        trunk_leave(line[i].rider);
    }
    listen_destroy(listen);
}

int main(void)
{
    pki_make(&pki);
    alpha = pki_node(&pki, "alpha", &pki_alpha);
    beta = pki_node(&pki, "beta", &pki_beta);
    CU_TestInfo cases[] = {{"each hears its own over one connection", test_each_hears_its_own},
                           {"one that leaves disturbs nobody", test_one_that_leaves_disturbs_nobody},
                           {"another pace is another connection", test_another_pace_is_another_connection},
                           {"what is held back goes out together", test_what_is_held_back_goes_out_together},
                           CU_TEST_INFO_NULL};
    if (trunks_create(&trunks, &err) != DR_OK)
        return 1;
    int status = unit_run("trunk", cases);
    trunks_destroy(trunks);
    tls_destroy(alpha);
    tls_destroy(beta);
    pki_remove(&pki);
    return status;
}
