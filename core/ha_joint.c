/* SPDX-License-Identifier: Apache-2.0
 * core/ha_joint.c - on which configuration both members are, and how the master changes it: a joint change. It opens a
 * proposal (durable before it is sent); while that is open it needs a quorum in each configuration that the other may
 * be on; the other accepts it in place of what it had and repeats it in every beat, which closes it. ha_choose() says
 * what to propose. */
#include "core/ha_state.h"

/* ---- what the other says ---- */

/* A new member learns the other's voter at first contact, if the other does not know a different voter in its place:
 * then it has lost its store, and a person has to put it into the rule again. Should their files differ, both come to
 * the greater grace. */
static void learn_identity(struct ha *h, const struct ha_report *r)
{
    struct configuration *mine = &h->store.set.of[h->store.set.count - 1];
    uint64_t self_there = r->configuration.voter[ha_self(h)];
    if (mine->voter[ha_other(h)] != 0 || (self_there != 0 && self_there != h->store.voter.identity))
        return;
    mine->voter[ha_other(h)] = r->identity;
    if (r->configuration.release_grace > mine->release_grace)
        mine->release_grace = r->configuration.release_grace;
    h->store_due = true;
    ha_log(h, HA_INFO, "met the other member for the first time: both count as voters of this rule from now on");
}

/* What is held here, or what a child of a former life may still set, was taken under the old one. After `any` nothing
 * but this says that it is gone before an exclusive one is in force. */
static bool nothing_left(const struct ha *h)
{
    return !ha_holding(h) && !h->held && !ha_orphans(h);
}

/* In place of everything it had; its own next beat repeats it, and that is the acknowledgement. */
static void accept_configuration(struct ha *h, const struct ha_report *r)
{
    if (!r->acting || !nothing_left(h) || configuration_newer(&r->configuration, ha_configuration(h)) <= 0)
        return;
    h->store.set = (struct configuration_set){.count = 1, .of = {r->configuration}};
    h->store_due = true;
}

/* Also while it takes: a longer release_grace may be what it needs to have an address. Who releases changes nothing
 * else.
 */
static bool proposes(const struct ha *h)
{
    bool in_force = h->forced && !ha_peer_rejoins(h); /* else that may be what brings a quorum back */
    return ha_holding(h) && h->mode != HA_HANDING && !in_force;
}

/* Closes the open ones. Number and content must be the same, and it must come from a slave of this very term. */
static void acknowledged(struct ha *h, const struct ha_report *r)
{
    struct configuration_set *set = &h->store.set;
    if (set->count == 1 || !proposes(h) || !ha_peer_follows(h) ||
        !configuration_equal(&r->configuration, ha_configuration(h)))
        return;
    *set = (struct configuration_set){.count = 1, .of = {*ha_configuration(h)}};
    h->store_due = true;
    ha_log(h, HA_INFO, "both members agree on %s", ha_quorum_name(ha_configuration(h)->kind));
}

/* What the person's word was for. */
static void named_again(struct ha *h, const struct ha_report *r)
{
    if (!h->store.rejoins || r->configuration.voter[ha_self(h)] != h->store.voter.identity)
        return;
    h->store.rejoins = false;
    h->store_due = true;
    ha_log(h, HA_INFO, "in the rule again: this member counts as a voter");
}

void ha_on_configuration(struct ha *h, const struct ha_report *r)
{
    named_again(h, r);
    learn_identity(h, r);
    accept_configuration(h, r);
    acknowledged(h, r);
}

/* ---- graces ---- */

static msec least_grace(const struct configuration_set *set)
{
    msec least = set->of[0].release_grace;
    for (unsigned i = 1; i < set->count; i++)
        least = set->of[i].release_grace < least ? set->of[i].release_grace : least;
    return least;
}

msec ha_grace_least(const struct ha *h)
{
    return least_grace(h->intended.count > 0 ? &h->intended : &h->store.set);
}

msec ha_grace_most(const struct ha *h)
{
    msec most = 0;
    for (unsigned i = 0; i < h->store.set.count; i++)
        most = h->store.set.of[i].release_grace > most ? h->store.set.of[i].release_grace : most;
    return most;
}

/* ---- proposing ---- */

static bool may_propose(const struct ha *h)
{
    bool named = h->peer.report.identity == ha_configuration(h)->voter[ha_other(h)];
    return proposes(h) && ha_peer_follows(h) && (named || ha_peer_rejoins(h));
}

/* The open set with `next` at its end. What differs from it only by its version it replaces: the quorums are the same.
 */
static bool opened(const struct ha *h, const struct configuration *next, struct configuration_set *open)
{
    *open = (struct configuration_set){0};
    for (unsigned i = 0; i < h->store.set.count; i++)
        if (!configuration_same(&h->store.set.of[i], next))
            open->of[open->count++] = h->store.set.of[i];
    if (open->count == CONFIGURATIONS_MAX)
        return false;
    open->of[open->count++] = *next;
    return true;
}

/* Nothing that was told outside may outlive the authority under the open set: until what was told is no longer than
 * that, the proposal is only intended, and what is told goes by it already. If that would be the end of an address,
 * the moment is a bad one. */
static bool outlived(const struct ha *h)
{
    msec joint = ha_authority_under(h, &h->intended);
    return joint >= h->told && joint + mastership_drift(ha_grace_least(h)) >= h->told_gone;
}

static bool lives_on(const struct ha *h)
{
    msec joint = ha_authority_under(h, &h->intended);
    bool lives = h->vip_held && ha_lifetime_suffices(h, ha_authority(h), least_grace(&h->store.set));
    return joint > h->now && (!lives || ha_lifetime_suffices(h, joint, least_grace(&h->intended)));
}

static void open_proposal(struct ha *h)
{
    h->store.set = h->intended;
    h->intended.count = 0;
    h->store_due = true;
    h->beat_at = h->now;
    ha_log(h, HA_INFO, "proposing to the other member: %s", ha_quorum_name(ha_configuration(h)->kind));
}

void ha_propose(struct ha *h)
{
    struct configuration next;
    h->intended.count = 0;
    if (!may_propose(h) || !ha_choose(h, &next) || !opened(h, &next, &h->intended) || !lives_on(h))
        h->intended.count = 0;
    else if (outlived(h))
        open_proposal(h);
}
