/* SPDX-License-Identifier: Apache-2.0
 * tests/explore/starts.h - situations from which the search begins: the simulator plays a story up to it. */
#ifndef DR_TESTS_EXPLORE_STARTS_H
#define DR_TESTS_EXPLORE_STARTS_H

#include "tests/explore/search.h"

struct start {
    const char *name;
    bool (*play)(struct sim *s); /* false: it went another way */
    bool majority;               /* both arbiters vote; else one at a time */
    uint8_t left[RARE_ANY];      /* of each fault, on a path */
};
extern const struct start starts[];
extern const unsigned start_count;

/* The situation at the end of the story; how many messages are on their way then. False: it went another way. */
bool start_make(const struct start *start, struct live *w, struct flight flights[FLIGHTS_MAX], unsigned *count);
/* A cluster whose clocks show PACK_NOW and whose counters begin at PACK_COUNTER; its messages too. */
void start_settle(struct live *w, struct flight *flights, unsigned count);

#endif
