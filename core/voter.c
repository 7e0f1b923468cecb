/* SPDX-License-Identifier: Apache-2.0 */
#include "core/voter.h"

int vote_round_compare(struct vote_round a, struct vote_round b)
{
    if (a.start != b.start)
        return a.start < b.start ? -1 : 1;
    return a.number < b.number ? -1 : a.number > b.number;
}

static msec msec_max(msec a, msec b)
{
    return a > b ? a : b;
}

void voter_init(struct voter *v, const struct voter_store *stored, msec now)
{
    *v = (struct voter){.store = *stored, .until = now};
    if (stored->candidate != MEMBER_NONE)
        v->until = now + (stored->length > 0 ? stored->length : VOTER_LENGTH_MAX);
}

enum member voter_promised(const struct voter *v, msec now)
{
    return now < v->until ? v->store.candidate : MEMBER_NONE;
}

enum member voter_behind(const struct voter_store *store)
{
    return store->behind == 0 ? MEMBER_NONE : member_other(member_of_term(store->behind));
}

/* A mark is worth nothing against who has been master since. */
static bool marked(const struct voter *v, const struct vote_request *ask)
{
    return voter_behind(&v->store) == ask->candidate && v->store.behind > ask->acted;
}

static bool grants(const struct voter *v, const struct vote_request *ask, msec now)
{
    enum member promised = voter_promised(v, now);
    bool free = promised == MEMBER_NONE || promised == ask->candidate;
    return (ask->forced || (free && !marked(v, ask))) && ask->term >= v->store.term;
}

/* Only the holder of the mark's mastership, or who is master after it, takes it back. */
static void note_behind(struct voter *v, const struct vote_request *ask)
{
    if (ask->behind)
        v->store.behind = ask->acted;
    else if (v->store.behind <= ask->term)
        v->store.behind = 0;
}

/* A renewal shortens neither what runs nor what a restart would count from the store. A promise to another candidate
 * that has run out, or that a person overrides, leaves nothing to keep. */
static void promise(struct voter *v, const struct vote_request *ask, msec now)
{
    bool renewal = voter_promised(v, now) == ask->candidate;
    v->until = renewal ? msec_max(v->until, now + ask->length) : now + ask->length;
    v->store.length = msec_max(ask->length, v->until - now);
    v->store.term = ask->term;
    v->store.candidate = ask->candidate;
    note_behind(v, ask);
}

static bool store_equal(const struct voter_store *a, const struct voter_store *b)
{
    return a->identity == b->identity && a->term == b->term && a->candidate == b->candidate && a->length == b->length &&
           a->behind == b->behind;
}

static struct vote_reply reply_of(const struct voter *v, const struct vote_request *ask, bool granted, msec now)
{
    return (struct vote_reply){.granted = granted,
                               .identity = v->store.identity,
                               .round = ask->round,
                               .length = granted ? ask->length : msec_max(v->until - now, 0),
                               .term = v->store.term,
                               .candidate = voter_promised(v, now),
                               .behind = v->store.behind};
}

/* Only from an asker that was heard in this life: an earlier one's promise must run out in full. */
static void give_back(struct voter *v, const struct vote_request *ask, msec now)
{
    const struct voter_asker *asker = &v->asker[ask->candidate];
    if (asker->last.number == 0 || asker->identity != ask->asker || voter_promised(v, now) != ask->candidate)
        return;
    v->until = now;
    v->store.candidate = MEMBER_NONE;
    note_behind(v, ask);
}

static bool is_old(const struct voter_asker *asker, const struct vote_request *ask)
{
    if (ask->asker == asker->identity)
        return vote_round_compare(ask->round, asker->last) < 0;
    return asker->replaced != 0 && ask->asker == asker->replaced;
}

static void note_asker(struct voter_asker *asker, const struct vote_request *ask)
{
    if (ask->asker != asker->identity)
        *asker = (struct voter_asker){.identity = ask->asker, .replaced = asker->identity};
    asker->last = ask->round;
}

void voter_step(struct voter *v, const struct vote_request *ask, msec now, struct voter_answer *out)
{
    *out = (struct voter_answer){0};
    if (ask->kind == VOTE_NONE || is_old(&v->asker[ask->candidate], ask))
        return;
    struct voter_store before = v->store;
    bool granted = false;
    if (ask->kind == VOTE_GIVE_BACK) {
        give_back(v, ask, now);
    } else {
        granted = grants(v, ask, now);
        if (granted)
            promise(v, ask, now);
        out->reply_due = true;
        out->reply = reply_of(v, ask, granted, now);
    }
    note_asker(&v->asker[ask->candidate], ask);
    out->must_store = v->unsaved || !store_equal(&before, &v->store);
    v->unsaved = false;
}

void voter_store_failed(struct voter *v)
{
    v->unsaved = true;
}

void voter_store_encode(struct cursor *c, const struct voter_store *store)
{
    cursor_put_u64(c, store->identity);
    cursor_put_u64(c, store->term);
    cursor_put_u8(c, (uint8_t)store->candidate);
    cursor_put_u64(c, (uint64_t)store->length);
    cursor_put_u64(c, store->behind);
}

bool voter_store_decode(struct cursor *c, struct voter_store *store)
{
    store->identity = cursor_get_u64(c);
    store->term = cursor_get_u64(c);
    store->candidate = cursor_get_u8(c);
    store->length = (msec)cursor_get_u64(c);
    store->behind = cursor_get_u64(c);
    return cursor_ok(c) && store->identity != 0 && store->candidate <= MEMBER_NONE && store->length >= 0 &&
           store->length <= VOTER_LENGTH_MAX && store->term <= TERM_MAX && store->behind <= TERM_MAX;
}
