/* SPDX-License-Identifier: Apache-2.0
 * core/ha_choose.c - which configuration the master wants: that of the rule's settings with the witnesses that answer.
 * One at a time (trio): the one in use as long as it answers; then the next of the list, round and round, so that a
 * former one that is back is not returned to; `solo` when none answers. All at once (majority): the list as it is;
 * `solo` when none answers. */
#include "core/ha_state.h"

#include <string.h>

bool ha_third_fresh(const struct ha *h, uint32_t place)
{
    const struct ha_third *t = &h->third[place];
    return t->identity != 0 && h->now - t->heard < ha_length(&h->config);
}

/* It has been asked for a length and has not answered. */
static bool silent_since(const struct ha *h, msec heard, msec span)
{
    msec since = heard > h->asking_since ? heard : h->asking_since;
    return h->now - since >= span;
}

static bool all_silent(const struct ha *h)
{
    msec heard = 0;
    for (uint32_t i = 0; i < h->config.witnesses; i++)
        heard = h->third[i].heard > heard ? h->third[i].heard : heard;
    return silent_since(h, heard, 2 * ha_length(&h->config));
}

/* WITNESSES_MAX: it has not answered in this life, or is not in the list any more. */
uint32_t ha_third_used(const struct ha *h)
{
    const struct configuration *c = ha_configuration(h);
    for (uint32_t i = 0; i < h->config.witnesses; i++)
        if (c->kind == QUORUM_TRIO && c->witness[0] != 0 && h->third[i].identity == c->witness[0])
            return i;
    return WITNESSES_MAX;
}

/* A third voter that is a member would vote twice. */
static bool is_third(const struct ha *h, uint64_t identity)
{
    const struct configuration *c = ha_configuration(h);
    return identity != 0 && identity != c->voter[MEMBER_A] && identity != c->voter[MEMBER_B];
}

static bool serves(const struct ha *h, uint32_t place)
{
    uint64_t identity = h->third[place].identity;
    return ha_third_fresh(h, place) && is_third(h, identity) && mastership_end(&h->mastership, identity) > h->now;
}

static void choose_solo(const struct ha *h, struct configuration *next)
{
    *next = (struct configuration){.version = next->version,
                                   .kind = QUORUM_SOLO,
                                   .solo = ha_self(h),
                                   .release_grace = next->release_grace,
                                   .voter = {next->voter[MEMBER_A], next->voter[MEMBER_B]}};
}

/* The first in order that serves; one before it that may still answer is waited for. */
static uint32_t next_third(const struct ha *h, uint32_t used)
{
    uint32_t count = h->config.witnesses, first = used == WITNESSES_MAX ? 0 : used + 1;
    for (uint32_t k = 0; k < count; k++) {
        uint32_t place = (first + k) % count;
        if (serves(h, place))
            return place;
        if (!silent_since(h, h->third[place].heard, ha_length(&h->config)))
            return WITNESSES_MAX;
    }
    return WITNESSES_MAX;
}

static void choose_trio(const struct ha *h, struct configuration *next)
{
    uint32_t used = ha_third_used(h);
    bool named = next->kind == QUORUM_TRIO && next->witness[0] != 0;
    msec heard = used == WITNESSES_MAX ? 0 : h->third[used].heard;
    if (named && !silent_since(h, heard, ha_length(&h->config)))
        return;
    uint32_t place = next_third(h, used);
    if (place < WITNESSES_MAX) {
        next->kind = QUORUM_TRIO;
        next->solo = 0;
        next->witnesses = 1;
        memset(next->witness, 0, sizeof next->witness);
        next->witness[0] = h->third[place].identity;
    } else if (next->kind != QUORUM_ANY && all_silent(h)) {
        choose_solo(h, next);
    }
}

/* What stands in that place: who answers there; one that has not answered yet stays, if nobody else has its identity.
 */
static uint64_t identity_at(const struct ha *h, const struct configuration *was, uint32_t place)
{
    uint64_t known = h->third[place].identity;
    if (known != 0)
        return is_third(h, known) ? known : 0;
    return was->kind == QUORUM_MAJORITY && place < was->witnesses ? was->witness[place] : 0;
}

static void choose_majority(const struct ha *h, struct configuration *next)
{
    struct configuration was = *next;
    bool any = false;
    for (uint32_t i = 0; i < h->config.witnesses; i++)
        any |= serves(h, i);
    if (!any) {
        if (was.kind != QUORUM_ANY && all_silent(h))
            choose_solo(h, next);
        return;
    }
    next->kind = QUORUM_MAJORITY;
    next->solo = 0;
    next->witnesses = 0;
    memset(next->witness, 0, sizeof next->witness);
    for (uint32_t i = 0; i < h->config.witnesses; i++) {
        uint64_t identity = identity_at(h, &was, i);
        bool twice = configuration_names(next, identity);
        next->witness[next->witnesses++] = twice ? 0 : identity;
    }
}

static void choose_any(struct configuration *next)
{
    next->kind = QUORUM_ANY;
    next->solo = 0;
    next->witnesses = 0;
    memset(next->witness, 0, sizeof next->witness);
}

static void choose_content(const struct ha *h, struct configuration *next)
{
    next->release_grace = h->config.release_grace;
    if (ha_peer_rejoins(h))
        next->voter[ha_other(h)] = h->peer.report.identity;
    if (h->config.witnesses == 0)
        choose_any(next);
    else if (h->config.majority)
        choose_majority(h, next);
    else
        choose_trio(h, next);
}

/* A new master's first act is to propose its own again under its term, so that nothing older can be accepted any more;
 * on the other's `solo` it is one of its own. Until what is open is closed nothing else is proposed. */
bool ha_choose(const struct ha *h, struct configuration *next)
{
    const struct configuration *mine = ha_configuration(h);
    *next = *mine;
    next->version.counter = mine->version.term == h->term ? mine->version.counter + 1 : 1;
    next->version.term = h->term;
    if (mine->version.term != h->term) {
        if (mine->kind == QUORUM_SOLO)
            next->solo = ha_self(h);
        return true;
    }
    if (h->store.set.count > 1)
        return false;
    choose_content(h, next);
    return !configuration_same(next, mine);
}
