/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/volume/ext.h"

#include <string.h>

#define SUPER         1024u
#define MAGIC         0xef53u
#define STATE_VALID   1u
#define STATE_ERROR   2u
#define HAS_JOURNAL   0x4u   /* compatible features */
#define HAS_MMP       0x100u /* incompatible features */
#define LOG_BLOCK_MAX 6u     /* blocks of 64 KiB */
#define MMP_MAGIC     0x004d4d50u
#define MMP_CLEAN     0xff4d4d50u
#define MMP_FSCK      0xe24d4d50u

static uint64_t number(const uint8_t *at, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = bytes; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

bool ext_super_decode(struct ext_super *super, const uint8_t block[EXT_BLOCK])
{
    const uint8_t *s = block + SUPER;
    uint64_t state = number(s + 0x3a, 2), log_block = number(s + 0x18, 4), mmp_block = number(s + 0x168, 8);
    if (number(s + 0x38, 2) != MAGIC || log_block > LOG_BLOCK_MAX)
        return false;
    bool journal = number(s + 0x5c, 4) & HAS_JOURNAL;
    super->broken = (state & STATE_ERROR) || (!journal && !(state & STATE_VALID));
    super->mmp_at = mmp_block << (10 + log_block);
    super->mmp = (number(s + 0x60, 4) & HAS_MMP) && super->mmp_at >> (10 + log_block) == mmp_block && mmp_block > 0;
    return true;
}

bool ext_mmp_decode(struct ext_mmp *mmp, const uint8_t block[EXT_BLOCK])
{
    if (number(block, 4) != MMP_MAGIC)
        return false;
    uint64_t sequence = number(block + 4, 4);
    mmp->state = sequence == MMP_CLEAN ? EXT_MMP_CLEAN : sequence == MMP_FSCK ? EXT_MMP_FSCK : EXT_MMP_IN_USE;
    memcpy(mmp->host, block + 16, sizeof mmp->host - 1);
    mmp->host[sizeof mmp->host - 1] = '\0';
    for (char *c = mmp->host; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    return true;
}
