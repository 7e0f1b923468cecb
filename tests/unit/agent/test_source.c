/* SPDX-License-Identifier: Apache-2.0
 * Source and target in one process over TLS: mirror, stream, resume. */
#include "platform/clock.h"
#include "tests/unit/agent/rig.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#define RING (64u << 20)

static void play(struct rig *rig, uint64_t seed, unsigned changes)
{
    struct player player = {.played = &rig->played, .random = seed};
    for (unsigned i = 0; i < changes; i++)
        player_change(&player);
}

static void a_tree_is_mirrored_and_followed(void)
{
    struct rig rig;
    rig_open(&rig, RING);
    play(&rig, 11, 2000);
    rig_source_start(&rig, 1);
    CU_ASSERT_TRUE_FATAL(rig_level(&rig, 20000));
    CU_ASSERT_EQUAL(rig_differences(&rig), 0);
    play(&rig, 12, 2000);
    CU_ASSERT_TRUE_FATAL(rig_level(&rig, 20000));
    CU_ASSERT_EQUAL(rig_differences(&rig), 0);
    rig_close(&rig);
}

int main(void)
{
    CU_TestInfo cases[] = {{"a tree is mirrored, and followed", a_tree_is_mirrored_and_followed}, CU_TEST_INFO_NULL};
    return unit_run("source", cases);
}
