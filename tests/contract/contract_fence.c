/* SPDX-License-Identifier: Apache-2.0
 * platform/fence.h: it shuts by itself when its time is over, to the millisecond, and nothing late opens it again. */
#include "platform/clock.h"
#include "platform/fence.h"
#include "platform/vip.h"
#include "tests/contract/contract.h"

#include <stdio.h>

static struct dr_error err;
static struct vip vips[2];

static struct fence made(const char *name)
{
    struct fence fence = {.vip = vips, .vips = 2};
    snprintf(fence.name, sizeof fence.name, "%s", name);
    CU_ASSERT_EQUAL_FATAL(vip_parse(&vips[0], "10.99.7.60/24", "left", &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(vip_parse(&vips[1], "fd00:99::60/64", "left", &err), DR_OK);
    return fence;
}

static bool is_open(const struct fence *fence)
{
    bool open = true;
    CU_ASSERT_EQUAL_FATAL(fence_is_open(fence, &open, &err), DR_OK);
    return open;
}

static void it_is_built_shut_and_opens(void)
{
    struct fence fence = made("drnode_one");
    CU_ASSERT_FALSE(is_open(&fence));
    CU_ASSERT_EQUAL(fence_open(&fence, 1000, &err), DR_NOT_FOUND);
    CU_ASSERT_EQUAL(fence_shut(&fence, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(fence_build(&fence, &err), DR_OK);
    CU_ASSERT_FALSE(is_open(&fence));
    CU_ASSERT_EQUAL(fence_extend(&fence, 1000, &err), DR_NOT_FOUND);
    CU_ASSERT_FALSE(is_open(&fence));
    CU_ASSERT_EQUAL(fence_open(&fence, 30000, &err), DR_OK);
    CU_ASSERT_TRUE(is_open(&fence));
    CU_ASSERT_EQUAL(fence_shut(&fence, &err), DR_OK);
    CU_ASSERT_FALSE(is_open(&fence));
    CU_ASSERT_EQUAL(fence_extend(&fence, 1000, &err), DR_NOT_FOUND);
    CU_ASSERT_EQUAL(fence_open(&fence, 30000, &err), DR_OK);
    CU_ASSERT_EQUAL(fence_build(&fence, &err), DR_OK);
    CU_ASSERT_FALSE(is_open(&fence));
    CU_ASSERT_EQUAL(fence_remove(&fence, &err), DR_OK);
    CU_ASSERT_EQUAL(fence_remove(&fence, &err), DR_OK);
    CU_ASSERT_EQUAL(fence_open(&fence, 1000, &err), DR_NOT_FOUND);
}

#define SPAN 200
#define LATE 30 /* what core reckons with */
#define TICK 10 /* the time-out is counted in whole ones */

/* Extended while it was open, between `from` and `to`. A test that stands still until it is shut begins anew. */
static void extend(const struct fence *fence, msec *from, msec *to)
{
    enum dr_code code;
    do {
        CU_ASSERT_EQUAL_FATAL(fence_open(fence, SPAN, &err), DR_OK);
        clock_sleep(SPAN / 2);
        *from = clock_now();
        code = fence_extend(fence, SPAN, &err);
        *to = clock_now();
        CU_ASSERT_TRUE_FATAL(code == DR_OK || code == DR_NOT_FOUND);
    } while (code != DR_OK);
}

/* No look that ends before its time finds it shut, none that begins after it finds it open. */
static void it_shuts_by_itself(void)
{
    struct fence fence = made("drnode_two");
    msec from, to;
    CU_ASSERT_EQUAL_FATAL(fence_build(&fence, &err), DR_OK);
    extend(&fence, &from, &to);
    while (is_open(&fence))
        clock_sleep(1);
    CU_ASSERT_TRUE(clock_now() >= from + SPAN - TICK);
    CU_ASSERT_EQUAL(fence_extend(&fence, SPAN, &err), DR_NOT_FOUND);
    CU_ASSERT_FALSE(is_open(&fence));
    extend(&fence, &from, &to);
    while (clock_now() <= to + SPAN + LATE)
        clock_sleep(5);
    CU_ASSERT_FALSE(is_open(&fence));
    CU_ASSERT_EQUAL(fence_remove(&fence, &err), DR_OK);
}

int main(void)
{
    CU_TestInfo cases[] = {{"a fence is built shut, opens, shuts, and is taken away", it_is_built_shut_and_opens},
                           {"it shuts by itself, and a late renewal does not open it", it_shuts_by_itself},
                           CU_TEST_INFO_NULL};
    if (!on_set_up())
        return 1;
    int failed = unit_run("contract: fence", cases);
    on_tear_down();
    return failed;
}
