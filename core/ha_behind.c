/* SPDX-License-Identifier: Apache-2.0
 * core/ha_behind.c - who must not take over by itself, as its data are old. The master asks every voter with a mark,
 * and a voter with the mark refuses the other (voter.h). A moment out of step is what asynchronous replication is;
 * "long" is boot_wait, the rule's own word for how long a member may be away before others draw conclusions. So where
 * the lines die together with the master there is no mark, and where a cut-off slave fell behind for hours there is
 * one. A mark outlives this drnode in the own voter's store, and ends when the other is in step again, or was master
 * since. */
#include "core/ha_state.h"

static bool long_out_of_step(const struct ha *h)
{
    return h->config.need_rep_status && h->config.replicate[ha_self(h)] && h->now - h->in_step >= h->config.boot_wait;
}

bool ha_marks_behind(const struct ha *h)
{
    bool marked = voter_behind(&h->voter.store) == ha_other(h);
    if (!ha_holding(h))
        return marked;
    if (h->mode == HA_HANDING && h->switch_forced && !h->leaving)
        return false; /* a person hands over to it as it is */
    if (h->facts.alone)
        return true;
    return h->facts.phase != HA_PHASE_REPLICATING && (marked || long_out_of_step(h));
}

void ha_watch_step(struct ha *h)
{
    if (h->mode != HA_ACTING || h->facts.phase == HA_PHASE_REPLICATING)
        h->in_step = h->now;
}

term_no ha_last_mastership(const struct ha *h)
{
    return ha_last_of(h->store.acted, h->store.split[ha_self(h)]);
}

bool ha_is_behind(const struct ha *h)
{
    term_no last = ha_last_mastership(h);
    return (voter_behind(&h->voter.store) == ha_self(h) && h->voter.store.behind > last) || h->told_behind > last;
}

bool ha_behind_noted(const struct ha *h)
{
    return ha_holding(h) && mastership_behind_noted(&h->mastership, &h->store.set, ha_self(h));
}
