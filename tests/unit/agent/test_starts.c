/* SPDX-License-Identifier: Apache-2.0
 * Few start at a time, and one that hangs holds up nobody for long. */
#include "agent/rule/starts.h"
#include "platform/clock.h"
#include "tests/unit/unit.h"

#include <stdatomic.h>
#include <unistd.h>

#define CROWD 40

struct crowd {
    struct starts starts;
    atomic_int inside, most, done;
};

static void *start_one(void *baton)
{
    struct crowd *crowd = baton;
    starts_enter(&crowd->starts);
    int inside = atomic_fetch_add(&crowd->inside, 1) + 1;
    for (int most = atomic_load(&crowd->most);
         inside > most && !atomic_compare_exchange_weak(&crowd->most, &most, inside);)
        ;
    usleep(1000);
    atomic_fetch_sub(&crowd->inside, 1);
    atomic_fetch_add(&crowd->done, 1);
    starts_leave(&crowd->starts);
    return NULL;
}

static void begin(struct crowd *crowd, pthread_t thread[CROWD])
{
    for (int i = 0; i < CROWD; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, start_one, crowd), 0);
    for (int i = 0; i < CROWD; i++)
        pthread_join(thread[i], NULL);
    CU_ASSERT_EQUAL(atomic_load(&crowd->done), CROWD);
}

static void few_at_a_time(void)
{
    struct crowd crowd = {.inside = 0};
    pthread_t thread[CROWD];
    starts_init(&crowd.starts, 600000);
    begin(&crowd, thread);
    CU_ASSERT_TRUE(atomic_load(&crowd.most) <= (int)STARTS_AT_ONCE);
    starts_destroy(&crowd.starts);
}

/* All places are taken by what never ends. */
static void those_that_hang_are_passed(void)
{
    struct crowd crowd = {.inside = 0};
    pthread_t thread[CROWD];
    starts_init(&crowd.starts, 20);
    for (unsigned i = 0; i < STARTS_AT_ONCE; i++)
        starts_enter(&crowd.starts);
    begin(&crowd, thread);
    starts_destroy(&crowd.starts);
}

int main(void)
{
    CU_TestInfo cases[] = {{"few at a time", few_at_a_time},
                           {"those that hang are passed", those_that_hang_are_passed},
                           CU_TEST_INFO_NULL};
    return unit_run("starts", cases);
}
