/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/net/test_lane.c - the ports that firewalls were opened for (B4.3-01, B5.1.2-19, B5.1.2-32, V9-06). */
#include "core/repl_message.h"
#include "net/lane.h"
#include "tests/unit/unit.h"

#include <string.h>

static void ports_are_those_of_the_guide(void)
{
    const uint16_t ports[LANE_COUNT] = {26305, 26306, 26355, 26356, 26357};
    const char *names[LANE_COUNT] = {"heartbeat", "arbitration", "recovery", "mirror", "replication"};
    for (enum lane lane = 0; lane < LANE_COUNT; lane++) {
        CU_ASSERT_EQUAL(lane_facts(lane)->port, ports[lane]);
        CU_ASSERT_STRING_EQUAL(lane_facts(lane)->name, names[lane]);
    }
}

static void a_data_frame_holds_the_largest_record(void)
{
    const size_t record = RECORD_HEAD_WIRE + 2 * RECORD_NAME_MAX + RECORD_DATA_MAX;
    CU_ASSERT_TRUE(lane_facts(LANE_REPLICATION)->frame_max >= sizeof(uint64_t) + record);
    CU_ASSERT_TRUE(lane_facts(LANE_RECOVERY)->frame_max >= sizeof(uint64_t) + record);
    CU_ASSERT_TRUE(lane_facts(LANE_MIRROR)->frame_max >= sizeof(struct repl_hashes));
}

int main(void)
{
    CU_TestInfo cases[] = {{"ports are those of the guide", ports_are_those_of_the_guide},
                           {"a data frame holds the largest record", a_data_frame_holds_the_largest_record},
                           CU_TEST_INFO_NULL};
    return unit_run("lane", cases);
}
