/* SPDX-License-Identifier: Apache-2.0
 * The kernel's side of /dev/fuse. The build's <linux/fuse.h> may be older than the kernel that runs: what came after
 * 7.38 is named here, with the values of include/uapi/linux/fuse.h of Linux 6.18. */
#ifndef DR_CAPTURE_FUSE_ABI_H
#define DR_CAPTURE_FUSE_ABI_H

#include <linux/fuse.h>

enum {
    ABI_MINOR_LEAST = 31,       /* Linux 5.4 */
    ABI_MINOR_STRIPS_SGID = 37, /* the VFS takes set-group-id off a new file before it asks us (6.0) */
    ABI_MINOR_DIRECT_SAFE = 40, /* a direct write also drops cached pages after it (6.10) */
    ABI_MINOR_EPOCH = 44,       /* 6.16 */
    ABI_MINOR = 45,             /* the newest that this driver knows */
    ABI_NOTIFY_INC_EPOCH = 8    /* 7.44: forget all cached names */
};

#define ABI_DIRECT_IO_ALLOW_MMAP (1ull << 36) /* 7.39 */

/* What the head of a WRITE takes in front of its data. */
#define ABI_WRITE_HEAD 80u
#define ABI_WRITE_MAX  (1u << 20)

#endif
