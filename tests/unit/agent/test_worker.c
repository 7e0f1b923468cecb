/* SPDX-License-Identifier: Apache-2.0
 * Commands of a rule go one after another; a release ends what is in flight and what waits. */
#include "agent/rule/worker.h"
#include "platform/clock.h"
#include "tests/unit/unit.h"

#include <poll.h>
#include <stdatomic.h>

static struct worker *worker;
static struct dr_error err;
static atomic_int done, ended_early, together, most_together;

/* Carries a command out for `limit_ms`, or until it is told to end. */
static void carry(void *baton, const struct command *command)
{
    struct pollfd stop = {.fd = worker_stop(worker), .events = POLLIN};
    (void)baton;
    int now = atomic_fetch_add(&together, 1) + 1;
    if (now > atomic_load(&most_together))
        atomic_store(&most_together, now);
    if (poll(&stop, 1, (int)command->limit_ms) > 0)
        atomic_fetch_add(&ended_early, 1);
    atomic_fetch_sub(&together, 1);
    atomic_fetch_add(&done, 1);
}

static void set_up(void)
{
    atomic_store(&done, 0);
    atomic_store(&ended_early, 0);
    atomic_store(&most_together, 0);
    CU_ASSERT_EQUAL_FATAL(worker_create(&worker, carry, NULL, &err), DR_OK);
}

static enum dr_code post(enum ha_command_kind kind, msec span)
{
    struct command command = {.kind = kind, .limit_ms = span};
    return worker_post(worker, &command, &err);
}

static bool within(msec limit, atomic_int *counter, int wanted)
{
    for (msec until = clock_now() + limit; atomic_load(counter) < wanted && clock_now() < until;)
        clock_sleep(2);
    return atomic_load(counter) == wanted;
}

static void test_one_after_another(void)
{
    set_up();
    for (int i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(post(HA_FLIP_RO, 10), DR_OK);
    CU_ASSERT_TRUE(within(60000, &done, 5));
    CU_ASSERT_EQUAL(atomic_load(&most_together), 1);
    worker_destroy(worker);
}

static void test_clear_drops_and_ends(void)
{
    set_up();
    CU_ASSERT_EQUAL(post(HA_RUN_ACQUIRE, 60000), DR_OK);
    CU_ASSERT_EQUAL(post(HA_VIP_TAKE, 60000), DR_OK);
    while (atomic_load(&together) == 0)
        clock_sleep(1);
    worker_quiet(worker);
    CU_ASSERT_EQUAL(atomic_load(&done), 1);
    CU_ASSERT_EQUAL(atomic_load(&ended_early), 1);
    /* The wish was for what was in flight then, not for what comes. */
    CU_ASSERT_EQUAL(post(HA_FLIP_RO, 5), DR_OK);
    CU_ASSERT_TRUE(within(60000, &done, 2));
    CU_ASSERT_EQUAL(atomic_load(&ended_early), 1);
    worker_destroy(worker);
}

/* B5.1.3-21: "stop script" ends a script and nothing else. */
static void test_interrupt_by_kind(void)
{
    set_up();
    CU_ASSERT_EQUAL(post(HA_RUN_RELEASE, 60000), DR_OK);
    CU_ASSERT_EQUAL(post(HA_FLIP_RO, 20), DR_OK);
    while (atomic_load(&together) == 0)
        clock_sleep(1);
    worker_interrupt(worker, HA_VIP_TAKE);
    clock_sleep(50);
    CU_ASSERT_EQUAL(atomic_load(&done), 0);
    worker_interrupt(worker, HA_RUN_RELEASE);
    CU_ASSERT_TRUE(within(60000, &done, 2));
    CU_ASSERT_EQUAL(atomic_load(&ended_early), 1);
    worker_destroy(worker);
}

static void test_full_is_told(void)
{
    set_up();
    CU_ASSERT_EQUAL(post(HA_RUN_ACQUIRE, 60000), DR_OK);
    while (atomic_load(&together) == 0)
        clock_sleep(1);
    for (int i = 0; i < WORKER_QUEUE; i++)
        CU_ASSERT_EQUAL(post(HA_FLIP_RO, 1), DR_OK);
    CU_ASSERT_EQUAL(post(HA_FLIP_RO, 1), DR_FULL);
    CU_ASSERT_EQUAL(post((enum ha_command_kind)100, 1), DR_FULL); /* a kind that core does not know */
    worker_destroy(worker);                                       /* ends although much waits */
}

int main(void)
{
    CU_TestInfo cases[] = {{"one after another", test_one_after_another},
                           {"clear drops what waits and ends what runs", test_clear_drops_and_ends},
                           {"interrupt ends one kind (B5.1.3-21)", test_interrupt_by_kind},
                           {"a full queue is told", test_full_is_told},
                           CU_TEST_INFO_NULL};
    return unit_run("worker", cases);
}
