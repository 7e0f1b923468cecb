/* SPDX-License-Identifier: Apache-2.0 */
#include "core/witness_record.h"

#include "core/seal.h"

#define MAGIC 0x31525744u /* "DWR1" */

void witness_record_encode(uint8_t bytes[WITNESS_RECORD_BYTES], const struct witness_record *record)
{
    struct cursor c = cursor_over(bytes, WITNESS_RECORD_BYTES);
    cursor_put_u32(&c, MAGIC);
    cursor_put_u64(&c, record->identity);
    cursor_put_u64(&c, record->serial);
    cursor_put_u64(&c, record->term);
    cursor_put_u32(&c, record->claims);
    cursor_put_u64(&c, (uint64_t)record->length);
    cursor_put_u64(&c, record->behind);
    cursor_put_u64(&c, record->over.identity);
    cursor_put_u64(&c, record->over.serial);
    (void)seal_put(&c, bytes); /* fills the room exactly */
}

bool witness_record_decode(struct witness_record *record, const uint8_t *bytes, size_t size)
{
    struct cursor c;
    if (size != WITNESS_RECORD_BYTES || !seal_check(&c, bytes, size) || cursor_get_u32(&c) != MAGIC)
        return false;
    *record = (struct witness_record){.identity = cursor_get_u64(&c)};
    record->serial = cursor_get_u64(&c);
    record->term = cursor_get_u64(&c);
    uint32_t claims = cursor_get_u32(&c);
    uint64_t length = cursor_get_u64(&c);
    record->behind = cursor_get_u64(&c);
    record->over.identity = cursor_get_u64(&c);
    record->over.serial = cursor_get_u64(&c);
    record->claims = claims == 1;
    record->length = length <= VOTER_LENGTH_MAX ? (msec)length : 0;
    return cursor_ok(&c) && record->identity != 0 && record->serial != 0 && claims <= 1 && length <= VOTER_LENGTH_MAX &&
           record->term <= TERM_MAX && record->behind <= TERM_MAX;
}

bool witness_record_equal(const struct witness_record *a, const struct witness_record *b)
{
    return a->identity == b->identity && a->serial == b->serial && a->term == b->term && a->claims == b->claims &&
           a->length == b->length && a->behind == b->behind && a->over.identity == b->over.identity &&
           a->over.serial == b->over.serial;
}
