/* SPDX-License-Identifier: Apache-2.0
 * core/ha_vote.c - votes: asked for with each beat, given by the own voter, given back; and the authority they make. */
#include "core/ha_state.h"

msec ha_random(struct ha *h, msec below)
{
    h->random ^= h->random << 13;
    h->random ^= h->random >> 7;
    h->random ^= h->random << 17;
    return (msec)(h->random % (uint64_t)below);
}

msec ha_authority_under(const struct ha *h, const struct configuration_set *set)
{
    msec end = mastership_authority(&h->mastership, set, ha_self(h));
    if (!h->forced || end > h->now)
        return end;
    struct configuration_set alone = {.count = 1, .of = {*ha_configuration(h)}};
    alone.of[0].kind = QUORUM_ANY;
    return mastership_authority(&h->mastership, &alone, ha_self(h));
}

msec ha_authority(const struct ha *h)
{
    return ha_authority_under(h, &h->store.set);
}

msec ha_lease(const struct ha *h)
{
    msec end = ha_authority(h);
    if (h->intended.count == 0)
        return end;
    msec joint = ha_authority_under(h, &h->intended);
    msec lease = joint > h->told ? joint : h->told; /* what was told stays true */
    return lease < end ? lease : end;
}

bool ha_holding(const struct ha *h)
{
    return h->mode == HA_TAKING || h->mode == HA_ACTING || h->mode == HA_HANDING || h->mode == HA_RETAKING;
}

void ha_saw_term(struct ha *h, term_no term)
{
    if (term > h->store.seen) {
        h->store.seen = term;
        h->store_due = true;
    }
}

term_no ha_next_term(const struct ha *h, enum member whose)
{
    return h->store.seen + (member_of_term(h->store.seen + 1) == whose ? 1 : 2);
}

/* "Goes on in a newer one of its own kind." The fences (capture, replication) learn it by the renumber plan. Who does
 * not hold authority has missed something: the other may have been master in that term, so neither an own mastership
 * before it nor an invitation lets this member ask in spite of what it lacks. */
void ha_go_on_in_newer_term(struct ha *h, term_no known, const char *by)
{
    ha_saw_term(h, known);
    if (!ha_holding(h)) {
        h->owner = false;
        h->invited = 0;
    }
    if (h->term >= h->store.seen)
        return;
    h->term = ha_next_term(h, ha_self(h));
    ha_saw_term(h, h->term);
    h->renumber = ha_holding(h);
    h->beat_at = h->now; /* so that the own voter knows the term before anything is done in it */
    ha_log(h, HA_INFO, "%s knows term %llu: going on in term %llu", by, (unsigned long long)known,
           (unsigned long long)h->term);
}

/* Its promise to the other ends in vote->length; ask again then, rather than at the next beat. */
static void ask_again_when_free(struct ha *h, const struct vote_reply *vote)
{
    msec free_at = h->now + vote->length + 1;
    if (h->mode == HA_ASKING && vote->candidate == ha_other(h) && free_at < h->beat_at)
        h->beat_at = free_at;
}

static void count_vote(struct ha *h, const struct vote_reply *vote, msec asked)
{
    if (vote->granted) {
        mastership_granted(&h->mastership, vote, asked);
        return;
    }
    ask_again_when_free(h, vote);
    if (vote->behind != 0 && member_of_term(vote->behind) == ha_other(h))
        h->told_behind = vote->behind;
    if (vote->term > h->term && (h->mode == HA_ASKING || ha_holding(h)))
        ha_go_on_in_newer_term(h, vote->term, "a voter");
}

static bool is_answer_to_us(const struct ha *h, const struct ha_message *m)
{
    return m->asker == h->store.voter.identity && m->round.start == h->store.start && m->sent <= h->now;
}

void ha_on_vote(struct ha *h, const struct ha_message *m)
{
    if (m->voted && is_answer_to_us(h, m) && !ha_doubts_peer(h, m))
        count_vote(h, &m->vote, m->sent);
}

static void note_third(struct ha_third *third, const struct vote_reply *vote, msec now)
{
    if (third->identity != vote->identity)
        *third = (struct ha_third){.identity = vote->identity};
    third->heard = now;
    if (vote->round.number < third->round)
        return;
    third->round = vote->round.number;
    third->term = vote->term;
}

void ha_on_witness(struct ha *h, const struct ha_message *m, uint32_t place)
{
    if (place >= h->config.witnesses || !m->voted || !is_answer_to_us(h, m) || ha_doubts_third(h, m, place))
        return;
    note_third(&h->third[place], &m->vote, h->now);
    count_vote(h, &m->vote, m->sent);
}

static bool asks(const struct ha *h)
{
    return h->mode == HA_ASKING || ha_holding(h);
}

static struct vote_request request(struct ha *h, enum vote_kind kind)
{
    return (struct vote_request){.kind = kind,
                                 .term = h->term,
                                 .candidate = ha_self(h),
                                 .asker = h->store.voter.identity,
                                 .acted = ha_last_mastership(h),
                                 .behind = ha_marks_behind(h),
                                 .round = mastership_next_round(&h->mastership),
                                 .length = ha_length(&h->config),
                                 .forced = h->forced};
}

static bool ask_own_voter(struct ha *h, const struct vote_request *ask)
{
    struct voter_answer answer;
    voter_step(&h->voter, ask, h->now, &answer);
    h->store_due |= answer.must_store;
    if (answer.reply_due)
        count_vote(h, &answer.reply, h->now);
    return answer.reply.granted;
}

static void send(struct ha *h, const struct vote_request *ask)
{
    struct ha_message m = {.kind = HA_BEAT,
                           .rule = h->config.rule,
                           .from = ha_self(h),
                           .asker = h->store.voter.identity,
                           .round = h->mastership.round,
                           .sent = h->now,
                           .ask = *ask,
                           .report = ha_own_report(h)};
    for (uint32_t line = 0; line < h->config.lines; line++) {
        struct ha_action *a = ha_action_late(h, HA_SEND_PEER);
        a->u.send.line = line;
        a->u.send.message = m;
    }
    for (uint32_t place = 0; place < h->config.witnesses && ask->kind != VOTE_NONE; place++) {
        struct ha_action *a = ha_action_late(h, HA_SEND_WITNESS);
        a->u.send.line = place;
        a->u.send.message = m;
    }
}

/* A hand-over is repeated with each beat, the give-back that it rests on too: either may be lost. */
static enum vote_kind beat_kind(const struct ha *h)
{
    if (asks(h))
        return VOTE_ASK;
    return h->ask_now ? VOTE_GIVE_BACK : VOTE_NONE;
}

void ha_beat(struct ha *h)
{
    h->beat_at = h->now + h->config.interval;
    struct vote_request ask = request(h, beat_kind(h));
    if (ask.kind == VOTE_ASK)
        ask_own_voter(h, &ask);
    ask.term = h->term;
    send(h, &ask);
}

bool ha_orphans(const struct ha *h)
{
    return h->config.vip && h->now < h->orphans_until;
}

/* Only when nothing is held. Whatever was asked for before is void. What orphans of a former life may still do ends
 * with the promises that it had: those run out. */
void ha_give_back(struct ha *h)
{
    if (ha_orphans(h)) {
        mastership_clear(&h->mastership);
        return;
    }
    struct vote_request ask = request(h, VOTE_GIVE_BACK);
    ask_own_voter(h, &ask);
    mastership_clear(&h->mastership);
    h->beat_at = h->now + h->config.interval;
    send(h, &ask);
}

/* The own vote comes first: without it a candidature makes no sense. */
bool ha_start_asking(struct ha *h, term_no term)
{
    h->term = term;
    ha_saw_term(h, term);
    mastership_clear(&h->mastership);
    struct vote_request ask = request(h, VOTE_ASK);
    h->mode = HA_ASKING;
    if (!ask_own_voter(h, &ask)) {
        h->mode = HA_LISTENING;
        return false;
    }
    h->asking_since = h->now;
    h->asking_until = h->now + ha_length(&h->config);
    h->beat_at = h->now;
    return true;
}

/* "Handed over, nothing held": what lets the other skip release_grace. */
static bool handed_over(const struct ha *h, const struct vote_request *ask)
{
    return h->store.handed != 0 && h->store.handed == ask->term && h->mode == HA_LISTENING && !h->held;
}

/* A person forces the other: the own resources go first, and the vote is given once nothing is held. */
static bool must_yield_first(struct ha *h, const struct vote_request *ask)
{
    if (!ask->forced || ask->kind != VOTE_ASK)
        return false;
    if (ha_holding(h) && ask->term > h->term) {
        ha_demote(h, false, "a person forces the other member to be master");
        h->ask_after = h->now + 2 * ha_length(&h->config);
    }
    return h->held;
}

void ha_answer_beat(struct ha *h, const struct ha_message *m, uint32_t line)
{
    struct voter_answer answer = {0};
    if (!must_yield_first(h, &m->ask))
        voter_step(&h->voter, &m->ask, h->now, &answer);
    h->store_due |= answer.must_store;
    if (answer.reply.granted) {
        ha_saw_term(h, m->ask.term);
        answer.reply.handed_over = handed_over(h, &m->ask);
        if (h->mode == HA_ASKING) /* forced: the own vote is gone */
            ha_leave_asking(h, 2 * ha_length(&h->config));
    }
    struct ha_action *a = ha_action_late(h, HA_SEND_PEER);
    a->u.send.line = line;
    a->u.send.message = (struct ha_message){.kind = HA_ANSWER,
                                            .rule = h->config.rule,
                                            .from = ha_self(h),
                                            .asker = m->asker,
                                            .round = m->round,
                                            .sent = m->sent,
                                            .voted = answer.reply_due,
                                            .vote = answer.reply,
                                            .report = ha_own_report(h)};
}
