/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ha_message.h"

#include "core/id.h"

#include <string.h>

/* Nothing later than this is a time that a machine's boot clock shows (half a million years). */
#define TIME_MAX ((uint64_t)1 << 54)

static void put_round(struct cursor *c, struct vote_round round)
{
    cursor_put_u64(c, round.start);
    cursor_put_u64(c, round.number);
}

static struct vote_round get_round(struct cursor *c)
{
    struct vote_round round;
    round.start = cursor_get_u64(c);
    round.number = cursor_get_u64(c);
    return round;
}

/* A time, span or term; out of its bounds it spoils the cursor, so that nothing can overflow later. */
static msec get_msec(struct cursor *c, uint64_t max)
{
    uint64_t v = cursor_get_u64(c);
    if (v > max)
        c->bad = true;
    return c->bad ? 0 : (msec)v;
}

static term_no get_term(struct cursor *c)
{
    return (term_no)get_msec(c, TERM_MAX);
}

static void put_flags(struct cursor *c, const bool *flag, unsigned count)
{
    uint8_t flags = 0;
    for (unsigned i = 0; i < count; i++)
        flags |= (uint8_t)(flag[i] << i);
    cursor_put_u8(c, flags);
}

static void get_flags(struct cursor *c, bool *flag, unsigned count)
{
    uint8_t flags = cursor_get_u8(c);
    for (unsigned i = 0; i < count; i++)
        flag[i] = (flags >> i) & 1u;
    if (flags >> count)
        c->bad = true;
}

static void put_request(struct cursor *c, const struct vote_request *ask)
{
    cursor_put_u8(c, (uint8_t)ask->kind);
    cursor_put_u64(c, ask->term);
    cursor_put_u64(c, (uint64_t)ask->length);
    const bool flag[] = {ask->forced, ask->behind};
    put_flags(c, flag, 2);
}

/* A member asks only for itself, in the round of its message: nothing of that is on the wire twice. */
static bool get_request(struct cursor *c, struct ha_message *m)
{
    struct vote_request *ask = &m->ask;
    ask->kind = cursor_get_u8(c);
    ask->term = get_term(c);
    ask->length = get_msec(c, VOTER_LENGTH_MAX);
    ask->candidate = m->from;
    ask->asker = m->asker;
    ask->round = m->round;
    bool flag[2];
    get_flags(c, flag, 2);
    ask->forced = flag[0];
    ask->behind = flag[1];
    if (ask->kind == VOTE_NONE)
        return true;
    return ask->kind <= VOTE_GIVE_BACK && member_of_term(ask->term) == m->from && m->from != MEMBER_NONE;
}

static void put_vote(struct cursor *c, const struct vote_reply *vote)
{
    const bool flag[] = {vote->granted, vote->handed_over};
    put_flags(c, flag, 2);
    cursor_put_u64(c, vote->identity);
    cursor_put_u64(c, (uint64_t)vote->length);
    cursor_put_u64(c, vote->term);
    cursor_put_u8(c, (uint8_t)vote->candidate);
    cursor_put_u64(c, vote->behind);
}

static bool get_vote(struct cursor *c, struct ha_message *m)
{
    struct vote_reply *vote = &m->vote;
    bool flag[2];
    get_flags(c, flag, 2);
    vote->granted = flag[0];
    vote->handed_over = flag[1];
    vote->identity = cursor_get_u64(c);
    vote->length = get_msec(c, VOTER_LENGTH_MAX);
    vote->term = get_term(c);
    vote->candidate = cursor_get_u8(c);
    vote->behind = get_term(c);
    vote->round = m->round;
    return vote->candidate <= MEMBER_NONE;
}

static void put_report(struct cursor *c, const struct ha_report *r)
{
    const bool flag[] = {r->acting, r->asking,  r->switching,   r->stopped,
                         r->able,   r->initial, r->failed_here, r->rejoins};
    put_round(c, r->stamp);
    cursor_put_u64(c, r->identity);
    put_flags(c, flag, 8);
    cursor_put_u8(c, (uint8_t)r->phase);
    cursor_put_u32(c, r->monitors.failed);
    cursor_put_u32(c, r->monitors.good);
    cursor_put_u32(c, r->monitors.list);
    cursor_put_u32(c, r->priority);
    cursor_put_u64(c, r->term);
    cursor_put_u64(c, r->acted);
    cursor_put_u64(c, r->seen);
    cursor_put_u64(c, r->ask_now);
    cursor_put_u64(c, r->split[MEMBER_A]);
    cursor_put_u64(c, r->split[MEMBER_B]);
    configuration_encode(c, &r->configuration);
}

static bool get_report(struct cursor *c, struct ha_report *r)
{
    bool flag[8];
    r->stamp = get_round(c);
    r->identity = cursor_get_u64(c);
    get_flags(c, flag, 8);
    r->acting = flag[0];
    r->asking = flag[1];
    r->switching = flag[2];
    r->stopped = flag[3];
    r->able = flag[4];
    r->initial = flag[5];
    r->failed_here = flag[6];
    r->rejoins = flag[7];
    r->phase = cursor_get_u8(c);
    r->monitors.failed = cursor_get_u32(c);
    r->monitors.good = cursor_get_u32(c);
    r->monitors.list = cursor_get_u32(c);
    r->priority = cursor_get_u32(c);
    r->term = get_term(c);
    r->acted = get_term(c);
    r->seen = get_term(c);
    r->ask_now = get_term(c);
    r->split[MEMBER_A] = get_term(c);
    r->split[MEMBER_B] = get_term(c);
    return configuration_decode(c, &r->configuration) && r->phase <= HA_PHASE_REPLICATING && r->identity != 0;
}

/* A master acts in a term of its own kind and asks the other to ask in one of the other's. */
static bool report_fits(const struct ha_report *r, enum member from)
{
    bool own = member_of_term(r->term) == from || !(r->acting || r->asking);
    bool gives = r->ask_now == 0 || member_of_term(r->ask_now) == member_other(from);
    bool masters = (r->split[MEMBER_A] == 0 || member_of_term(r->split[MEMBER_A]) == MEMBER_A) &&
                   (r->split[MEMBER_B] == 0 || member_of_term(r->split[MEMBER_B]) == MEMBER_B);
    return own && gives && masters && (r->acted == 0 || member_of_term(r->acted) == from);
}

void ha_message_encode(struct cursor *c, const struct ha_message *m)
{
    cursor_put_u8(c, HA_MESSAGE_VERSION);
    cursor_put_u8(c, (uint8_t)m->kind);
    cursor_put_bytes(c, m->rule.hex, DR_ID_DIGITS);
    cursor_put_u8(c, (uint8_t)m->from);
    cursor_put_u64(c, m->asker);
    put_round(c, m->round);
    cursor_put_u64(c, (uint64_t)m->sent);
    put_request(c, &m->ask);
    cursor_put_u8(c, m->voted);
    if (m->voted)
        put_vote(c, &m->vote);
    if (m->from != MEMBER_NONE)
        put_report(c, &m->report);
}

static bool get_head(struct cursor *c, struct ha_message *m)
{
    bool known = cursor_get_u8(c) == HA_MESSAGE_VERSION;
    m->kind = cursor_get_u8(c);
    const uint8_t *digits = cursor_get_bytes(c, DR_ID_DIGITS);
    bool named = digits && dr_id_parse(&m->rule, (const char *)digits, DR_ID_DIGITS);
    m->from = cursor_get_u8(c);
    m->asker = cursor_get_u64(c);
    m->round = get_round(c);
    m->sent = get_msec(c, TIME_MAX);
    return known && named && (m->kind == HA_BEAT || m->kind == HA_ANSWER) && m->from <= MEMBER_NONE && m->asker != 0;
}

bool ha_message_decode(struct cursor *c, struct ha_message *m)
{
    memset(m, 0, sizeof *m);
    bool legal = get_head(c, m) && get_request(c, m);
    get_flags(c, &m->voted, 1);
    if (legal && m->voted)
        legal = m->kind == HA_ANSWER && get_vote(c, m);
    if (legal && m->from != MEMBER_NONE)
        legal = get_report(c, &m->report) && report_fits(&m->report, m->from) &&
                (m->kind == HA_ANSWER || m->asker == m->report.identity);
    if (legal && m->from != MEMBER_NONE)
        m->ask.acted = ha_last_of(m->report.acted, m->report.split[m->from]);
    if (!legal || cursor_left(c) != 0)
        c->bad = true;
    return cursor_ok(c);
}

static term_no highest(term_no a, term_no b)
{
    return a > b ? a : b;
}

term_no ha_message_term(const struct ha_message *m)
{
    const struct ha_report *r = &m->report;
    term_no term = highest(highest(m->ask.term, r->term), highest(r->acted, r->seen));
    term = highest(term, highest(r->ask_now, r->configuration.version.term));
    term = highest(term, highest(r->split[MEMBER_A], r->split[MEMBER_B]));
    return highest(term, highest(m->vote.term, m->vote.behind));
}
