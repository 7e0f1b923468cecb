/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/chunk.h"
#include "core/cursor.h"

#include <string.h>
#include <xxhash.h>

#define CHUNK_MAGIC 0x314b4843u /* "CHK1" */

static uint64_t check_of(const uint8_t *head, const uint8_t *payload, size_t size)
{
    return XXH3_64bits_withSeed(payload, size, XXH3_64bits(head, CHUNK_HEAD - 8));
}

void chunk_seal(uint8_t *head, const struct chunk *k)
{
    struct cursor c = cursor_over(head, CHUNK_HEAD);
    cursor_put_u32(&c, CHUNK_MAGIC);
    cursor_put_u32(&c, 0);
    cursor_put_u64(&c, k->size);
    cursor_put_u64(&c, k->stream);
    cursor_put_u64(&c, k->first);
    cursor_put_u64(&c, k->last);
    cursor_put_u64(&c, check_of(head, k->bytes, k->size));
}

static bool good_at(const uint8_t *file, size_t size, size_t at, struct chunk *k)
{
    struct cursor c = cursor_reading(file + at, size - at);
    bool magic = cursor_get_u32(&c) == CHUNK_MAGIC;
    cursor_get_u32(&c);
    k->size = cursor_get_u64(&c);
    k->stream = cursor_get_u64(&c);
    k->first = cursor_get_u64(&c);
    k->last = cursor_get_u64(&c);
    uint64_t check = cursor_get_u64(&c);
    if (!magic || !cursor_ok(&c) || k->size > CHUNK_MAX || k->last < k->first)
        return false;
    k->bytes = cursor_get_bytes(&c, k->size);
    return k->bytes && check == check_of(file + at, k->bytes, k->size);
}

/* What an application writes may itself be a log of ours, whole: such a chunk stands inside a payload, and is of
 * another stream, or older than the log that it lies in. */
static bool follows(const struct chunk *k, const struct chunk *before)
{
    return (before->stream == 0 || k->stream == before->stream) && k->first > before->last;
}

static bool good_after(const uint8_t *file, size_t size, size_t at, const struct chunk *before)
{
    static const uint8_t magic[4] = {CHUNK_MAGIC & 0xff, (CHUNK_MAGIC >> 8) & 0xff, (CHUNK_MAGIC >> 16) & 0xff,
                                     CHUNK_MAGIC >> 24};
    struct chunk k;
    while (at < size) {
        const uint8_t *next = memmem(file + at, size - at, magic, sizeof magic);
        if (!next)
            return false;
        at = (size_t)(next - file);
        if (good_at(file, size, at, &k) && follows(&k, before))
            return true;
        at++;
    }
    return false;
}

enum chunk_found chunk_next(const uint8_t *file, size_t size, size_t *at, struct chunk *k)
{
    struct chunk found;
    if (*at == size)
        return CHUNK_END;
    if (!good_at(file, size, *at, &found))
        return good_after(file, size, *at + 1, k) ? CHUNK_BROKEN : CHUNK_TORN;
    *k = found;
    *at += CHUNK_HEAD + k->size;
    return CHUNK_GOOD;
}
