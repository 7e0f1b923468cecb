/* SPDX-License-Identifier: Apache-2.0
 * agent/source/ranges.h - which bytes of a file were touched: sorted, disjoint [begin, end). */
#ifndef DR_AGENT_RANGES_H
#define DR_AGENT_RANGES_H

#include "core/types.h"

struct range {
    uint64_t begin;
    uint64_t end;
};

/* All zero = none. */
struct ranges {
    struct range *at;
    unsigned count;
    unsigned room;
};

/* False: no memory left (nothing changed). */
bool ranges_add(struct ranges *r, uint64_t begin, uint64_t end);
/* The first stretch of [from, to) that is in none of them; false when there is no more. */
bool ranges_gap(const struct ranges *r, uint64_t from, uint64_t to, struct range *gap);
void ranges_clear(struct ranges *r);

#endif
