/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/attrs.h"
#include "agent/target/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define LINK_BYTES 32

static enum dr_code refused(struct dr_error *err, const char *what, const struct held *file)
{
    enum dr_code code = durable_code(errno) == DR_FULL ? DR_FULL : DR_IO;
    return dr_fail(err, code, "cannot set %s of inode %llu: %s", what, (unsigned long long)file->local.ino,
                   strerror(errno));
}

/* Calls that know no O_PATH descriptors reach the file through it: it is no link that could lead elsewhere. */
static const char *through(const struct held *file, char link[LINK_BYTES])
{
    snprintf(link, LINK_BYTES, "/proc/self/fd/%d", file->fd);
    return link;
}

static enum dr_code assign_size(const struct held *file, uint64_t size, struct stat *now, struct dr_error *err)
{
    if (file->type != S_IFREG || (uint64_t)now->st_size == size)
        return DR_OK;
    if (ftruncate(file->fd, (off_t)size) != 0 || fstat(file->fd, now) != 0)
        return refused(err, "the size", file);
    return DR_OK;
}

/* Owner before mode: changing the owner takes suid away. What is right already is left alone: it would cost the file
 * system a change. */
static enum dr_code assign_owner(const struct held *file, const struct record *r, uint32_t set, struct stat *now,
                                 struct dr_error *err)
{
    uid_t uid = set & RECORD_SET_UID ? r->uid : now->st_uid;
    gid_t gid = set & RECORD_SET_GID ? r->gid : now->st_gid;
    if (uid == now->st_uid && gid == now->st_gid)
        return DR_OK;
    if (fchownat(file->fd, "", uid, gid, AT_EMPTY_PATH) != 0 || fstat(file->fd, now) != 0)
        return refused(err, "the owner", file);
    return DR_OK;
}

static enum dr_code assign_mode(const struct held *file, uint32_t mode, const struct stat *now, struct dr_error *err)
{
    char link[LINK_BYTES];
    if (file->type == S_IFLNK || (mode & 07777) == (now->st_mode & 07777))
        return DR_OK;
    bool real = file->type == S_IFREG || file->type == S_IFDIR;
    int failed = real ? fchmod(file->fd, mode & 07777) : chmod(through(file, link), mode & 07777);
    return failed ? refused(err, "the mode", file) : DR_OK;
}

static enum dr_code assign_mtime(struct tree *t, struct held *file, int64_t mtime_ns, const struct stat *now,
                                 struct dr_error *err)
{
    if (file->type == S_IFDIR)
        return tree_folder_mtime(t, file, mtime_ns, err);
    if (file->unsettled || stat_mtime_ns(now) != mtime_ns)
        held_settle_later(file, mtime_ns, t->now);
    return DR_OK;
}

enum dr_code attrs_assign(struct tree *t, struct held *file, const struct record *r, uint32_t set, struct dr_error *err)
{
    struct stat now;
    if (!set)
        return DR_OK;
    if (fstat(file->fd, &now) != 0)
        return refused(err, "attributes", file);
    enum dr_code code = set & RECORD_SET_SIZE ? assign_size(file, r->file_size, &now, err) : DR_OK;
    if (!code)
        code = assign_owner(file, r, set, &now, err);
    if (!code && set & RECORD_SET_MODE)
        code = assign_mode(file, r->mode, &now, err);
    return code || !(set & (RECORD_SET_MTIME | RECORD_SET_SIZE)) ? code : assign_mtime(t, file, r->mtime_ns, &now, err);
}

/* ---- extended attributes ---- */

enum dr_code attrs_xattr(const struct held *file, const char *name, const void *value, size_t size,
                         struct dr_error *err)
{
    char link[LINK_BYTES];
    through(file, link);
    int failed = value ? setxattr(link, name, value, size, 0) : removexattr(link, name);
    return failed && !(errno == ENODATA && !value) ? refused(err, name, file) : DR_OK;
}

static bool next_xattr(struct cursor *c, char name[RECORD_NAME_MAX + 1], const uint8_t **value, uint32_t *size)
{
    cursor_get_text(c, name, RECORD_NAME_MAX + 1);
    *size = cursor_get_u32(c);
    *value = cursor_get_bytes(c, *size);
    return cursor_ok(c);
}

static bool listed(const uint8_t *list, size_t size, const char *wanted)
{
    struct cursor c = cursor_reading(list, size);
    char name[RECORD_NAME_MAX + 1];
    const uint8_t *value;
    uint32_t length;
    while (cursor_left(&c) && next_xattr(&c, name, &value, &length))
        if (strcmp(name, wanted) == 0)
            return true;
    return false;
}

static ssize_t list(const struct held *file, char *names, size_t room)
{
    char link[LINK_BYTES];
    if (file->type == S_IFREG || file->type == S_IFDIR)
        return flistxattr(file->fd, names, room);
    return listxattr(through(file, link), names, room);
}

/* All of a file's names, in a buffer that is the caller's to free; file systems without any have an empty list. */
static enum dr_code list_names(const struct held *file, char **names, size_t *size, struct dr_error *err)
{
    *names = NULL;
    ssize_t room = list(file, NULL, 0);
    *size = 0;
    if (room == 0 || (room < 0 && errno == EOPNOTSUPP))
        return DR_OK;
    char *all = room < 0 ? NULL : malloc((size_t)room);
    ssize_t got = all ? list(file, all, (size_t)room) : -1;
    if (got < 0) {
        free(all);
        return refused(err, "extended attributes", file);
    }
    *names = all;
    *size = (size_t)got;
    return DR_OK;
}

static enum dr_code remove_unlisted(const struct held *file, const uint8_t *list, size_t size, struct dr_error *err)
{
    char *names;
    size_t length;
    enum dr_code code = list_names(file, &names, &length, err);
    if (code)
        return code;
    for (size_t at = 0; at < length && !code; at += strlen(names + at) + 1)
        if (!listed(list, size, names + at))
            code = attrs_xattr(file, names + at, NULL, 0, err);
    free(names);
    return code;
}

enum dr_code attrs_xattrs(const struct held *file, const uint8_t *list, size_t size, struct dr_error *err)
{
    struct cursor c = cursor_reading(list, size);
    enum dr_code code = remove_unlisted(file, list, size, err);
    while (!code && cursor_left(&c)) {
        char name[RECORD_NAME_MAX + 1];
        const uint8_t *value;
        uint32_t length;
        if (!next_xattr(&c, name, &value, &length))
            return dr_fail(err, DR_PROTOCOL, "a list of extended attributes from the peer is cut off");
        code = attrs_xattr(file, name, value, length, err);
    }
    return code;
}

/* ---- data ---- */

enum dr_code data_write(const struct held *file, const void *bytes, size_t size, uint64_t offset, struct dr_error *err)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = pwrite(file->fd, (const uint8_t *)bytes + done, size - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return refused(err, "the data", file);
        done += (size_t)n;
    }
    return DR_OK;
}

/* Where the file system cannot punch or zero a range: the same content, without the saving. */
static enum dr_code write_zeros(const struct held *file, uint64_t offset, uint64_t length, bool keep_size,
                                struct dr_error *err)
{
    static const uint8_t zeros[64 << 10];
    struct stat st;
    if (fstat(file->fd, &st) != 0)
        return refused(err, "the data", file);
    uint64_t end = offset + length, size = (uint64_t)st.st_size;
    if (keep_size && end > size)
        end = size;
    for (enum dr_code code; offset < end; offset += sizeof zeros) {
        size_t n = end - offset < sizeof zeros ? (size_t)(end - offset) : sizeof zeros;
        if ((code = data_write(file, zeros, n, offset, err)))
            return code;
    }
    return DR_OK;
}

enum dr_code data_fallocate(const struct held *file, uint32_t mode, uint64_t offset, uint64_t length,
                            struct dr_error *err)
{
    if (fallocate(file->fd, (int)mode, (off_t)offset, (off_t)length) == 0)
        return DR_OK;
    if (errno != EOPNOTSUPP)
        return refused(err, "the allocation", file);
    if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
        return write_zeros(file, offset, length, mode & FALLOC_FL_KEEP_SIZE, err);
    if (mode & FALLOC_FL_KEEP_SIZE)
        return DR_OK; /* no space can be set aside; what is read is the same */
    struct stat st;
    if (fstat(file->fd, &st) != 0 ||
        (st.st_size < (off_t)(offset + length) && ftruncate(file->fd, (off_t)(offset + length)) != 0))
        return refused(err, "the size", file);
    return DR_OK;
}
