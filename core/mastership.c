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

void mastership_resume(struct mastership *m, const struct configuration_set *set, msec end)
{
    for (unsigned i = 0; i < set->count; i++)
        for (unsigned slot = 0; slot < SLOT_COUNT; slot++)
            if (set->of[i].voter[slot] != 0)
                place_for(m, set->of[i].voter[slot])->end = end;
}

bool mastership_granted(struct mastership *m, const struct vote_reply *reply, msec asked)
{
    if (reply->round.start != m->round.start || reply->round.number < m->void_before ||
        reply->round.number > m->round.number || reply->identity == 0)
        return false;
    struct promise *p = place_for(m, reply->identity);
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

static msec authority_under(const struct mastership *m, const struct configuration *c, enum member self)
{
    msec own = mastership_end(m, c->voter[self]);
    if (c->kind == QUORUM_ANY)
        return own;
    msec others = msec_max(mastership_end(m, c->voter[member_other(self)]), mastership_end(m, c->voter[SLOT_WITNESS]));
    return msec_min(own, others);
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

int configuration_newer(const struct configuration *a, const struct configuration *b)
{
    if (a->version.term != b->version.term)
        return a->version.term < b->version.term ? -1 : 1;
    return a->version.counter < b->version.counter ? -1 : a->version.counter > b->version.counter;
}

bool configuration_equal(const struct configuration *a, const struct configuration *b)
{
    for (unsigned i = 0; i < SLOT_COUNT; i++)
        if (a->voter[i] != b->voter[i])
            return false;
    return configuration_newer(a, b) == 0 && a->kind == b->kind && a->release_grace == b->release_grace;
}

void configuration_encode(struct cursor *c, const struct configuration *configuration)
{
    cursor_put_u64(c, configuration->version.term);
    cursor_put_u64(c, configuration->version.counter);
    cursor_put_u8(c, (uint8_t)configuration->kind);
    cursor_put_u32(c, (uint32_t)configuration->release_grace);
    for (unsigned i = 0; i < SLOT_COUNT; i++)
        cursor_put_u64(c, configuration->voter[i]);
}

bool configuration_decode(struct cursor *c, struct configuration *configuration)
{
    configuration->version.term = cursor_get_u64(c);
    configuration->version.counter = cursor_get_u64(c);
    configuration->kind = cursor_get_u8(c);
    configuration->release_grace = cursor_get_u32(c);
    for (unsigned i = 0; i < SLOT_COUNT; i++)
        configuration->voter[i] = cursor_get_u64(c);
    bool known = configuration->kind == QUORUM_ANY || configuration->kind == QUORUM_TRIO;
    return cursor_ok(c) && known && configuration->release_grace <= VOTER_LENGTH_MAX;
}
