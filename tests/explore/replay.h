/* SPDX-License-Identifier: Apache-2.0
 * tests/explore/replay.h - a path once more from its beginning, on hosts that live on as they are: never packed, never
 * moved in time. */
#ifndef DR_TESTS_EXPLORE_REPLAY_H
#define DR_TESTS_EXPLORE_REPLAY_H

#include "tests/explore/search.h"

/* The steps to state `index` lead to that very state. False: what the search holds to be one situation is two. */
bool replay_same(const struct live *root, uint32_t index);
/* The steps to `index` and one more, in words, with what the core says to each; and the violation. */
void replay_tell(const struct live *root, uint32_t index, struct step last);

#endif
