/* SPDX-License-Identifier: Apache-2.0
 * core/ha_peer.c - what is known of the other member: whether it is heard, what it says about itself, whose slave this
 * member therefore is, and on which configuration both are. */
#include "core/ha_state.h"

/* ---- what is heard ---- */

msec ha_last_heard(const struct ha *h)
{
    msec last = 0;
    for (uint32_t line = 0; line < h->config.lines; line++)
        last = h->peer.heard[line] > last ? h->peer.heard[line] : last;
    return last;
}

bool ha_hears(const struct ha *h)
{
    msec last = ha_last_heard(h);
    return last != 0 && h->now - last < ha_length(&h->config);
}

bool ha_peer_acts(const struct ha *h)
{
    const struct ha_peer *p = &h->peer;
    return p->report.identity != 0 && p->report.acting && h->now - p->reported < ha_length(&h->config);
}

bool ha_peer_follows(const struct ha *h)
{
    const struct ha_report *r = &h->peer.report;
    return ha_hears(h) && !r->acting && !r->asking && !r->stopped && r->term == h->term;
}

bool ha_peer_lost(const struct ha *h)
{
    uint64_t known = ha_configuration(h)->voter[ha_other(h)], present = h->peer.report.identity;
    return known != 0 && present != 0 && known != present;
}

bool ha_peer_rejoins(const struct ha *h)
{
    return ha_peer_lost(h) && h->peer.report.rejoins;
}

/* ---- master and slave ---- */

/* Two that were masters at once: nothing is replicated until a person chooses a side; the lower one lets go. */
static void note_split(struct ha *h, term_no own, term_no other)
{
    if (ha_split(h))
        return;
    h->store.split[ha_self(h)] = own;
    h->store.split[ha_other(h)] = other;
    h->store_due = true;
    ha_log(h, HA_ERROR,
           "split brain: this member was master in term %llu while the other was in term %llu; nothing is replicated: "
           "compare both and force-switch on the side to keep",
           (unsigned long long)own, (unsigned long long)other);
    if (h->mode == HA_ACTING && other < own)
        ha_plan_stop(h);
    if (ha_holding(h) && other > own)
        ha_demote(h, false, "the other member was master of a higher term at the same time");
}

/* The other noticed first. A term above both means that a person has chosen since. */
static void hear_of_split(struct ha *h, const struct ha_report *r)
{
    bool decided = h->store.seen > r->split[MEMBER_A] && h->store.seen > r->split[MEMBER_B];
    if (r->split[ha_self(h)] != 0 && !decided)
        note_split(h, r->split[ha_self(h)], r->split[ha_other(h)]);
}

/* Of a higher term any report will do: it could not have been while this member had authority of a quorum. So the lower
 * one lets go in any mode that holds authority: two that only waited would outbid each other for ever. */
static void a_higher_master(struct ha *h, term_no term)
{
    if (h->held)
        note_split(h, h->term, term);
    if (ha_holding(h))
        ha_demote(h, false, "the other member is master of a higher term");
}

/* Old reports may cross a change of roles: "at once" needs an answer to a beat of this mastership. */
static void two_masters(struct ha *h, const struct ha_message *m)
{
    const struct ha_report *r = &m->report;
    if (!ha_holding(h) || !r->acting)
        return;
    if (r->term > h->term)
        a_higher_master(h, r->term);
    else if (h->mode == HA_ACTING && m->kind == HA_ANSWER && m->sent >= h->acting_since)
        note_split(h, h->term, r->term);
}

/* Who was master in a newer term than ours, or saw one, would never follow: it may know it from a mastership of its own
 * that no voter heard of. One that asks is left to its votes: a person may force it. */
static void a_higher_term(struct ha *h, const struct ha_report *r)
{
    if (ha_holding(h) && !r->acting && !r->asking && r->seen > h->term)
        ha_go_on_in_newer_term(h, r->seen, "the other member");
}

/* "Ask me now in term T", unless a term not lower is known here. */
static void invitation(struct ha *h, const struct ha_report *r)
{
    if (r->ask_now <= h->store.seen || h->mode != HA_LISTENING)
        return;
    ha_saw_term(h, r->ask_now);
    h->invited = r->ask_now;
}

/* Until when a hand-over is repeated: the other has asked, or is master. */
static void invitation_taken(struct ha *h, const struct ha_report *r)
{
    if (h->ask_now != 0 && (r->asking || r->acting) && r->term >= h->ask_now)
        h->ask_now = 0;
}

/* A member that lost its store counts its reports anew. */
static bool is_old(const struct ha_peer *p, const struct ha_report *r)
{
    if (r->identity == p->report.identity)
        return vote_round_compare(r->stamp, p->report.stamp) <= 0;
    return p->replaced != 0 && r->identity == p->replaced;
}

void ha_on_report(struct ha *h, const struct ha_message *m)
{
    const struct ha_report *r = &m->report;
    struct ha_peer *p = &h->peer;
    if (is_old(p, r))
        return;
    if (r->identity != p->report.identity)
        p->replaced = p->report.identity;
    p->report = *r;
    p->reported = h->now;
    ha_on_configuration(h, r);
    invitation(h, r);
    invitation_taken(h, r);
    two_masters(h, m);
    hear_of_split(h, r);
    a_higher_term(h, r);
    ha_saw_term(h, r->seen);
}

/* Data are this master's as long as it says so itself; silence changes nothing: what counts is the last it said. */
static void track_sync(struct ha *h)
{
    bool replicating = h->peer.report.phase == HA_PHASE_REPLICATING && !h->facts.mixed;
    if (replicating != (h->store.synced == h->following)) {
        h->store.synced = replicating ? h->following : 0;
        h->store_due = true;
    }
}

static bool split_is_decided(const struct ha *h, term_no term)
{
    return term > h->store.split[MEMBER_A] && term > h->store.split[MEMBER_B];
}

static void become_slave(struct ha *h, term_no term)
{
    if (ha_split(h) && split_is_decided(h, term)) {
        h->store.split[MEMBER_A] = h->store.split[MEMBER_B] = 0;
        h->store_due = true;
    }
    ha_saw_term(h, term);
    h->following = term;
    ha_forget_take(h);
    h->owner = false;
    h->invited = 0;
    h->ask_after = h->now; /* a pause between two candidatures means nothing any more */
    ha_log(h, HA_INFO, "slave of the other member's mastership, term %llu", (unsigned long long)term);
    if (!ha_split(h))
        ha_plan_follow(h);
}

/* A master that has forgotten a term which is known here, its store being lost, may act in one that was used: it hears
 * of the newer one from us, and goes on above it. */
static bool has_forgotten(const struct ha *h, const struct ha_report *r)
{
    return r->seen < h->store.seen && r->term < h->store.seen;
}

/* Only after an answer to a beat of this life: what the network kept from before our start may name an older term than
 * the data here are of. */
void ha_follow(struct ha *h)
{
    const struct ha_report *r = &h->peer.report;
    if (!ha_peer_acts(h) || ha_last_heard(h) == 0 || r->term <= h->store.acted || r->term < h->following ||
        has_forgotten(h, r))
        return;
    h->told_behind = 0;
    if (r->term > h->following)
        become_slave(h, r->term);
    track_sync(h);
}

/* ---- the own report ---- */

static term_no own_term(const struct ha *h)
{
    bool own = ha_holding(h) || h->mode == HA_ASKING || h->mode == HA_RELEASING;
    return own ? h->term : h->following;
}

struct ha_report ha_own_report(struct ha *h)
{
    return (struct ha_report){.stamp = {.start = h->store.start, .number = ++h->stamps},
                              .identity = h->store.voter.identity,
                              .acting = ha_holding(h),
                              .asking = h->mode == HA_ASKING,
                              .switching = ha_holding(h) ? h->mode != HA_ACTING : h->mode == HA_RELEASING,
                              .stopped = h->mode == HA_STOPPED,
                              .able = ha_able(h),
                              .initial = h->config.initial == ha_self(h),
                              .failed_here = ha_failed_here(h),
                              .rejoins = h->store.rejoins,
                              .phase = h->facts.phase,
                              .monitors = h->facts.monitors,
                              .priority = h->config.priority,
                              .term = own_term(h),
                              .acted = h->store.acted,
                              .seen = h->store.seen,
                              .ask_now = h->ask_now,
                              .split = {h->store.split[MEMBER_A], h->store.split[MEMBER_B]},
                              .configuration = *ha_configuration(h)};
}
