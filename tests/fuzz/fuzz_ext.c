/* SPDX-License-Identifier: Apache-2.0
 * What is on a shared disk, as a take-over reads it: any bytes may be there. The place of the next read is a block's,
 * and the name that is told is text. */
#include "platform/linux/volume/ext.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t block[EXT_BLOCK] = {0};
    struct ext_super super;
    struct ext_mmp mmp;
    memcpy(block, data, size < sizeof block ? size : sizeof block);
    if (ext_super_decode(&super, block) && super.mmp)
        FUZZ_HOLDS(super.mmp_at > 0 && super.mmp_at % 1024 == 0);
    if (ext_mmp_decode(&mmp, block)) {
        FUZZ_HOLDS(strlen(mmp.host) < sizeof mmp.host);
        for (const char *c = mmp.host; *c; c++)
            FUZZ_HOLDS(*c >= ' ' && *c <= '~');
    }
    return 0;
}
