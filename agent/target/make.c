/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/make.h"
#include "agent/target/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* The system call alone; a regular file comes back open. 0, or -1 and errno. */
static int make_now(int folder, const char *name, const struct record *r, const char *link_target, int *fd)
{
    mode_t perms = r->mode & 07777;
    switch (r->mode & S_IFMT) {
    case S_IFREG:
        *fd = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOATIME | O_CLOEXEC, perms);
        return *fd < 0 ? -1 : 0;
    case S_IFDIR: return mkdirat(folder, name, perms);
    case S_IFLNK: return symlinkat(link_target, folder, name);
    default: return mknodat(folder, name, r->mode, r->rdev);
    }
}

static enum dr_code refused(struct dr_error *err, const char *name)
{
    enum dr_code code = durable_code(errno) == DR_FULL ? DR_FULL : DR_IO;
    return dr_fail(err, code, "cannot create \"%s\": %s", name, strerror(errno));
}

static enum dr_code make_fresh(struct tree *t, const struct held *folder, const char *name, const struct record *r,
                               const char *link_target, int *fd, struct dr_error *err)
{
    *fd = -1;
    if (make_now(folder->fd, name, r, link_target, fd) != 0) {
        struct standing s;
        if (errno != EEXIST)
            return refused(err, name);
        enum dr_code code = names_look(t, folder, name, &s, err);
        if (!code)
            code = names_clear(t, folder, name, &s, err);
        if (code)
            return code;
        if (make_now(folder->fd, name, r, link_target, fd) != 0)
            return refused(err, name);
    }
    return *fd >= 0 ? DR_OK : tree_open_entry(folder->fd, name, r->mode & S_IFMT, fd, err);
}

static bool same_link(const struct held *folder, const char *name, const char *link_target)
{
    char text[PATH_MAX];
    ssize_t n = readlinkat(folder->fd, name, text, sizeof text);
    return n >= 0 && (size_t)n == strlen(link_target) && memcmp(text, link_target, (size_t)n) == 0;
}

static bool adoptable(struct tree *t, const struct held *folder, const char *name, const struct record *r,
                      const char *link_target, const struct standing *s)
{
    struct dr_file_handle handle;
    uint32_t path;
    if (!s->there || (s->st.st_mode & S_IFMT) != (r->mode & S_IFMT))
        return false;
    if (idmap_find(t->idmap, &s->id, &handle, &path) || own_claimed(&t->own, &s->local))
        return false;
    switch (r->mode & S_IFMT) {
    case S_IFLNK: return same_link(folder, name, link_target);
    case S_IFBLK:
    case S_IFCHR: return s->st.st_rdev == r->rdev;
    default: return true;
    }
}

/* A known file that changed its type under the same id can only be a peer's mistake, or an inode number that was used
 * again: it is not that file. */
static enum dr_code bring(struct tree *t, const struct held *folder, const char *name, const struct record *r,
                          struct held **file, struct dr_error *err)
{
    enum dr_code code = tree_hold(t, &r->file, folder->path, file, err);
    if (!code && (*file)->type != (r->mode & S_IFMT)) {
        tree_forget(t, &r->file);
        code = DR_NOT_FOUND;
    }
    return code ? code : names_place(t, folder, name, *file, err);
}

enum dr_code make_file(struct tree *t, const struct held *folder, const char *name, const struct record *r,
                       const char *link_target, bool adopt, struct held **file, bool *made, struct dr_error *err)
{
    struct standing s = {.there = false};
    int fd;
    *made = false;
    enum dr_code code = bring(t, folder, name, r, file, err);
    if (code != DR_NOT_FOUND)
        return code;
    code = adopt ? names_look(t, folder, name, &s, err) : DR_OK;
    if (code)
        return code;
    if (adoptable(t, folder, name, r, link_target, &s)) {
        code = tree_open_entry(folder->fd, name, r->mode & S_IFMT, &fd, err);
    } else {
        code = make_fresh(t, folder, name, r, link_target, &fd, err);
        *made = true;
    }
    return code ? code : tree_learn(t, &r->file, folder->path, fd, file, err);
}
