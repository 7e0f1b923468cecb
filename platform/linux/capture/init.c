/* SPDX-License-Identifier: Apache-2.0
 * What we and the kernel agree on. Not taken: WRITEBACK_CACHE (each write must arrive, in order), POSIX_LOCKS and
 * FLOCK_LOCKS (locks stay in the kernel), SPLICE (pages could change between two readers), PASSTHROUGH, NO_OPEN. */
#include "platform/linux/capture/reply.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define WANTED                                                                                                         \
    (FUSE_ASYNC_READ | FUSE_BIG_WRITES | FUSE_MAX_PAGES | FUSE_POSIX_ACL | FUSE_DONT_MASK | FUSE_HANDLE_KILLPRIV_V2 |  \
     FUSE_PARALLEL_DIROPS | FUSE_DO_READDIRPLUS | FUSE_READDIRPLUS_AUTO | FUSE_CACHE_SYMLINKS |                        \
     FUSE_EXPLICIT_INVAL_DATA | FUSE_SETXATTR_EXT | FUSE_ASYNC_DIO | FUSE_INIT_EXT | ABI_DIRECT_IO_ALLOW_MMAP)

int op_init(struct worker *w)
{
    const struct request *r = &w->request;
    if (r->fuse_flags < ABI_MINOR_LEAST)
        return -EPROTO; /* the mount then answers ENOTCONN; capture_serve() has said why */
    uint64_t flags = r->flags & WANTED;
    w->mount->minor = r->fuse_flags < ABI_MINOR ? r->fuse_flags : ABI_MINOR;
    w->mount->extended_setxattr = flags & FUSE_SETXATTR_EXT;
    struct fuse_init_out out = {
        .major = FUSE_KERNEL_VERSION,
        .minor = ABI_MINOR,
        .max_readahead = (uint32_t)r->size,
        .flags = (uint32_t)flags,
        .flags2 = (uint32_t)(flags >> 32),
        .max_background = 64,
        .congestion_threshold = 48,
        .max_write = ABI_WRITE_MAX,
        .time_gran = 1,
        .max_pages = (uint16_t)(ABI_WRITE_MAX / (unsigned)getpagesize()),
    };
    memcpy(w->answer, &out, sizeof out);
    return sizeof out;
}
