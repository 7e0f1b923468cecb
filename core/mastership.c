/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mastership.h"

static msec msec_min(msec a, msec b)
{
    return a < b ? a : b;
}

static msec msec_max(msec a, msec b)
{
    return a > b ? a : b;
}

void mastership_init(struct mastership *m, uint64_t start)
{
    *m = (struct mastership){.round = {.start = start, .number = 0}, .void_before = 1};
}

struct vote_round mastership_next_round(struct mastership *m)
{
    m->round.number++;
    return m->round;
}

void mastership_clear(struct mastership *m)
{
    for (unsigned i = 0; i < PROMISES_MAX; i++)
        m->promise[i] = (struct promise){0};
    m->void_before = m->round.number + 1;
}

static const struct promise *promise_of(const struct mastership *m, uint64_t identity)
{
    for (unsigned i = 0; i < PROMISES_MAX; i++)
        if (identity != 0 && m->promise[i].identity == identity)
            return &m->promise[i];
    return NULL;
}

/* The place for `identity`: its own, or that of the promise which ends first. */
static struct promise *place_for(struct mastership *m, uint64_t identity)
{
    struct promise *place = &m->promise[0];
    for (unsigned i = 0; i < PROMISES_MAX; i++) {
        if (m->promise[i].identity == identity)
            return &m->promise[i];
        if (m->promise[i].end < place->end)
            place = &m->promise[i];
    }
    *place = (struct promise){.identity = identity};
    return place;
}

static void resume_one(struct mastership *m, uint64_t identity, msec end)
{
    if (identity != 0)
        place_for(m, identity)->end = end;
}

void mastership_resume(struct mastership *m, const struct configuration_set *set, msec end)
{
    for (unsigned i = 0; i < set->count; i++) {
        const struct configuration *c = &set->of[i];
        resume_one(m, c->voter[MEMBER_A], end);
        resume_one(m, c->voter[MEMBER_B], end);
        for (unsigned w = 0; w < c->witnesses; w++)
            resume_one(m, c->witness[w], end);
    }
}

bool mastership_granted(struct mastership *m, const struct vote_reply *reply, msec asked)
{
    if (reply->round.start != m->round.start || reply->round.number < m->void_before ||
        reply->round.number > m->round.number || reply->identity == 0)
        return false;
    struct promise *p = place_for(m, reply->identity);
    p->behind = reply->behind;
    msec end = asked + mastership_drift(reply->length);
    if (end >= p->end) {
        p->end = end;
        p->handed_over = reply->handed_over;
    }
    return true;
}

msec mastership_end(const struct mastership *m, uint64_t identity)
{
    const struct promise *p = promise_of(m, identity);
    return p ? p->end : 0;
}

/* More than half of the witnesses have promised until then, but no later. */
static msec majority_end(const struct mastership *m, const struct configuration *c)
{
    msec best = 0;
    for (unsigned i = 0; i < c->witnesses; i++) {
        msec end = mastership_end(m, c->witness[i]);
        unsigned lasting = 0;
        for (unsigned k = 0; k < c->witnesses; k++)
            lasting += mastership_end(m, c->witness[k]) >= end;
        if (lasting > c->witnesses / 2)
            best = msec_max(best, end);
    }
    return best;
}

/* A majority of one is that one, so the trio needs no words of its own. */
static msec authority_under(const struct mastership *m, const struct configuration *c, enum member self)
{
    msec own = mastership_end(m, c->voter[self]), other = mastership_end(m, c->voter[member_other(self)]);
    switch (c->kind) {
    case QUORUM_ANY: return own;
    case QUORUM_SOLO: return c->solo == self ? own : msec_min(own, other);
    case QUORUM_TRIO:
    case QUORUM_MAJORITY: break;
    }
    return msec_min(own, msec_max(other, majority_end(m, c)));
}

msec mastership_authority(const struct mastership *m, const struct configuration_set *set, enum member self)
{
    msec least = authority_under(m, &set->of[0], self);
    for (unsigned i = 1; i < set->count; i++)
        least = msec_min(least, authority_under(m, &set->of[i], self));
    return least;
}

/* A and B together are a quorum of every kind, so the other member's promise beside the own one is all it takes. */
bool mastership_handed_over(const struct mastership *m, const struct configuration_set *set, enum member self, msec now)
{
    for (unsigned i = 0; i < set->count; i++) {
        const struct promise *own = promise_of(m, set->of[i].voter[self]);
        const struct promise *other = promise_of(m, set->of[i].voter[member_other(self)]);
        if (!own || !other || own->end <= now || other->end <= now || !other->handed_over)
            return false;
    }
    return true;
}

static bool noted(const struct mastership *m, uint64_t identity, enum member self)
{
    const struct promise *p = promise_of(m, identity);
    return p && member_of_term(p->behind) == self;
}

/* The other needs its own vote, and self's or more than half of the witnesses'; self's voter knows. */
static bool noted_under(const struct mastership *m, const struct configuration *c, enum member self)
{
    unsigned knowing = 0;
    if (noted(m, c->voter[member_other(self)], self) || (c->kind == QUORUM_SOLO && c->solo == self))
        return true;
    for (unsigned i = 0; i < c->witnesses; i++)
        knowing += noted(m, c->witness[i], self);
    return c->witnesses > 0 && c->witnesses - knowing <= c->witnesses / 2;
}

bool mastership_behind_noted(const struct mastership *m, const struct configuration_set *set, enum member self)
{
    for (unsigned i = 0; i < set->count; i++)
        if (!noted(m, set->of[i].voter[self], self) || !noted_under(m, &set->of[i], self))
            return false;
    return true;
}

int configuration_newer(const struct configuration *a, const struct configuration *b)
{
    if (a->version.term != b->version.term)
        return a->version.term < b->version.term ? -1 : 1;
    return a->version.counter < b->version.counter ? -1 : a->version.counter > b->version.counter;
}

bool configuration_same(const struct configuration *a, const struct configuration *b)
{
    for (unsigned i = 0; i < a->witnesses && a->witnesses == b->witnesses; i++)
        if (a->witness[i] != b->witness[i])
            return false;
    return a->kind == b->kind && a->solo == b->solo && a->release_grace == b->release_grace &&
           a->voter[MEMBER_A] == b->voter[MEMBER_A] && a->voter[MEMBER_B] == b->voter[MEMBER_B] &&
           a->witnesses == b->witnesses;
}

bool configuration_equal(const struct configuration *a, const struct configuration *b)
{
    return configuration_newer(a, b) == 0 && configuration_same(a, b);
}

bool configuration_names(const struct configuration *c, uint64_t identity)
{
    for (unsigned i = 0; i < c->witnesses; i++)
        if (identity != 0 && c->witness[i] == identity)
            return true;
    return false;
}

void configuration_encode(struct cursor *c, const struct configuration *configuration)
{
    cursor_put_u64(c, configuration->version.term);
    cursor_put_u64(c, configuration->version.counter);
    cursor_put_u8(c, (uint8_t)configuration->kind);
    cursor_put_u8(c, (uint8_t)configuration->solo);
    cursor_put_u32(c, (uint32_t)configuration->release_grace);
    cursor_put_u64(c, configuration->voter[MEMBER_A]);
    cursor_put_u64(c, configuration->voter[MEMBER_B]);
    cursor_put_u8(c, (uint8_t)configuration->witnesses);
    for (unsigned i = 0; i < configuration->witnesses; i++)
        cursor_put_u64(c, configuration->witness[i]);
}

/* A voter that counted twice would be a majority by itself. */
static bool voters_differ(const struct configuration *c)
{
    for (unsigned i = 0; i < c->witnesses; i++) {
        if (c->witness[i] != 0 && (c->witness[i] == c->voter[MEMBER_A] || c->witness[i] == c->voter[MEMBER_B]))
            return false;
        for (unsigned k = 0; k < i; k++)
            if (c->witness[i] != 0 && c->witness[i] == c->witness[k])
                return false;
    }
    return c->voter[MEMBER_A] == 0 || c->voter[MEMBER_A] != c->voter[MEMBER_B];
}

static bool kind_fits(const struct configuration *c)
{
    switch (c->kind) {
    case QUORUM_ANY: return c->witnesses == 0 && c->solo == 0;
    case QUORUM_TRIO: return c->witnesses == 1 && c->solo == 0;
    case QUORUM_MAJORITY: return c->witnesses >= 1 && c->solo == 0;
    case QUORUM_SOLO: return c->witnesses == 0 && c->solo <= MEMBER_B;
    }
    return false;
}

bool configuration_decode(struct cursor *c, struct configuration *configuration)
{
    *configuration = (struct configuration){0};
    configuration->version.term = cursor_get_u64(c);
    configuration->version.counter = cursor_get_u64(c);
    configuration->kind = cursor_get_u8(c);
    configuration->solo = cursor_get_u8(c);
    configuration->release_grace = cursor_get_u32(c);
    configuration->voter[MEMBER_A] = cursor_get_u64(c);
    configuration->voter[MEMBER_B] = cursor_get_u64(c);
    uint8_t witnesses = cursor_get_u8(c);
    if (witnesses > WITNESSES_MAX)
        return false;
    configuration->witnesses = witnesses;
    for (unsigned i = 0; i < witnesses; i++)
        configuration->witness[i] = cursor_get_u64(c);
    return cursor_ok(c) && kind_fits(configuration) && voters_differ(configuration) &&
           configuration->release_grace <= VOTER_LENGTH_MAX && configuration->version.term <= TERM_MAX;
}
