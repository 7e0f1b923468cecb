/* SPDX-License-Identifier: Apache-2.0
 * core/passive.h - a third voter without a machine of its own: a store that only keeps two records
 * (core/witness_record.h). Each member plays the voter's rules (core/voter.h) on them. Pure: the caller reads and
 * writes; here is decided what is written, and what may be taken for a granted vote.
 *
 * Rests on two things only, which the caller has to bring (agent/witness/README.md says how):
 * 1. A read that begins after a write has succeeded sees that write, or a later one of the same member.
 * 2. The writes of one member take effect one after another, each once, whatever becomes of who began them.
 * No clock of the store, no lock, no order between the writes of the two.
 *
 * Why there are never two with a running promise. A member writes its claim, and then reads the other's record. Of two
 * that claim, one reads after the other's claim was there (1). It takes the claim for granted only if that very record
 * stood there when it began, and had been seen unchanged for its whole length times r = 1.05, or is none. The holder
 * counts from when it asked, which was before its record was there, and for length / r. So the older promise has ended
 * by every clock before the younger one begins. A record says for how long everything that its member was promised
 * may still run, so a renewal can follow. A claim is taken back only when nothing is held by it.
 *
 * A mark (the other is behind) stands in the record of who made it, and against whoever was not master since. It goes
 * when its maker renews or gives back without it what was granted, so a claim that came to nothing takes none away. */
#ifndef DR_CORE_PASSIVE_H
#define DR_CORE_PASSIVE_H

#include "core/witness_record.h"

struct passive {
    enum member self;
    uint64_t fresh; /* for a record that is not there yet: identity, and serial before the first */
    bool started;   /* the store was read */
    bool known;     /* ... since the last write that may or may not have happened */
    struct witness_pair pair;
    msec since;   /* the other's record was first seen as it is */
    msec until;   /* what was promised to us may run until then, as its giver counts */
    bool lapsed;  /* nothing was promised to us any more when the write under way was decided on */
    bool granted; /* the last claim of this life was */
    uint64_t serial;
    struct witness_record written;
};

enum passive_next {
    PASSIVE_NOTHING, /* no answer is due: a give-back that is done, or a record is missing */
    PASSIVE_ANSWER,  /* reply holds */
    PASSIVE_WRITE    /* write p->written as own record; then passive_wrote(), or passive_lost() */
};

/* `fresh` is random and not 0. */
void passive_init(struct passive *p, enum member self, uint64_t fresh);
/* What a read that began after the last write gave; at `now` it was over. */
void passive_saw(struct passive *p, const struct witness_pair *pair, msec now);
/* The own record is not there: PASSIVE_WRITE makes it. Else PASSIVE_NOTHING. */
enum passive_next passive_create(struct passive *p);
/* Only while p->known. A request of this member, newer than all before. */
enum passive_next passive_ask(struct passive *p, const struct vote_request *ask, msec now, struct vote_reply *reply);
/* The write is over; `after` was read when it was. PASSIVE_WRITE: *reply holds, and the claim is to be taken back. */
enum passive_next passive_wrote(struct passive *p, const struct vote_request *ask, const struct witness_pair *after,
                                msec now, struct vote_reply *reply);
/* Nobody knows whether the write happened. */
void passive_lost(struct passive *p);

/* Of the voter that the two records are; 0: one is missing. */
uint64_t passive_identity(const struct witness_pair *pair);

#endif
