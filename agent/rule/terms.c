/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/rule/terms.h"
#include "agent/store.h"
#include "core/cursor.h"

#include <string.h>

void terms_encode(uint8_t bytes[TERMS_BYTES], const struct terms *terms)
{
    struct cursor c = cursor_over(bytes, TERMS_BYTES);
    cursor_put_u64(&c, terms->term);
    cursor_put_u64(&c, terms->stream);
    cursor_put_u64(&c, terms->began);
    cursor_put_u64(&c, terms->former_stream);
    cursor_put_u64(&c, terms->former_seq);
    cursor_put_u64(&c, terms->own_stream);
    cursor_put_u64(&c, terms->own_seq);
    cursor_put_u8(&c, terms->taken);
}

enum dr_code terms_decode(struct terms *terms, const uint8_t *bytes, size_t size, const char *file,
                          struct dr_error *err)
{
    struct cursor c = cursor_reading(bytes, size);
    terms->term = cursor_get_u64(&c);
    terms->stream = cursor_get_u64(&c);
    terms->began = cursor_get_u64(&c);
    terms->former_stream = cursor_get_u64(&c);
    terms->former_seq = cursor_get_u64(&c);
    terms->own_stream = cursor_get_u64(&c);
    terms->own_seq = cursor_get_u64(&c);
    uint8_t taken = cursor_get_u8(&c);
    terms->taken = taken == 1;
    if (cursor_ok(&c) && cursor_left(&c) == 0 && terms->term <= TERM_MAX && taken <= 1)
        return DR_OK;
    return dr_fail(err, DR_CORRUPT,
                   "%s is not of this version: `drctl --local rejoin` puts it aside; the next replication compares "
                   "everything",
                   file);
}

enum dr_code terms_read(struct terms *terms, const char *file, struct dr_error *err)
{
    uint8_t bytes[TERMS_BYTES];
    size_t size = 0;
    memset(terms, 0, sizeof *terms);
    enum dr_code code = store_read(file, bytes, sizeof bytes, &size, err);
    if (code == DR_NOT_FOUND)
        return DR_OK;
    return code == DR_OK ? terms_decode(terms, bytes, size, file, err) : code;
}

enum dr_code terms_write(const struct terms *terms, const char *file, struct dr_error *err)
{
    uint8_t bytes[TERMS_BYTES];
    terms_encode(bytes, terms);
    return store_write(file, bytes, sizeof bytes, err);
}
