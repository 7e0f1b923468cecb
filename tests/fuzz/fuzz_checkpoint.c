/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_checkpoint.c - the target's checkpoint: any bytes, and the same under a good checksum. */
#include "agent/target/checkpoint.h"
#include "core/cursor.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <xxhash.h>

#define SEALED 32u /* bytes before the checksum */

static void as_it_is(const uint8_t *bytes, size_t size)
{
    struct checkpoint k;
    uint8_t again[CHECKPOINT_BYTES];
    if (!checkpoint_decode(&k, bytes, size))
        return;
    FUZZ_HOLDS(size == sizeof again && k.term <= TERM_MAX);
    checkpoint_encode(again, &k);
    FUZZ_HOLDS(memcmp(again, bytes, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t sealed[CHECKPOINT_BYTES] = {0};
    as_it_is(data, size);
    if (size > SEALED)
        return 0;
    struct cursor c = cursor_over(sealed + SEALED, sizeof sealed - SEALED);
    memcpy(sealed, data, size);
    cursor_put_u64(&c, XXH3_64bits(sealed, SEALED));
    as_it_is(sealed, sizeof sealed);
    return 0;
}
