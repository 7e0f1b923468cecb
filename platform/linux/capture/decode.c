/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/decode.h"

#include "platform/linux/capture/fuse_abi.h"

#include <string.h>

static void skip(struct cursor *c, size_t bytes)
{
    (void)cursor_get_bytes(c, bytes);
}

static const char *get_name(struct cursor *c)
{
    size_t left = cursor_left(c), length = left ? strnlen((const char *)c->at, left) : 0;
    if (length == left) {
        c->bad = true;
        return NULL;
    }
    return (const char *)cursor_get_bytes(c, length + 1);
}

static void get_data(struct cursor *c, size_t length, struct request *r)
{
    r->data = cursor_get_bytes(c, length);
    r->data_len = (uint32_t)length;
}

static void get_setattr(struct cursor *c, struct request *r)
{
    r->valid = cursor_get_u32(c);
    skip(c, 4);
    r->fh = cursor_get_u64(c);
    r->size = cursor_get_u64(c);
    skip(c, 8);
    r->atime = cursor_get_u64(c);
    r->mtime = cursor_get_u64(c);
    skip(c, 8);
    r->atime_ns = cursor_get_u32(c);
    r->mtime_ns = cursor_get_u32(c);
    skip(c, 4);
    r->mode = cursor_get_u32(c);
    skip(c, 4);
    r->new_uid = cursor_get_u32(c);
    r->new_gid = cursor_get_u32(c);
    skip(c, 4);
}

static void get_rename(struct cursor *c, struct request *r)
{
    r->node2 = cursor_get_u64(c);
    if (r->opcode == FUSE_RENAME2) {
        r->flags = cursor_get_u32(c);
        skip(c, 4);
    }
    r->name = get_name(c);
    r->name2 = get_name(c);
}

/* READ, READDIR, READDIRPLUS and WRITE share their form. */
static void get_io(struct cursor *c, struct request *r)
{
    r->fh = cursor_get_u64(c);
    r->offset = cursor_get_u64(c);
    r->size = cursor_get_u32(c);
    r->fuse_flags = cursor_get_u32(c);
    skip(c, 8);
    r->flags = cursor_get_u32(c);
    skip(c, 4);
    if (r->opcode == FUSE_WRITE)
        get_data(c, r->size, r);
    bool file = r->opcode == FUSE_READ || r->opcode == FUSE_WRITE;
    if (r->offset > INT64_MAX || (file && r->size > INT64_MAX - r->offset))
        c->bad = true;
}

static void get_create(struct cursor *c, struct request *r)
{
    if (r->opcode == FUSE_CREATE)
        r->flags = cursor_get_u32(c);
    r->mode = cursor_get_u32(c);
    if (r->opcode == FUSE_MKNOD)
        r->rdev = cursor_get_u32(c);
    r->umask = cursor_get_u32(c);
    if (r->opcode == FUSE_MKNOD)
        skip(c, 4);
    if (r->opcode == FUSE_CREATE)
        r->fuse_flags = cursor_get_u32(c);
    r->name = get_name(c);
}

static void get_setxattr(struct cursor *c, bool extended, struct request *r)
{
    r->size = cursor_get_u32(c);
    r->flags = cursor_get_u32(c);
    if (extended) {
        r->fuse_flags = cursor_get_u32(c);
        skip(c, 4);
    }
    r->name = get_name(c);
    get_data(c, r->size, r);
}

static void get_getxattr(struct cursor *c, struct request *r)
{
    r->size = cursor_get_u32(c);
    skip(c, 4);
    if (r->opcode == FUSE_GETXATTR)
        r->name = get_name(c);
}

static void get_init(struct cursor *c, struct request *r)
{
    uint32_t major = cursor_get_u32(c);
    r->fuse_flags = cursor_get_u32(c);
    r->size = cursor_get_u32(c);
    r->flags = cursor_get_u32(c);
    if (cursor_left(c) >= 4)
        r->flags |= (uint64_t)cursor_get_u32(c) << 32;
    if (major != FUSE_KERNEL_VERSION)
        c->bad = true;
}

static void get_fallocate(struct cursor *c, struct request *r)
{
    r->fh = cursor_get_u64(c);
    r->offset = cursor_get_u64(c);
    r->length = cursor_get_u64(c);
    r->mode = cursor_get_u32(c);
    if (r->offset > INT64_MAX || r->length > INT64_MAX - r->offset)
        c->bad = true;
}

static void get_lseek(struct cursor *c, struct request *r)
{
    r->fh = cursor_get_u64(c);
    r->offset = cursor_get_u64(c);
    r->fuse_flags = cursor_get_u32(c);
}

static void get_batch_forget(struct cursor *c, struct request *r)
{
    size_t count = cursor_get_u32(c);
    skip(c, 4);
    get_data(c, count * sizeof(struct fuse_forget_one), r);
}

static void get_body(struct cursor *c, bool extended, struct request *r)
{
    switch (r->opcode) {
    case FUSE_LOOKUP:
    case FUSE_UNLINK:
    case FUSE_RMDIR:
    case FUSE_REMOVEXATTR: r->name = get_name(c); break;
    case FUSE_SYMLINK:
        r->name = get_name(c);
        r->name2 = get_name(c);
        break;
    case FUSE_LINK:
        r->node2 = cursor_get_u64(c);
        r->name = get_name(c);
        break;
    case FUSE_MKNOD:
    case FUSE_MKDIR:
    case FUSE_CREATE: get_create(c, r); break;
    case FUSE_RENAME:
    case FUSE_RENAME2: get_rename(c, r); break;
    case FUSE_SETATTR: get_setattr(c, r); break;
    case FUSE_OPEN:
    case FUSE_OPENDIR:
        r->flags = cursor_get_u32(c);
        r->fuse_flags = cursor_get_u32(c);
        break;
    case FUSE_READ:
    case FUSE_READDIR:
    case FUSE_READDIRPLUS:
    case FUSE_WRITE: get_io(c, r); break;
    case FUSE_RELEASE:
    case FUSE_RELEASEDIR:
    case FUSE_FSYNC:
    case FUSE_FSYNCDIR:
        r->fh = cursor_get_u64(c);
        r->flags = cursor_get_u32(c);
        break;
    case FUSE_SETXATTR: get_setxattr(c, extended, r); break;
    case FUSE_GETXATTR:
    case FUSE_LISTXATTR: get_getxattr(c, r); break;
    case FUSE_FALLOCATE: get_fallocate(c, r); break;
    case FUSE_LSEEK: get_lseek(c, r); break;
    case FUSE_FORGET: r->length = cursor_get_u64(c); break;
    case FUSE_BATCH_FORGET: get_batch_forget(c, r); break;
    case FUSE_INIT: get_init(c, r); break;
    default: break; /* no body, or none that matters */
    }
}

bool request_decode(struct cursor *c, bool extended, struct request *r)
{
    memset(r, 0, sizeof *r);
    uint32_t length = cursor_get_u32(c);
    r->opcode = cursor_get_u32(c);
    r->unique = cursor_get_u64(c);
    r->node = cursor_get_u64(c);
    r->uid = cursor_get_u32(c);
    r->gid = cursor_get_u32(c);
    r->pid = cursor_get_u32(c);
    skip(c, 4);
    if (!cursor_ok(c)) {
        r->unique = 0;
        return false;
    }
    if (length != sizeof(struct fuse_in_header) + cursor_left(c))
        return false;
    get_body(c, extended, r);
    return cursor_ok(c);
}
