/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/volume/ext.h - the few fields of ext2, 3 and 4 that a take-over looks at.
 * Layout: Linux, Documentation/filesystems/ext4/super.rst and mmp.rst; little endian. */
#ifndef DR_PLATFORM_LINUX_VOLUME_EXT_H
#define DR_PLATFORM_LINUX_VOLUME_EXT_H

#include <stdbool.h>
#include <stdint.h>

#define EXT_BLOCK 4096u /* what is read at once; the superblock lies at 1024 */

struct ext_super {
    bool broken;     /* says that it has errors, or has no journal and was not unmounted */
    bool mmp;        /* multiple-mount protection is on ... */
    uint64_t mmp_at; /* ... and its block begins at this byte */
};
/* False: no superblock of ext. */
bool ext_super_decode(struct ext_super *super, const uint8_t block[EXT_BLOCK]);

enum ext_mmp_state { EXT_MMP_CLEAN, EXT_MMP_IN_USE, EXT_MMP_FSCK };
struct ext_mmp {
    enum ext_mmp_state state;
    char host[65]; /* that wrote it last; printable */
};
/* False: no such block. */
bool ext_mmp_decode(struct ext_mmp *mmp, const uint8_t block[EXT_BLOCK]);

#endif
