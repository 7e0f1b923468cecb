/* SPDX-License-Identifier: Apache-2.0
 * agent/errand_due.c - parked errands by the moment that they wait for: a binary heap that knows the places. */
#include "agent/errand_state.h"

#include <stdlib.h>

static void put(struct errands *all, unsigned place, struct errand *e)
{
    all->due[place - 1] = e;
    e->place = place;
}

static void rise(struct errands *all, unsigned place, struct errand *e)
{
    for (; place > 1 && all->due[place / 2 - 1]->until > e->until; place /= 2)
        put(all, place, all->due[place / 2 - 1]);
    put(all, place, e);
}

static void sink(struct errands *all, unsigned place, struct errand *e)
{
    for (unsigned child; (child = place * 2) <= all->dues; place = child) {
        if (child < all->dues && all->due[child]->until < all->due[child - 1]->until)
            child++;
        if (all->due[child - 1]->until >= e->until)
            break;
        put(all, place, all->due[child - 1]);
    }
    put(all, place, e);
}

bool errand_due_room(struct errands *all, unsigned count)
{
    if (count <= all->due_room)
        return true;
    unsigned room = count * 2;
    struct errand **more = realloc(all->due, room * sizeof(struct errand *));
    if (more == NULL)
        return false;
    all->due = more;
    all->due_room = room;
    return true;
}

void errand_due_add(struct errand *e)
{
    if (e->until != INT64_MAX)
        rise(e->all, ++e->all->dues, e);
}

void errand_due_remove(struct errand *e)
{
    struct errands *all = e->all;
    unsigned place = e->place;
    if (place == 0)
        return;
    e->place = 0;
    struct errand *last = all->due[--all->dues];
    if (last == e)
        return;
    rise(all, place, last);
    sink(all, last->place, last);
}
