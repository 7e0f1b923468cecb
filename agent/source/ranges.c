/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/source/ranges.h"

#include <stdlib.h>
#include <string.h>

/* The first range that ends at or after `at`; count if there is none. */
static unsigned find(const struct ranges *r, uint64_t at)
{
    unsigned low = 0, high = r->count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (r->at[middle].end < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool grow(struct ranges *r)
{
    if (r->count < r->room)
        return true;
    unsigned room = r->room ? 2 * r->room : 8;
    struct range *at = realloc(r->at, room * sizeof *at);
    if (!at)
        return false;
    r->at = at;
    r->room = room;
    return true;
}

bool ranges_add(struct ranges *r, uint64_t begin, uint64_t end)
{
    if (begin >= end)
        return true;
    unsigned first = find(r, begin), last = first;
    while (last < r->count && r->at[last].begin <= end)
        last++;
    if (first == last) {
        if (!grow(r))
            return false;
        memmove(r->at + first + 1, r->at + first, (r->count - first) * sizeof *r->at);
        r->at[first] = (struct range){begin, end};
        r->count++;
        return true;
    }
    struct range *merged = &r->at[first];
    merged->end = r->at[last - 1].end > end ? r->at[last - 1].end : end;
    merged->begin = merged->begin < begin ? merged->begin : begin;
    memmove(r->at + first + 1, r->at + last, (r->count - last) * sizeof *r->at);
    r->count -= last - first - 1;
    return true;
}

bool ranges_gap(const struct ranges *r, uint64_t from, uint64_t to, struct range *gap)
{
    unsigned i = find(r, from);
    while (i < r->count && r->at[i].begin <= from) {
        if (r->at[i].end > from)
            from = r->at[i].end;
        i++;
    }
    if (from >= to)
        return false;
    gap->begin = from;
    gap->end = i < r->count && r->at[i].begin < to ? r->at[i].begin : to;
    return true;
}

void ranges_clear(struct ranges *r)
{
    free(r->at);
    *r = (struct ranges){0};
}
