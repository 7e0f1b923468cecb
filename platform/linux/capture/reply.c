/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/reply.h"

#include <fcntl.h>
#include <sys/uio.h>

#define FOR_EVER (10ull * 365 * 86400) /* seconds */

uint64_t reply_valid(const struct worker *w)
{
    return gate_is_open(&w->session->gate) ? FOR_EVER : 0;
}

void reply_attr(struct fuse_attr *attr, const struct stat *st)
{
    *attr = (struct fuse_attr){
        .ino = st->st_ino,
        .size = (uint64_t)st->st_size,
        .blocks = (uint64_t)st->st_blocks,
        .atime = (uint64_t)st->st_atim.tv_sec,
        .mtime = (uint64_t)st->st_mtim.tv_sec,
        .ctime = (uint64_t)st->st_ctim.tv_sec,
        .atimensec = (uint32_t)st->st_atim.tv_nsec,
        .mtimensec = (uint32_t)st->st_mtim.tv_nsec,
        .ctimensec = (uint32_t)st->st_ctim.tv_nsec,
        .mode = st->st_mode,
        .nlink = (uint32_t)st->st_nlink,
        .uid = st->st_uid,
        .gid = st->st_gid,
        .rdev = (uint32_t)st->st_rdev,
        .blksize = (uint32_t)st->st_blksize,
    };
}

void reply_entry(const struct worker *w, struct fuse_entry_out *out, const struct inode *inode, const struct stat *st)
{
    *out = (struct fuse_entry_out){
        .nodeid = inode->number,
        .generation = inode->key.gen,
        .entry_valid = reply_valid(w),
        .attr_valid = reply_valid(w),
    };
    reply_attr(&out->attr, st);
}

/* On a slave nothing is cached: the tree changes below. Writers that never read gain by not caching either: whole
 * requests come at once. */
uint32_t reply_open_flags(const struct worker *w)
{
    uint64_t flags = w->request.flags;
    if (!gate_is_open(&w->session->gate))
        return FOPEN_DIRECT_IO;
    bool direct = (flags & O_ACCMODE) == O_WRONLY || (flags & O_DIRECT);
    return direct && w->mount->minor >= ABI_MINOR_DIRECT_SAFE ? FOPEN_DIRECT_IO : FOPEN_KEEP_CACHE;
}

void reply_send(const struct worker *w, int result)
{
    struct fuse_out_header head = {.unique = w->request.unique, .error = result < 0 ? result : 0};
    struct iovec parts[] = {{&head, sizeof head}, {w->answer, result > 0 ? (size_t)result : 0}};
    head.len = (uint32_t)(sizeof head + parts[1].iov_len);
    /* It fails when the request was aborted or the mount is gone: nobody waits for the answer then. */
    (void)!writev(w->mount->fuse, parts, 2);
}
