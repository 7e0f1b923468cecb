/* SPDX-License-Identifier: Apache-2.0 */
#include "core/record.h"

#include <string.h>

static const char *const names[] = {
    [RECORD_WRITE] = "write",
    [RECORD_CREATE] = "create",
    [RECORD_MKDIR] = "mkdir",
    [RECORD_SYMLINK] = "symlink",
    [RECORD_MKNOD] = "mknod",
    [RECORD_LINK] = "link",
    [RECORD_UNLINK] = "unlink",
    [RECORD_RMDIR] = "rmdir",
    [RECORD_RENAME] = "rename",
    [RECORD_EXCHANGE] = "exchange",
    [RECORD_SETATTR] = "setattr",
    [RECORD_FALLOCATE] = "fallocate",
    [RECORD_SETXATTR] = "setxattr",
    [RECORD_REMOVEXATTR] = "removexattr",
    [RECORD_BARRIER] = "barrier",
    [RECORD_MARK] = "mark",
    [RECORD_END_OF_TERM] = "end of term",
    [RECORD_MIRROR_BEGIN] = "mirror begin",
    [RECORD_MIRROR_ENTRY] = "mirror entry",
    [RECORD_MIRROR_NAMES] = "mirror names",
    [RECORD_MIRROR_EXTENT] = "mirror extent",
    [RECORD_MIRROR_HOLE] = "mirror hole",
    [RECORD_MIRROR_ATTR] = "mirror attr",
    [RECORD_MIRROR_XATTRS] = "mirror xattrs",
    [RECORD_MIRROR_PARK] = "mirror park",
    [RECORD_MIRROR_END] = "mirror end",
};

const char *record_op_name(unsigned op)
{
    const char *name = op < sizeof names / sizeof *names ? names[op] : NULL;
    return name ? name : "unknown";
}

void file_id_encode(struct cursor *c, const struct file_id *id)
{
    cursor_put_u64(c, id->ino);
    cursor_put_u32(c, id->gen);
    cursor_put_u32(c, id->birth);
}

struct file_id file_id_decode(struct cursor *c)
{
    struct file_id id;
    id.ino = cursor_get_u64(c);
    id.gen = cursor_get_u32(c);
    id.birth = cursor_get_u32(c);
    return id;
}

void record_encode_head(struct cursor *c, const struct record *r)
{
    cursor_put_u64(c, r->seq);
    cursor_put_u64(c, r->stream);
    cursor_put_u64(c, r->term);
    cursor_put_u16(c, r->op);
    cursor_put_u16(c, r->flags);
    cursor_put_u32(c, r->set);
    file_id_encode(c, &r->file);
    file_id_encode(c, &r->parent);
    file_id_encode(c, &r->parent2);
    file_id_encode(c, &r->other);
    cursor_put_u64(c, r->offset);
    cursor_put_u64(c, r->length);
    cursor_put_u64(c, r->file_size);
    cursor_put_u64(c, (uint64_t)r->mtime_ns);
    cursor_put_u64(c, (uint64_t)r->parent_mtime_ns);
    cursor_put_u64(c, (uint64_t)r->parent2_mtime_ns);
    cursor_put_u32(c, r->mode);
    cursor_put_u32(c, r->uid);
    cursor_put_u32(c, r->gid);
    cursor_put_u32(c, r->rdev);
    cursor_put_u32(c, r->links);
    cursor_put_u32(c, r->path);
    cursor_put_u64(c, r->time_ns);
    cursor_put_u16(c, r->name_len);
    cursor_put_u16(c, r->name2_len);
    cursor_put_u32(c, r->data_len);
}

static void get_head(struct cursor *c, struct record *r)
{
    r->seq = cursor_get_u64(c);
    r->stream = cursor_get_u64(c);
    r->term = cursor_get_u64(c);
    r->op = cursor_get_u16(c);
    r->flags = cursor_get_u16(c);
    r->set = cursor_get_u32(c);
    r->file = file_id_decode(c);
    r->parent = file_id_decode(c);
    r->parent2 = file_id_decode(c);
    r->other = file_id_decode(c);
    r->offset = cursor_get_u64(c);
    r->length = cursor_get_u64(c);
    r->file_size = cursor_get_u64(c);
    r->mtime_ns = (int64_t)cursor_get_u64(c);
    r->parent_mtime_ns = (int64_t)cursor_get_u64(c);
    r->parent2_mtime_ns = (int64_t)cursor_get_u64(c);
    r->mode = cursor_get_u32(c);
    r->uid = cursor_get_u32(c);
    r->gid = cursor_get_u32(c);
    r->rdev = cursor_get_u32(c);
    r->links = cursor_get_u32(c);
    r->path = cursor_get_u32(c);
    r->time_ns = cursor_get_u64(c);
    r->name_len = cursor_get_u16(c);
    r->name2_len = cursor_get_u16(c);
    r->data_len = cursor_get_u32(c);
}

/* A single component of a path, or nothing at all: what a peer sends must not climb out of its folder. */
static bool name_legal(const uint8_t *name, size_t length)
{
    if (length > RECORD_NAME_MAX || memchr(name, '\0', length) || memchr(name, '/', length))
        return false;
    return !(length == 1 && name[0] == '.') && !(length == 2 && name[0] == '.' && name[1] == '.');
}

static bool op_names_entry(unsigned op)
{
    switch (op) {
    case RECORD_CREATE:
    case RECORD_MKDIR:
    case RECORD_SYMLINK:
    case RECORD_MKNOD:
    case RECORD_LINK:
    case RECORD_UNLINK:
    case RECORD_RMDIR:
    case RECORD_RENAME:
    case RECORD_EXCHANGE:
    case RECORD_MIRROR_ENTRY:
    case RECORD_MIRROR_PARK: return true;
    default: return false;
    }
}

/* A second name is an entry of a folder too, or (attributes, marks) a text of its own alphabet. */
static bool name2_legal(const struct record *r, const uint8_t *name2)
{
    if (r->op == RECORD_RENAME || r->op == RECORD_EXCHANGE)
        return r->name2_len > 0 && name_legal(name2, r->name2_len);
    return r->name2_len <= RECORD_NAME_MAX && !memchr(name2, '\0', r->name2_len);
}

static bool head_legal(const struct record *r)
{
    if (record_op_name(r->op) == record_op_name(0))
        return false;
    if (r->data_len > RECORD_DATA_MAX || (op_names_entry(r->op) && r->name_len == 0))
        return false;
    if ((r->op == RECORD_WRITE || r->op == RECORD_MIRROR_EXTENT) && r->length != r->data_len)
        return false;
    /* Offsets are off_t on both sides. */
    return r->offset <= INT64_MAX && r->length <= INT64_MAX - r->offset && r->file_size <= INT64_MAX;
}

bool record_decode(struct cursor *c, struct record *head, const uint8_t **body)
{
    get_head(c, head);
    size_t tail = (size_t)head->name_len + head->name2_len + head->data_len;
    const uint8_t *bytes = cursor_ok(c) && head_legal(head) ? cursor_get_bytes(c, tail) : NULL;
    if (!bytes || !name_legal(bytes, head->name_len) || !name2_legal(head, bytes + head->name_len)) {
        c->bad = true;
        return false;
    }
    *body = bytes;
    return true;
}
