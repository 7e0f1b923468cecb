/* SPDX-License-Identifier: Apache-2.0
 * core/flight_read.h - reads what a flight recorder wrote, segment by segment, step by step. */
#ifndef DR_CORE_FLIGHT_READ_H
#define DR_CORE_FLIGHT_READ_H

#include "core/flight.h"

struct flight_step {
    struct ha_event_held held;
    struct ha_answer answer; /* as it was recorded */
};

enum flight_found {
    FLIGHT_OVER,  /* this segment has no more */
    FLIGHT_BEGAN, /* a segment: head and state hold */
    FLIGHT_STEP,  /* step holds */
    FLIGHT_BAD,   /* damage behind a good checksum, or another version: head.version tells */
};

/* About 100 KiB. */
struct flight_reader {
    struct flight_pack pack;
    struct cursor segment, items;
    struct flight_head head;
    uint8_t state[HA_RECORD_MAX];
    size_t state_size;
    struct flight_step step;
};

/* `bytes` stay the caller's until the segment has been read. */
void flight_read_segment(struct flight_reader *r, const void *bytes, size_t size);
enum flight_found flight_read_next(struct flight_reader *r);

#endif
