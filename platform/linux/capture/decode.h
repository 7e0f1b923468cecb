/* SPDX-License-Identifier: Apache-2.0
 * decode.h - one request of the kernel, read from its bytes. Nothing is copied: names and data lie in them. */
#ifndef DR_CAPTURE_DECODE_H
#define DR_CAPTURE_DECODE_H

#include "core/cursor.h"

/* A field belongs to the operations that have it; the others leave it 0. */
struct request {
    uint32_t opcode;
    uint64_t unique;
    uint64_t node;
    uint32_t uid, gid, pid;
    const char *name;  /* terminated */
    const char *name2; /* RENAME: the new name; SYMLINK: where it points */
    const uint8_t *data;
    uint32_t data_len; /* WRITE, SETXATTR; BATCH_FORGET: bytes of {node, lookups} pairs */
    uint64_t node2;    /* RENAME: the new folder; LINK: the file */
    uint64_t fh;
    uint64_t offset;
    uint64_t length;     /* FALLOCATE; FORGET: lookups to give back */
    uint64_t size;       /* bytes asked for; SETATTR: the new size; INIT: max_readahead */
    uint64_t flags;      /* open(2)'s, rename's, fsync's, setxattr's; INIT: flags and flags2 */
    uint32_t fuse_flags; /* FUSE_WRITE_*, FUSE_OPEN_*, FUSE_SETXATTR_*; LSEEK: whence; INIT: minor */
    uint32_t mode, umask, rdev;
    uint32_t valid; /* SETATTR: FATTR_* */
    uint32_t new_uid, new_gid;
    uint64_t atime, mtime;
    uint32_t atime_ns, mtime_ns;
};

/* False: not a request that this driver can take; `unique` is set if a head was there to answer to, else 0.
 * `extended`: SETXATTR has its longer form (FUSE_SETXATTR_EXT was agreed on). */
bool request_decode(struct cursor *c, bool extended, struct request *r);

#endif
