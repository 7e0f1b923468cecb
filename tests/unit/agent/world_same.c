/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/agent/world.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

struct compare {
    const struct world *w;
    char *why;
    ino_t inode[WORLD_OBJECTS]; /* that stands for the object */
};

static bool differ(struct compare *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool differ(struct compare *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(c->why, 256, format, args);
    va_end(args);
    return false;
}

static bool same_bytes(struct compare *c, int fd, const struct world_object *o, const char *name)
{
    static uint8_t bytes[WORLD_BYTES + 1];
    ssize_t n = pread(fd, bytes, sizeof bytes, 0);
    if (n != (ssize_t)o->size)
        return differ(c, "%s has %zd bytes, not %u", name, n, o->size);
    for (uint32_t i = 0; i < o->size; i++)
        if (bytes[i] != o->data[i])
            return differ(c, "%s differs at byte %u: %u, not %u", name, i, bytes[i], o->data[i]);
    return true;
}

static bool same_xattr(struct compare *c, int fd, const struct world_object *o, const char *name)
{
    char value[64] = "";
    ssize_t n = fgetxattr(fd, "user.world", value, sizeof value - 1);
    size_t length = n < 0 ? 0 : (size_t)n;
    return length == strlen(o->xattr) && memcmp(value, o->xattr, length) == 0
               ? true
               : differ(c, "%s: user.world is \"%s\", not \"%s\"", name, value, o->xattr);
}

static bool same_attrs(struct compare *c, const struct stat *st, int object, const char *name)
{
    const struct world_object *o = &c->w->object[object];
    int64_t mtime = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
    if (st->st_mode != o->mode || st->st_uid != o->uid || st->st_gid != o->gid)
        return differ(c, "%s: %o %u:%u, not %o %u:%u", name, st->st_mode, st->st_uid, st->st_gid, o->mode, o->uid,
                      o->gid);
    if (!S_ISDIR(o->mode) && st->st_nlink != o->links)
        return differ(c, "%s has %lu names, not %u", name, (unsigned long)st->st_nlink, o->links);
    if (mtime != o->mtime_ns)
        return differ(c, "%s: mtime %lld, not %lld", name, (long long)mtime, (long long)o->mtime_ns);
    if (c->inode[object] && c->inode[object] != st->st_ino)
        return differ(c, "%s is another file than its other name", name);
    c->inode[object] = st->st_ino;
    return true;
}

static bool same_folder(struct compare *c, int fd, int folder);

static bool same_entry(struct compare *c, int fd, const struct world_entry *e)
{
    struct stat st;
    const struct world_object *o = &c->w->object[e->object];
    if (fstatat(fd, e->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return differ(c, "%s (file %u) is missing in folder %u", e->name, o->number, c->w->object[e->parent].number);
    if (!same_attrs(c, &st, e->object, e->name))
        return false;
    if (S_ISLNK(o->mode)) {
        char text[16] = "";
        ssize_t n = readlinkat(fd, e->name, text, sizeof text);
        return n == (ssize_t)o->size && memcmp(text, o->data, o->size) == 0 ? true
                                                                            : differ(c, "%s leads elsewhere", e->name);
    }
    if (!S_ISREG(o->mode) && !S_ISDIR(o->mode))
        return true;
    int file = openat(fd, e->name, O_RDONLY | O_NOATIME);
    bool same = file >= 0 && same_xattr(c, file, o, e->name);
    if (same)
        same = S_ISDIR(o->mode) ? same_folder(c, file, e->object) : same_bytes(c, file, o, e->name);
    close(file);
    return same;
}

static bool listed(const struct compare *c, int folder, const char *name)
{
    for (int i = 0; i < WORLD_ENTRIES; i++)
        if (c->w->entry[i].parent == folder && strcmp(c->w->entry[i].name, name) == 0)
            return true;
    return false;
}

static bool none_more(struct compare *c, int fd, int folder)
{
    bool none = true;
    DIR *dir = fdopendir(openat(fd, ".", O_RDONLY | O_DIRECTORY));
    for (struct dirent *d; none && (d = readdir(dir));)
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 && !listed(c, folder, d->d_name))
            none = differ(c, "folder %u has %s, inode %lu", c->w->object[folder].number, d->d_name,
                          (unsigned long)d->d_ino);
    closedir(dir);
    return none;
}

static bool same_folder(struct compare *c, int fd, int folder)
{
    for (int i = 0; i < WORLD_ENTRIES; i++)
        if (c->w->entry[i].parent == folder && !same_entry(c, fd, &c->w->entry[i]))
            return false;
    return none_more(c, fd, folder);
}

bool world_same(const struct world *w, int folder, char why[256])
{
    struct compare c = {.w = w, .why = why};
    struct stat st;
    why[0] = '\0';
    if (fstat(folder, &st) != 0 || !S_ISDIR(st.st_mode))
        return differ(&c, "no folder");
    if (w->seq > 0 && w->object[0].mtime_ns > 1 && !same_attrs(&c, &st, 0, "the root"))
        return false;
    return same_folder(&c, folder, 0);
}
