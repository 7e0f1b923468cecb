/* SPDX-License-Identifier: Apache-2.0
 * The process that keeps addresses behind a fence: not after their time, whatever becomes of drnode. (This program is
 * its own keeper.) */
#include "agent/keeper.h"
#include "platform/clock.h"
#include "tests/unit/unit.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define AMPLE 600000

static struct dr_error err;
static struct vip vip;

static struct keeper *hired(const char *address)
{
    struct keeper *keeper;
    CU_ASSERT_EQUAL_FATAL(vip_parse(&vip, address, "left", &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(keeper_create(&keeper, "/proc/self/exe", &err), DR_OK);
    return keeper;
}

static struct keeper_command command(enum keeper_act act, msec lifetime)
{
    return (struct keeper_command){.act = act,
                                   .fence = {.name = "drnode_keeper", .vip = &vip, .vips = 1},
                                   .lifetime = lifetime,
                                   .deadline = clock_now() + AMPLE};
}

static enum dr_code asked(struct keeper *keeper, enum keeper_act act, msec lifetime)
{
    struct keeper_command c = command(act, lifetime);
    return keeper_run(keeper, &c, -1, &err);
}

static bool held(void)
{
    bool is = false;
    CU_ASSERT_EQUAL(vip_held(&vip, &is, &err), DR_OK);
    return is;
}

static bool open_now(void)
{
    struct keeper_command c = command(KEEPER_TAKE, 0);
    bool is = false;
    CU_ASSERT_EQUAL(fence_is_open(&c.fence, &is, &err), DR_OK);
    return is;
}

/* By its keeper: the kernel's own lifetime is longer than the patience here has to be. */
static void goes(msec until)
{
    while (held() && clock_now() < until + AMPLE)
        clock_sleep(2);
    CU_ASSERT_FALSE(held());
    CU_ASSERT_FALSE(open_now());
}

static void it_takes_and_takes_away(void)
{
    struct keeper *keeper = hired("10.99.7.70/24");
    CU_ASSERT_EQUAL(asked(keeper, KEEPER_BUILD, 0), DR_OK);
    CU_ASSERT_EQUAL(asked(keeper, KEEPER_RENEW, AMPLE), DR_NOT_FOUND);
    CU_ASSERT_FALSE(held());
    CU_ASSERT_EQUAL(asked(keeper, KEEPER_TAKE, AMPLE), DR_OK);
    CU_ASSERT_TRUE(held() && open_now());
    msec from = clock_now();
    CU_ASSERT_EQUAL(asked(keeper, KEEPER_RENEW, 150), DR_OK);
    goes(from);
    CU_ASSERT_TRUE(clock_now() - from >= 150 - 10);
    keeper_destroy(keeper);
}

static void not_after_its_deadline(void)
{
    struct keeper *keeper = hired("10.99.7.71/24");
    struct keeper_command late = command(KEEPER_TAKE, AMPLE);
    late.deadline = clock_now() - 1;
    CU_ASSERT_EQUAL(keeper_run(keeper, &late, -1, &err), DR_TIMEOUT);
    CU_ASSERT_FALSE(held() || open_now());
    keeper_destroy(keeper);
}

static void a_release_ends_what_is_in_flight(void)
{
    struct keeper *keeper = hired("10.99.7.72/24");
    int stop = eventfd(1, EFD_CLOEXEC);
    struct keeper_command take = command(KEEPER_TAKE, AMPLE);
    CU_ASSERT_EQUAL(keeper_run(keeper, &take, stop, &err), DR_CLOSED);
    CU_ASSERT_EQUAL(asked(keeper, KEEPER_TAKE, AMPLE), DR_OK); /* another one is there */
    close(stop);
    keeper_destroy(keeper);
}

static void it_outlives_its_drnode_but_not_the_time(void)
{
    struct keeper *keeper = hired("10.99.7.73/24");
    CU_ASSERT_EQUAL(asked(keeper, KEEPER_TAKE, 300), DR_OK);
    keeper_destroy(keeper);
    goes(clock_now());
}

static void what_the_next_drnode_renewed_is_not_taken_away(void)
{
    struct keeper *keeper = hired("10.99.7.74/24"), *next = hired("10.99.7.74/24");
    CU_ASSERT_EQUAL(asked(next, KEEPER_TAKE, AMPLE), DR_OK); /* so that it has started */
    CU_ASSERT_EQUAL(asked(keeper, KEEPER_TAKE, 400), DR_OK);
    keeper_destroy(keeper);
    enum dr_code renewed = asked(next, KEEPER_RENEW, AMPLE);
    CU_ASSERT_TRUE(renewed == DR_OK || renewed == DR_NOT_FOUND); /* this test may stand still for long */
    clock_sleep(500);
    CU_ASSERT_TRUE(held() == (renewed == DR_OK));
    CU_ASSERT_TRUE(open_now() == (renewed == DR_OK));
    keeper_destroy(next);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], KEEPER_WORD) == 0)
        return keeper_main();
    if (unshare(CLONE_NEWNET) != 0 ||
        system("ip link add left type veth peer name right && ip link set left up && ip link set right up") != 0) {
        fprintf(stderr, "test_keeper: cannot make a network namespace: run as root\n");
        return 1;
    }
    CU_TestInfo cases[] = {{"it takes an address, and takes it away", it_takes_and_takes_away},
                           {"nothing after its deadline", not_after_its_deadline},
                           {"a release ends what is in flight", a_release_ends_what_is_in_flight},
                           {"it outlives its drnode, but not the time", it_outlives_its_drnode_but_not_the_time},
                           {"what the next drnode renewed stays", what_the_next_drnode_renewed_is_not_taken_away},
                           CU_TEST_INFO_NULL};
    return unit_run("keeper", cases);
}
