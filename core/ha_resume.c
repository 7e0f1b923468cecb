/* SPDX-License-Identifier: Apache-2.0
 * core/ha_resume.c - going on with a mastership of a former life, whose authority has not ended.
 * Safe because nothing is assumed but that end: `until` was true when the former life told it to the capture driver, on
 * the clock of this boot (the driver's process has lived since), and no promise of a voter ends earlier for our dying.
 * All that extends it are answers to requests of this life, made before it. */
#include "core/ha_state.h"

static bool lasts(const struct ha *h, term_no term, msec until)
{
    const struct ha_store *s = &h->store;
    return until > h->now && term != 0 && term == s->acted && term == s->seen && s->handed == 0 && !s->stopped &&
           !ha_split(h);
}

void ha_resume(struct ha *h, term_no term, msec until)
{
    if (!lasts(h, term, until))
        return;
    h->forced = h->store.forced == term;
    struct configuration_set own = {.count = 1, .of = {{.voter = {h->store.voter.identity}}}};
    mastership_resume(&h->mastership, h->forced ? &own : &h->store.set, until);
    h->mode = HA_ACTING;
    h->term = term;
    h->owner = h->held = true;
    h->vip_held = h->config.vip;
    h->acting_since = h->asking_since = h->now;
    h->told = until;
    h->told_gone = until + mastership_drift(ha_grace_most(h));
    ha_plan_renumber(h); /* in the same term: what is in memory only, the sending half, is started again */
}
