/* SPDX-License-Identifier: Apache-2.0
 * agent/witness/witness.h - a third voter that is a store (disk.h, etcd.h), asked as an arbiter is: a beat goes in, and
 * perhaps an answer comes later. A thread of its own reads and writes, so the decision thread never waits for it. */
#ifndef DR_AGENT_WITNESS_WITNESS_H
#define DR_AGENT_WITNESS_WITNESS_H

#include "core/error.h"
#include "core/ha_message.h"
#include "core/witness_record.h"

/* One kind of store. All but stop() are called by the witness's thread, one at a time. */
struct witness_store {
    /* Both records as they stand; identity 0: not there. DR_CLOSED, here and below: the store is not the one of before,
     * so nothing counts as seen in it. */
    enum dr_code (*look)(void *self, struct witness_pair *pair, struct dr_error *err);
    /* Writes this member's record, then reads both. It may leave out the write if a record is not as it last read it.
     * An error: it may be written, or be yet. */
    enum dr_code (*write)(void *self, const struct witness_record *record, struct witness_pair *after,
                          struct dr_error *err);
    /* Any thread: what is under way, and all that comes after, fails soon. */
    void (*stop)(void *self);
    void (*destroy)(void *self);
};

struct witness_config {
    enum member self;
    msec interval; /* the store is looked at so often, asked or not: an old claim must have been seen to run out */
    const struct witness_store *kind;
    void *store;                                                   /* taken over */
    void (*answer)(void *baton, const struct ha_message *answer);  /* the witness's thread; as an arbiter's */
    void (*say)(void *baton, enum dr_code code, const char *text); /* DR_OK: it works (again); once a change */
    void *baton;
};

struct witness;

enum dr_code witness_start(struct witness **witness, const struct witness_config *config,
                           struct dr_error *err) DR_MUST_USE;
/* Never waits. Of several the newest counts, as on a slow line. */
void witness_ask(struct witness *w, const struct ha_message *beat);
/* False: `why` says what the last attempt ended with. */
bool witness_up(struct witness *w, char *why, size_t size);
/* Two steps, so that several end at the same time. No call back after witness_destroy(). */
void witness_end(struct witness *w);
void witness_destroy(struct witness *w);

#endif
