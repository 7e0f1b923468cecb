/* SPDX-License-Identifier: Apache-2.0 */
#include "core/arbiter.h"

#include "core/seal.h"

bool arbiter_doubts(const struct voter *v, const struct ha_message *in)
{
    return term_is_far(ha_message_term(in), v->store.term);
}

bool arbiter_step(struct voter *v, const struct ha_message *in, msec now, struct ha_message *out, bool *must_store)
{
    *must_store = false;
    if (in->kind != HA_BEAT || in->from == MEMBER_NONE || arbiter_doubts(v, in))
        return false;
    struct voter_answer answer;
    voter_step(v, &in->ask, now, &answer);
    *must_store = answer.must_store;
    *out = (struct ha_message){.kind = HA_ANSWER,
                               .rule = in->rule,
                               .from = MEMBER_NONE,
                               .asker = in->asker,
                               .round = in->round,
                               .sent = in->sent,
                               .voted = true,
                               .vote = answer.reply};
    return answer.reply_due;
}

#define ARBITER_MAGIC 0x32424152u /* "RAB2" */

size_t arbiter_store_encode(uint8_t bytes[ARBITER_STORE_BYTES], const struct voter_store *store)
{
    struct cursor c = cursor_over(bytes, ARBITER_STORE_BYTES);
    cursor_put_u32(&c, ARBITER_MAGIC);
    voter_store_encode(&c, store);
    return seal_put(&c, bytes);
}

enum dr_code arbiter_store_decode(struct voter_store *store, const uint8_t *bytes, size_t size, struct dr_error *err)
{
    struct cursor c;
    bool legal = seal_check(&c, bytes, size) && cursor_get_u32(&c) == ARBITER_MAGIC;
    if (legal && voter_store_decode(&c, store) && cursor_left(&c) == 0)
        return DR_OK;
    return dr_fail(err, DR_CORRUPT,
                   "the arbiter's record of its vote is damaged (%zu bytes): `drctl --local rejoin` puts it aside, and "
                   "this arbiter "
                   "counts as a new one",
                   size);
}
