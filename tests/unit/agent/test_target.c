/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/agent/stand.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static struct world world;
static struct world_record record;

static void expect_same(struct stand *s)
{
    char why[256];
    bool same = world_same(&world, s->root, why);
    if (!same)
        fprintf(stderr, "after record %llu: %s\n", (unsigned long long)world.seq, why);
    CU_ASSERT_TRUE(same);
}

static void a_stream_becomes_true(void)
{
    struct stand s;
    stand_make(&s, "/var/tmp");
    for (unsigned seed = 1; seed <= 5; seed++) {
        world_init(&world, seed);
        CU_ASSERT_EQUAL_FATAL(stand_open(&s), DR_OK);
        CU_ASSERT_EQUAL(stand_mirror(&s, &world), DR_OK);
        for (int i = 0; i < 400; i++) {
            world_step(&world, &record);
            stand_put(&s, &record);
            if (i % 7 == 0)
                CU_ASSERT_EQUAL(stand_send(&s), DR_OK);
        }
        CU_ASSERT_EQUAL(stand_send(&s), DR_OK);
        CU_ASSERT_TRUE(stand_applied(&s, world.seq));
        CU_ASSERT_EQUAL(target_finish(s.target, &s.err), DR_OK);
        expect_same(&s);
        stand_close(&s);
    }
    stand_remove(&s);
}

int main(void)
{
    CU_TestInfo cases[] = {{"a stream becomes true", a_stream_becomes_true}, CU_TEST_INFO_NULL};
    return unit_run("target", cases);
}
