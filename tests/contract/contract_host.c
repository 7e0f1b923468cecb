/* SPDX-License-Identifier: Apache-2.0
 * platform/clock.h and platform/host.h: what every system keeps of them. */
#include "platform/clock.h"
#include "platform/host.h"
#include "tests/contract/contract.h"

#include <string.h>

static void a_sleep_is_not_too_short(void)
{
    msec before = clock_now();
    clock_sleep(0);
    clock_sleep(-5);
    for (int i = 0; i < 20; i++) {
        msec began = clock_now();
        clock_sleep(7);
        CU_ASSERT_TRUE(clock_now() - began >= 7);
    }
    CU_ASSERT_TRUE(clock_now() - before >= 140);
}

static void the_clock_for_people_is_of_this_century(void)
{
    CU_ASSERT_TRUE(clock_wall() > 1600000000000 && clock_wall() < 4102444800000);
}

static void programs_lie_beside_this_one(void)
{
    char path[512];
    struct dr_error err;
    CU_ASSERT_EQUAL_FATAL(host_program(path, sizeof path, "drnode", &err), DR_OK);
    CU_ASSERT_STRING_EQUAL(strrchr(path, '/'), "/drnode");
    CU_ASSERT_EQUAL(host_program(path, 8, "drnode", &err), DR_INVALID);
}

static void random_bytes_are_all_filled(void)
{
    uint8_t one[64] = {0}, other[64] = {0}, seen[sizeof one] = {0};
    host_random(one, sizeof one);
    host_random(other, sizeof other);
    CU_ASSERT_NOT_EQUAL(memcmp(one, other, sizeof one), 0);
    for (int i = 0; i < 16; i++) {
        host_random(one, sizeof one);
        for (unsigned k = 0; k < sizeof one; k++)
            seen[k] |= one[k];
    }
    for (unsigned k = 0; k < sizeof seen; k++)
        CU_ASSERT_NOT_EQUAL(seen[k], 0);
}

int main(void)
{
    if (!on_set_up())
        return 1;
    CU_TestInfo cases[] = {{"a sleep is not too short", a_sleep_is_not_too_short},
                           {"the clock for people is of this century", the_clock_for_people_is_of_this_century},
                           {"programs lie beside this one", programs_lie_beside_this_one},
                           {"random bytes are all filled", random_bytes_are_all_filled},
                           CU_TEST_INFO_NULL};
    int failed = unit_run("contract: host", cases);
    on_tear_down();
    return failed;
}
