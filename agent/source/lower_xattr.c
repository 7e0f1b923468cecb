/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/source/lower_tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#define LIST_MAX  65536u /* XATTR_LIST_MAX and XATTR_SIZE_MAX of the kernel */
#define VALUE_MAX 65536u

/* Symlinks, devices, sockets and fifos are only held by path: the link in /proc leads to the object itself. */
struct subject {
    int fd;
    bool path_only;
    char path[40];
};

static ssize_t list(const struct subject *s, char *names)
{
    return s->path_only ? listxattr(s->path, names, LIST_MAX) : flistxattr(s->fd, names, LIST_MAX);
}

static ssize_t value(const struct subject *s, const char *name, void *bytes)
{
    return s->path_only ? getxattr(s->path, name, bytes, VALUE_MAX) : fgetxattr(s->fd, name, bytes, VALUE_MAX);
}

static bool append(struct mirror_attr *attr, const char *name, const uint8_t *bytes, size_t size)
{
    size_t length = strlen(name), room = attr->xattrs_len + 2 + length + 4 + size;
    if (room > RECORD_DATA_MAX)
        return false;
    uint8_t *grown = realloc(attr->xattrs, room);
    if (!grown)
        return false;
    struct cursor c = cursor_over(grown + attr->xattrs_len, room - attr->xattrs_len);
    cursor_put_text(&c, name);
    cursor_put_u32(&c, (uint32_t)size);
    cursor_put_bytes(&c, bytes, size);
    attr->xattrs = grown;
    attr->xattrs_len = (uint32_t)room;
    return true;
}

static enum dr_code read_values(const struct subject *s, const char *names, size_t size, struct mirror_attr *attr,
                                struct dr_error *err)
{
    uint8_t bytes[VALUE_MAX];
    for (const char *name = names; name < names + size; name += strlen(name) + 1) {
        ssize_t length = value(s, name, bytes);
        if (length < 0 && errno == ENODATA)
            continue; /* removed a moment ago */
        if (length < 0)
            return dr_fail(err, DR_IO, "cannot read extended attribute %s: %s", name, strerror(errno));
        if (!append(attr, name, bytes, (size_t)length))
            return dr_fail(err, DR_FULL, "more than %u bytes of extended attributes, or no memory", RECORD_DATA_MAX);
    }
    return DR_OK;
}

enum dr_code lower_xattr_read(int fd, bool path_only, struct mirror_attr *attr, struct dr_error *err)
{
    char names[LIST_MAX];
    struct subject s = {.fd = fd, .path_only = path_only};
    snprintf(s.path, sizeof s.path, "/proc/self/fd/%d", fd);
    ssize_t size = list(&s, names);
    if (size < 0 && (errno == ENOTSUP || errno == EPERM))
        return DR_OK; /* this kind of object has none */
    if (size < 0)
        return dr_fail(err, DR_IO, "cannot list extended attributes: %s", strerror(errno));
    return size ? read_values(&s, names, (size_t)size, attr, err) : DR_OK;
}
