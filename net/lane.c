/* SPDX-License-Identifier: Apache-2.0 */
#include "net/lane.h"

/* A vote or a beat is a few hundred bytes. The data lanes hold one record of 1 MiB with room for a batch around it. */
#define FRAME_SMALL (16u << 10)
#define FRAME_DATA  (4u << 20)

static const struct lane_facts facts[LANE_COUNT] = {
    [LANE_HEARTBEAT] = {"heartbeat", 26305, FRAME_SMALL},    [LANE_ARBITRATION] = {"arbitration", 26306, FRAME_SMALL},
    [LANE_RECOVERY] = {"recovery", 26355, FRAME_DATA},       [LANE_MIRROR] = {"mirror", 26356, FRAME_DATA},
    [LANE_REPLICATION] = {"replication", 26357, FRAME_DATA},
};

const struct lane_facts *lane_facts(enum lane lane)
{
    return &facts[lane];
}
