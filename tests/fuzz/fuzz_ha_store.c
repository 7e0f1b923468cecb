/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_ha_store.c - a member's and an arbiter's durable state with contents of any kind under a good seal:
 * damage that a checksum does not show, or a newer version's file. */
#include "core/arbiter.h"
#include "core/ha.h"
#include "core/seal.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define ROOM 1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dr_error err;
    struct ha_store member;
    struct voter_store arbiter;
    uint8_t sealed[ROOM], again[HA_STORE_BYTES];
    struct cursor c = cursor_over(sealed, sizeof sealed);
    cursor_put_bytes(&c, data, size);
    size_t length = seal_put(&c, sealed);
    if (!cursor_ok(&c))
        return 0;
    if (ha_store_decode(&member, sealed, length, &err) == DR_OK)
        FUZZ_HOLDS(ha_store_encode(again, &member) == length && memcmp(again, sealed, length) == 0);
    if (arbiter_store_decode(&arbiter, sealed, length, &err) == DR_OK)
        FUZZ_HOLDS(arbiter_store_encode(again, &arbiter) == length && memcmp(again, sealed, length) == 0);
    return 0;
}
