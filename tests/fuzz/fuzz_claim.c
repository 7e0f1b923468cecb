/* SPDX-License-Identifier: Apache-2.0
 * What comes over the network while an address is asked for: what is taken for a claim holds that address. */
#include "platform/linux/packet.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static bool holds(const uint8_t *data, size_t size, const struct vip *vip)
{
    size_t length = vip->v6 ? 16 : 4;
    for (size_t at = 0; at + length <= size; at++)
        if (memcmp(data + at, vip->bytes, length) == 0)
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vip v4 = {.bytes = {10, 0, 0, 9}, .prefix = 24}, v6 = {.v6 = true, .bytes = {0xfd, [15] = 9}, .prefix = 64};
    FUZZ_HOLDS(!packet_claims(&v4, data, size) || holds(data, size, &v4));
    FUZZ_HOLDS(!packet_claims(&v6, data, size) || holds(data, size, &v6));
    return 0;
}
