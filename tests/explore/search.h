/* SPDX-License-Identifier: Apache-2.0
 * tests/explore/search.h - every order of events from one situation, breadth first: what is found first is found by the
 * shortest path. */
#ifndef DR_TESTS_EXPLORE_SEARCH_H
#define DR_TESTS_EXPLORE_SEARCH_H

#include "tests/explore/parts.h"

#define FLIGHTS_MAX 24u

/* What happens rarely enough to be counted: so many of each are left on a path, and so many of any. */
enum rare { RARE_SWITCH, RARE_RESTART, RARE_FAIL, RARE_DOUBLE, RARE_DISK, RARE_ANY, RARES };

struct state {
    uint32_t host[LIVE_HOSTS], flights; /* parts; of flights: that of their sorted list */
    uint8_t left[RARES], unused[6];
};

#define STEP_DOUBLE ((enum live_op)LIVE_OPS) /* a message is delivered, and is on its way once more */
struct step {
    uint8_t op, host; /* enum live_op */
    uint32_t arg;     /* a lane, or the part of a message */
};

struct limits {
    double seconds;
    size_t memory;        /* bytes */
    unsigned least, most; /* depth: at least that, whatever it takes; no deeper than that */
};

struct found {
    uint64_t states, steps;
    uint32_t parts;
    size_t memory;
    unsigned depth; /* every path of so many events was followed */
    bool whole;     /* there is nothing deeper */
    bool violated;
    char violation[256];
    uint32_t last; /* state from which `step` broke it */
    struct step step;
};

void search_begin(struct live *root, const struct flight *flights, unsigned count, const uint8_t left[RARES]);
void search_run(struct found *found, const struct limits *limits, bool say);
void search_end(void);

const struct state *search_state(uint32_t index);
/* The steps to that state, in their order; how many. */
unsigned search_path(uint32_t index, struct step *steps, unsigned room);
/* What comes of a step; false: it broke something, see part_violation(). */
bool search_apply(const struct state *from, struct step step, struct state *to);
/* What counters are less by after a step of time. */
struct counters search_less(const struct state *from);
unsigned search_flights(const struct state *state, uint32_t flights[FLIGHTS_MAX]);

#endif
