/* SPDX-License-Identifier: Apache-2.0
 * core/ha_doubt.c - what no honest member or voter says. TLS tells whose words they are, not whether their memory,
 * their disk or their program is sound: a state put back from an old copy, an arbiter cloned with its state, one bit.
 * It is not believed, and told. A voter that only promises its vote twice cannot be found out like this: who decides
 * with one witness trusts it. */
#include "core/ha_state.h"

/* Who is out of order is so with every beat. */
#define TOLD_AGAIN ((msec)60000)

static bool is_news(struct ha *h)
{
    if (h->doubt_told != 0 && h->now - h->doubt_told < TOLD_AGAIN)
        return false;
    h->doubt_told = h->now;
    return true;
}

static const char *whose(const struct ha_message *m)
{
    return m->from == MEMBER_NONE ? "a voter besides the members" : "the other member";
}

bool ha_doubts(struct ha *h, const struct ha_message *m)
{
    term_no term = ha_message_term(m);
    if (!term_is_far(term, h->store.seen))
        return false;
    if (is_news(h))
        ha_log(h, HA_ERROR,
               "%s speaks of term %llu, and the highest known here is %llu: nothing that it says is believed; look at "
               "its state (var/rules) and its memory",
               whose(m), (unsigned long long)term, (unsigned long long)h->store.seen);
    return true;
}

/* A grant is of what was asked for: to us, and for no longer. */
static const char *lie_in_grant(const struct ha *h, const struct vote_reply *vote)
{
    if (vote->granted && vote->candidate != ha_self(h))
        return "grants what it says is promised to the other member";
    if (vote->granted && vote->length > ha_length(&h->config))
        return "promises more than it was asked for";
    return NULL;
}

bool ha_doubts_peer(struct ha *h, const struct ha_message *m)
{
    const char *lie = lie_in_grant(h, &m->vote);
    if (lie == NULL && m->vote.identity != m->report.identity)
        lie = "votes as somebody else";
    if (lie != NULL && is_news(h))
        ha_log(h, HA_ERROR, "the other member's vote does not count: it %s", lie);
    return lie != NULL;
}

static bool is_member(const struct ha *h, uint64_t identity)
{
    for (unsigned i = 0; i < h->store.set.count; i++)
        if (identity == h->store.set.of[i].voter[MEMBER_A] || identity == h->store.set.of[i].voter[MEMBER_B])
            return true;
    return identity == h->store.voter.identity || identity == h->peer.report.identity;
}

static const char *lie_in_identity(const struct ha *h, const struct vote_reply *vote, uint32_t place)
{
    const struct ha_third *third = &h->third[place];
    if (is_member(h, vote->identity))
        return "votes as one of the members: its state is a copy of that one's";
    for (uint32_t k = 0; k < h->config.witnesses; k++)
        if (k != place && h->third[k].identity == vote->identity && ha_third_fresh(h, k))
            return "votes as another of the list: one's state is a copy of the other's; remove var/rules of one of "
                   "them";
    if (third->identity == vote->identity && vote->round.number > third->round && vote->term < third->term)
        return "has forgotten a term that it knew: an old copy of its state was put back; remove its var/rules, so "
               "that "
               "it is taken for a new one";
    return NULL;
}

bool ha_doubts_third(struct ha *h, const struct ha_message *m, uint32_t place)
{
    const char *lie = m->vote.identity != 0 ? lie_in_identity(h, &m->vote, place) : NULL;
    if (lie == NULL)
        lie = lie_in_grant(h, &m->vote);
    if (lie != NULL && is_news(h))
        ha_log(h, HA_ERROR, "voter number %u besides the members does not count: it %s", place + 1, lie);
    return lie != NULL;
}
