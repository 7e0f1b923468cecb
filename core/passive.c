/* SPDX-License-Identifier: Apache-2.0 */
#include "core/passive.h"
#include "core/mastership.h"

static msec msec_max(msec a, msec b)
{
    return a > b ? a : b;
}

static struct witness_record *own(struct passive *p)
{
    return &p->pair.of[p->self];
}

static const struct witness_record *other(const struct passive *p)
{
    return &p->pair.of[member_other(p->self)];
}

void passive_init(struct passive *p, enum member self, uint64_t fresh)
{
    *p = (struct passive){.self = self, .fresh = fresh};
}

/* Either record lost makes another voter. */
uint64_t passive_identity(const struct witness_pair *pair)
{
    uint64_t a = pair->of[MEMBER_A].identity, b = pair->of[MEMBER_B].identity;
    if (a == 0 || b == 0)
        return 0;
    uint64_t both = (a ^ (b << 32 | b >> 32)) * 0x9e3779b97f4a7c15u;
    return both != 0 ? both : 1;
}

void passive_saw(struct passive *p, const struct witness_pair *pair, msec now)
{
    const struct witness_record *theirs = &pair->of[member_other(p->self)], *ours = &pair->of[p->self];
    if (!p->started || !witness_record_equal(theirs, other(p)))
        p->since = now;
    if (!p->started) /* a former life's promise counts from now on, as after a voter's restart */
        p->until = ours->claims ? now + ours->length : now;
    p->pair = *pair;
    p->started = p->known = true;
}

/* ---- how the other's claim stands ---- */

/* A former life of ours has waited already, and said so in our record. */
static bool noted_as_over(const struct passive *p)
{
    const struct witness_record *ours = &p->pair.of[p->self], *theirs = other(p);
    return ours->over.serial == theirs->serial && ours->over.identity == theirs->identity;
}

static bool stands(const struct passive *p, msec now)
{
    const struct witness_record *theirs = other(p);
    return theirs->claims && now < p->since + mastership_drift_over(theirs->length) && !noted_as_over(p);
}

/* A mark is worth nothing against who has been master since. */
static bool marks(const struct witness_record *theirs, const struct vote_request *ask)
{
    return theirs->behind > ask->acted && !ask->forced;
}

static term_no highest_term(const struct passive *p)
{
    term_no ours = p->pair.of[p->self].term, theirs = other(p)->term;
    return ours > theirs ? ours : theirs;
}

static enum passive_next refuse(const struct passive *p, const struct vote_request *ask, msec now,
                                struct vote_reply *reply)
{
    bool in_the_way = stands(p, now);
    *reply = (struct vote_reply){.identity = passive_identity(&p->pair),
                                 .round = ask->round,
                                 .length = in_the_way ? p->since + mastership_drift_over(other(p)->length) - now : 0,
                                 .term = highest_term(p),
                                 .candidate = in_the_way ? member_other(p->self) : MEMBER_NONE,
                                 .behind = other(p)->behind};
    if (reply->length > VOTER_LENGTH_MAX)
        reply->length = VOTER_LENGTH_MAX;
    return PASSIVE_ANSWER;
}

/* ---- what is written ---- */

static enum passive_next write(struct passive *p, struct witness_record record)
{
    uint64_t before = own(p)->serial > p->serial ? own(p)->serial : p->serial;
    record.serial = p->serial = before + 1;
    p->written = record;
    return PASSIVE_WRITE;
}

/* One that was lost while we had it is replaced by one of another identity: what it promised is forgotten with it. */
enum passive_next passive_create(struct passive *p)
{
    if (own(p)->identity != 0)
        return PASSIVE_NOTHING;
    uint64_t identity = p->fresh ^ p->serial * 0x9e3779b97f4a7c15u;
    if (p->serial == 0)
        p->serial = p->fresh >> 16; /* random: an earlier record's serial must not come again */
    return write(p, (struct witness_record){.identity = identity != 0 ? identity : 1});
}

static term_no mark(struct passive *p, const struct vote_request *ask)
{
    if (ask->behind)
        return ask->term;
    return p->granted && !p->lapsed ? 0 : own(p)->behind;
}

static enum passive_next take_back(struct passive *p, const struct vote_request *ask)
{
    struct witness_record record = *own(p);
    record.behind = mark(p, ask);
    record.claims = false;
    record.length = 0;
    return write(p, record);
}

/* A renewal with a shorter length must not hide what an earlier one gave. */
static enum passive_next claim(struct passive *p, const struct vote_request *ask, msec now)
{
    const struct witness_record *theirs = other(p);
    bool over = theirs->claims && !stands(p, now);
    p->until = msec_max(p->until, now + ask->length);
    struct witness_record record = *own(p);
    record.term = ask->term;
    record.claims = true;
    record.length = p->until - now;
    record.behind = mark(p, ask);
    record.over.identity = over ? theirs->identity : 0;
    record.over.serial = over ? theirs->serial : 0;
    return write(p, record);
}

enum passive_next passive_ask(struct passive *p, const struct vote_request *ask, msec now, struct vote_reply *reply)
{
    if (passive_identity(&p->pair) == 0)
        return PASSIVE_NOTHING;
    p->lapsed = now >= p->until;
    if (ask->kind == VOTE_GIVE_BACK)
        return own(p)->claims ? take_back(p, ask) : PASSIVE_NOTHING;
    if (ask->kind == VOTE_NONE)
        return PASSIVE_NOTHING;
    if (ask->term < highest_term(p) || marks(other(p), ask) || (stands(p, now) && !ask->forced))
        return refuse(p, ask, now, reply);
    return claim(p, ask, now);
}

/* ---- what was read back ---- */

/* The other's record is the one that was judged before the write, or none that claims. */
static bool undisturbed(const struct passive *p, const struct vote_request *ask, const struct witness_pair *after)
{
    const struct witness_record *theirs = &after->of[member_other(p->self)];
    if (theirs->term > ask->term || theirs->identity == 0 || marks(theirs, ask))
        return false;
    return ask->forced || !theirs->claims || witness_record_equal(theirs, other(p));
}

static enum passive_next grant(const struct passive *p, const struct vote_request *ask, struct vote_reply *reply)
{
    *reply = (struct vote_reply){.granted = true,
                                 .identity = passive_identity(&p->pair),
                                 .round = ask->round,
                                 .length = ask->length,
                                 .term = ask->term,
                                 .candidate = p->self,
                                 .behind = p->written.behind};
    return PASSIVE_ANSWER;
}

enum passive_next passive_wrote(struct passive *p, const struct vote_request *ask, const struct witness_pair *after,
                                msec now, struct vote_reply *reply)
{
    bool there = witness_record_equal(&after->of[p->self], &p->written);
    bool alone = undisturbed(p, ask, after);
    passive_saw(p, after, now);
    if (!p->written.claims) {
        p->until = there ? now : p->until;
        p->granted = false;
        return PASSIVE_NOTHING;
    }
    p->granted = there && alone;
    if (p->granted)
        return grant(p, ask, reply);
    refuse(p, ask, now, reply);
    /* What we were promised before may still run: then the claim stays, as it keeps the other waiting. */
    return there && p->lapsed ? take_back(p, ask) : PASSIVE_ANSWER;
}

void passive_lost(struct passive *p)
{
    p->known = false;
}
