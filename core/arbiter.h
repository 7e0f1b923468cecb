/* SPDX-License-Identifier: Apache-2.0
 * core/arbiter.h - the third voter of a rule: a drnode that is neither member answers votes with a voter, and nothing
 * else. Its store is a voter_store; a lost one is made anew with a new identity. */
#ifndef DR_CORE_ARBITER_H
#define DR_CORE_ARBITER_H

#include "core/error.h"
#include "core/ha_message.h"

/* What `in` (a beat of a member of the rule that this voter is for) is answered with. False: nothing to answer. If
 * *must_store, v->store must be durable before *out leaves; if that fails call voter_store_failed() and send nothing.
 */
bool arbiter_step(struct voter *v, const struct ha_message *in, msec now, struct ha_message *out, bool *must_store);

/* It speaks of a term so far above all that this voter knows that it cannot be sound: arbiter_step() ignores it. */
bool arbiter_doubts(const struct voter *v, const struct ha_message *in);

#define ARBITER_STORE_BYTES 64
size_t arbiter_store_encode(uint8_t bytes[ARBITER_STORE_BYTES], const struct voter_store *store);
/* DR_CORRUPT: it must not vote for this rule until a person removes the file (and so makes it a new voter). */
enum dr_code arbiter_store_decode(struct voter_store *store, const uint8_t *bytes, size_t size,
                                  struct dr_error *err) DR_MUST_USE;

#endif
