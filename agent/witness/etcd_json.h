/* SPDX-License-Identifier: Apache-2.0
 * agent/witness/etcd_json.h - what is said to etcd's HTTP/JSON gateway about the two records of a rule, and what it
 * answers. etcd.io, "Why gRPC gateway": keys and values in base64, 64-bit numbers as text, what is zero left out. */
#ifndef DR_AGENT_WITNESS_ETCD_JSON_H
#define DR_AGENT_WITNESS_ETCD_JSON_H

#include "core/error.h"
#include "core/witness_record.h"

#define ETCD_RANGE "/v3/kv/range"
#define ETCD_TXN   "/v3/kv/txn"

/* Longer answers are none of etcd's to these questions. */
#define ETCD_ANSWER_MAX 8192u
#define ETCD_KEY_SIZE   64

/* Both records, as of one revision of the store. */
struct etcd_state {
    struct witness_pair pair;
    uint64_t revision[2]; /* in which each was last written; 0: it is not there */
    uint64_t store;       /* revision of the whole store */
};

/* /drnode/RULE/a and .../b */
void etcd_key(char key[ETCD_KEY_SIZE], const struct dr_id *rule, enum member member);

/* Bodies for free(); NULL: no memory. */
char *etcd_range_body(const struct dr_id *rule);
/* Puts `self`'s record if both are still as in `seen`; the answer has both as they are then, either way. */
char *etcd_txn_body(const struct dr_id *rule, enum member self, const struct witness_record *record,
                    const struct etcd_state *seen);

/* Of either question. DR_PROTOCOL: no answer of etcd; DR_CORRUPT: a record is damaged; DR_REFUSED: etcd's own words. */
enum dr_code etcd_answer(struct etcd_state *state, const struct dr_id *rule, const char *text, size_t size,
                         struct dr_error *err) DR_MUST_USE;

#endif
