/* SPDX-License-Identifier: Apache-2.0
 * agent/source/name_set.h - names of one folder that records touched, and whether they are there now. */
#ifndef DR_AGENT_NAME_SET_H
#define DR_AGENT_NAME_SET_H

#include "core/types.h"

struct name_note {
    struct name_note *next; /* of all notes */
    struct name_note *chain;
    bool present;
    uint16_t length;
    char name[];
};

/* All zero = none. */
struct name_set {
    struct name_note **bucket;
    unsigned buckets;
    unsigned count;
    struct name_note *all;
};

/* NULL: that name was not touched. */
const struct name_note *name_set_find(const struct name_set *set, const char *name, size_t length);
/* False: no memory left. */
bool name_set_put(struct name_set *set, const char *name, size_t length, bool present);
void name_set_clear(struct name_set *set);

#endif
