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
/* Waits until it holds, looked at every millisecond; false: it did not within 20 s. */
bool until(struct sim *s, bool (*holds)(struct sim *s));
void cut_off(struct sim *s, unsigned alone);   /* from everybody */
void set_grace(struct sim *s, msec a, msec b); /* in their files */
/* Both members of a rule that is new, as their files are now. */
void make_anew(struct sim *s);
void without_arbiter(struct sim *s); /* the same, with none in their files */
/* Its drnode is started anew; the capture, and so the mastership, outlives that. */
void read_file_again(struct sim *s, unsigned member);

#endif
