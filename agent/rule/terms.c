/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/rule/terms.h"
#include "agent/store.h"
#include "core/cursor.h"

#include <string.h>

#define TERMS_BYTES 57

enum dr_code terms_read(struct terms *terms, const char *file, struct dr_error *err)
{
    uint8_t bytes[TERMS_BYTES];
    size_t size = 0;
    memset(terms, 0, sizeof *terms);
    enum dr_code code = store_read(file, bytes, sizeof bytes, &size, err);
    if (code != DR_OK)
        return code == DR_NOT_FOUND ? DR_OK : code;
    struct cursor c = cursor_reading(bytes, size);
    terms->term = cursor_get_u64(&c);
    terms->stream = cursor_get_u64(&c);
    terms->began = cursor_get_u64(&c);
    terms->former_stream = cursor_get_u64(&c);
    terms->former_seq = cursor_get_u64(&c);
    terms->own_stream = cursor_get_u64(&c);
    terms->own_seq = cursor_get_u64(&c);
    terms->taken = cursor_get_u8(&c) != 0;
    if (!cursor_ok(&c) || cursor_left(&c) != 0)
        return dr_fail(err, DR_CORRUPT,
                       "%s is not of this version: `drctl --local rejoin` puts it aside; the next replication compares "
                       "everything",
                       file);
    return DR_OK;
}

enum dr_code terms_write(const struct terms *terms, const char *file, struct dr_error *err)
{
    uint8_t bytes[TERMS_BYTES];
    struct cursor c = cursor_over(bytes, sizeof bytes);
    cursor_put_u64(&c, terms->term);
    cursor_put_u64(&c, terms->stream);
    cursor_put_u64(&c, terms->began);
    cursor_put_u64(&c, terms->former_stream);
    cursor_put_u64(&c, terms->former_seq);
    cursor_put_u64(&c, terms->own_stream);
    cursor_put_u64(&c, terms->own_seq);
    cursor_put_u8(&c, terms->taken);
    return store_write(file, bytes, sizeof bytes, err);
}
