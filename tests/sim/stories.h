/* SPDX-License-Identifier: Apache-2.0
 * tests/sim/stories.h - what the scenarios are told with: the calm settings of a new rule, and what is seen of it. */
#ifndef DR_TESTS_SIM_STORIES_H
#define DR_TESTS_SIM_STORIES_H

#include "tests/sim/sim.h"

/* The member that is master, as it sees itself; NULL: none. */
struct host *master(struct sim *s);
void wait(struct sim *s, usec time);
bool has_address(const struct sim *s, unsigned member);
enum ha_role role_of(const struct sim *s, unsigned member);
/* Waits until the rule runs: A master, B a slave in step. */
bool settled(struct sim *s);

#endif
