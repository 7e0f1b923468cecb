/* SPDX-License-Identifier: Apache-2.0 */
#include "core/seal.h"

/* FNV-1a, 64 bits. */
static uint64_t sum_of(const uint8_t *bytes, size_t size)
{
    uint64_t sum = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ bytes[i]) * 0x100000001b3u;
    return sum;
}

size_t seal_put(struct cursor *c, const uint8_t *start)
{
    cursor_put_u64(c, sum_of(start, (size_t)(c->at - start)));
    return cursor_ok(c) ? (size_t)(c->at - start) : 0;
}

bool seal_check(struct cursor *c, const uint8_t *bytes, size_t size)
{
    if (size < SEAL_BYTES)
        return false;
    struct cursor seal = cursor_reading(bytes + size - SEAL_BYTES, SEAL_BYTES);
    *c = cursor_reading(bytes, size - SEAL_BYTES);
    return cursor_get_u64(&seal) == sum_of(bytes, size - SEAL_BYTES);
}
