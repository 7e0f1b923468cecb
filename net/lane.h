/* SPDX-License-Identifier: Apache-2.0
 * net/lane.h - the kinds of traffic between machines. Each has its own port and its own connections, so that a mirror
 * at full speed never delays a heartbeat. */
#ifndef DR_NET_LANE_H
#define DR_NET_LANE_H

#include <stddef.h>
#include <stdint.h>

enum lane { LANE_HEARTBEAT, LANE_ARBITRATION, LANE_RECOVERY, LANE_MIRROR, LANE_REPLICATION, LANE_COUNT };

struct lane_facts {
    const char *name;
    uint16_t port;    /* default; a node or a rule may name another */
    size_t frame_max; /* greatest body of a frame, uncompressed, in bytes; more is a protocol error */
};

const struct lane_facts *lane_facts(enum lane lane);

#endif
