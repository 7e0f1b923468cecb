/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/core/pair.h - a rule at rest: two members with the real core and an arbiter with the real voter, without a
 * network, commands that succeed at once, and a clock that whoever holds it moves on. For benches, and for records. */
#ifndef DR_TESTS_PAIR_H
#define DR_TESTS_PAIR_H

#include "core/arbiter.h"
#include "core/ha_state.h"

struct pair {
    struct ha member[2];
    msec wake[2];
    bool dead[2]; /* does nothing, hears nothing */
    struct voter arbiter;
    /* Called around each step of each member; may be NULL. `answer` is NULL before. */
    void (*watch)(struct pair *p, enum member self, const struct ha_event *event, const struct ha_answer *answer);
};

struct ha_config pair_settings(enum member self);
/* Both start at 1000 on their clock, which is the same. */
void pair_begin(struct pair *p, uint64_t seed);
void pair_live_until(struct pair *p, msec until);
/* The data are in step. */
void pair_replicates(struct pair *p, msec now);

extern uint64_t pair_steps; /* of all pairs */

#endif
