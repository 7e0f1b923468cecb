/* SPDX-License-Identifier: Apache-2.0
 * core/witness_record.h - what the members of a rule keep in a store that is no voter of its own (a shared mount, an
 * etcd cluster): one record a member, which only that member writes. core/passive.h makes a vote out of the two. */
#ifndef DR_CORE_WITNESS_RECORD_H
#define DR_CORE_WITNESS_RECORD_H

#include "core/voter.h"

struct witness_record {
    uint64_t identity; /* random, made with the record; never 0. 0: there is no record */
    uint64_t serial;   /* greater with each write; never 0 */
    term_no term;      /* highest that this member asked in here; 0 = none */
    bool claims;       /* the vote is claimed for this member, for `length` from before the record was written */
    msec length;       /* 0..VOTER_LENGTH_MAX */
    term_no behind;    /* the mastership of this member that marked the other as behind; 0 = none */
    struct {
        uint64_t identity, serial;
    } over; /* the other's claim that had run out when this was written; 0, 0 = none */
};

struct witness_pair {
    struct witness_record of[2]; /* by enum member */
};

#define WITNESS_RECORD_BYTES 72
/* Always WITNESS_RECORD_BYTES long. */
void witness_record_encode(uint8_t bytes[WITNESS_RECORD_BYTES], const struct witness_record *record);
/* False: damaged, half written, or none of ours. */
bool witness_record_decode(struct witness_record *record, const uint8_t *bytes, size_t size);

bool witness_record_equal(const struct witness_record *a, const struct witness_record *b);

#endif
