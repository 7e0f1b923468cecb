/* SPDX-License-Identifier: Apache-2.0 */
#include "net/bucket.h"
#include "tests/unit/unit.h"

#define SECOND_US 1000000

static void debts_are_waited_for(void)
{
    struct bucket b = {0};
    CU_ASSERT_EQUAL(bucket_wait_us(&b, 1000, 0), 0);
    bucket_take(&b, 500);
    int64_t wait = bucket_wait_us(&b, 1000, 0);
    CU_ASSERT_TRUE(wait >= SECOND_US / 2 && wait <= SECOND_US / 2 + 1000);
    CU_ASSERT_TRUE(bucket_wait_us(&b, 1000, wait / 2) > 0);
    CU_ASSERT_EQUAL(bucket_wait_us(&b, 1000, wait), 0);
}

/* However it is cut up, no second passes more than the rate and what may be saved up. */
static void the_average_is_the_rate(void)
{
    struct bucket b = {0};
    const uint64_t rate = 1000000, seconds = 10;
    uint64_t sent = 0;
    for (int64_t now = 0; now < (int64_t)seconds * SECOND_US; now += 777)
        if (bucket_wait_us(&b, rate, now) == 0) {
            bucket_take(&b, 3000);
            sent += 3000;
        }
    CU_ASSERT_TRUE(sent >= rate * seconds * 99 / 100);
    CU_ASSERT_TRUE(sent <= rate * seconds + rate / 10 + 3000);
}

static void silence_saves_a_tenth_of_a_second(void)
{
    struct bucket b = {0};
    CU_ASSERT_EQUAL(bucket_wait_us(&b, UINT64_MAX / 2, INT64_MAX / 2), 0); /* nothing overflows */
    b = (struct bucket){0};
    CU_ASSERT_EQUAL(bucket_wait_us(&b, 1000, 3600ll * SECOND_US), 0);
    bucket_take(&b, 100);
    CU_ASSERT_EQUAL(bucket_wait_us(&b, 1000, 3600ll * SECOND_US), 0);
    bucket_take(&b, 1);
    CU_ASSERT_TRUE(bucket_wait_us(&b, 1000, 3600ll * SECOND_US) > 0);
}

static void without_limit_debts_are_forgotten(void)
{
    struct bucket b = {0};
    bucket_take(&b, 1u << 30);
    CU_ASSERT_EQUAL(bucket_wait_us(&b, 0, 0), 0);
    CU_ASSERT_EQUAL(bucket_wait_us(&b, 1, 0), 0);
}

int main(void)
{
    CU_TestInfo cases[] = {{"debts are waited for", debts_are_waited_for},
                           {"the average is the rate", the_average_is_the_rate},
                           {"silence saves a tenth of a second", silence_saves_a_tenth_of_a_second},
                           {"without limit debts are forgotten", without_limit_debts_are_forgotten},
                           CU_TEST_INFO_NULL};
    return unit_run("bucket", cases);
}
