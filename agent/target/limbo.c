/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/limbo.h"
#include "agent/target/aside.h"
#include "agent/target/durable.h"
#include "agent/target/idmap.h"
#include "agent/target/walk.h"
#include "platform/file_handle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LIMBO_NAME 32 /* bytes of "ino-gen" */

static void limbo_name(const struct file_id *local, char name[LIMBO_NAME])
{
    snprintf(name, LIMBO_NAME, "%" PRIx64 "-%" PRIx32, local->ino, local->gen);
}

/* ---- the folders ---- */

static void state_path(const struct limbo *l, uint32_t path, char name[PATH_MAX])
{
    snprintf(name, PATH_MAX, "%s/limbo-%" PRIu32, l->state, path);
}

/* Below the state folder, but through the mount of the protected one: the kernel renames within one mount only. */
static enum dr_code open_beside(struct limbo *l, uint32_t path, int state, struct dr_error *err)
{
    struct dr_file_handle handle;
    enum dr_code code = file_handle_at(state, "", &handle, err);
    if (!code)
        code = file_handle_open(l->root[path], &handle, O_RDONLY | O_DIRECTORY, &l->fd[path], err);
    l->hidden[path] = false;
    return code;
}

/* The marker beside the state keeps the mtime that the protected folder had before. */
static void copy_mtime(int from, int to)
{
    struct stat st;
    if (fstat(from, &st) == 0)
        (void)futimens(to, (struct timespec[2]){{.tv_nsec = UTIME_OMIT}, st.st_mtim});
}

static enum dr_code open_hidden(struct limbo *l, uint32_t path, int marker, bool fresh, struct dr_error *err)
{
    int root = l->root[path];
    if (fresh)
        copy_mtime(root, marker);
    if (mkdirat(root, LIMBO_HIDDEN, 0700) != 0 && (fresh || errno != EEXIST))
        return dr_fail(err, durable_code(errno), "cannot make %s in protected folder %" PRIu32 ": %s%s", LIMBO_HIDDEN,
                       path, strerror(errno), errno == EEXIST ? ": rename what has that name, it is reserved" : "");
    l->fd[path] = openat(root, LIMBO_HIDDEN, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    l->hidden[path] = true;
    if (l->fd[path] < 0)
        return dr_fail(err, DR_IO, "cannot open %s: %s", LIMBO_HIDDEN, strerror(errno));
    return DR_OK;
}

static enum dr_code open_folder(struct limbo *l, uint32_t path, bool fresh, struct dr_error *err)
{
    char name[PATH_MAX];
    state_path(l, path, name);
    int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat here, there;
    enum dr_code code;
    if (fd < 0 || fstat(fd, &here) != 0 || fstat(l->root[path], &there) != 0)
        code = dr_fail(err, DR_IO, "cannot open %s: %s", name, strerror(errno));
    else if (here.st_dev == there.st_dev)
        code = open_beside(l, path, fd, err);
    else
        code = open_hidden(l, path, fd, fresh, err);
    if (fd >= 0)
        close(fd);
    return code;
}

/* The folder beside the state also marks that a hidden one is ours. */
static enum dr_code need(struct limbo *l, uint32_t path, struct dr_error *err)
{
    if (l->fd[path] >= 0)
        return DR_OK;
    char name[PATH_MAX];
    state_path(l, path, name);
    bool fresh = mkdir(name, 0700) == 0;
    if (!fresh && errno != EEXIST)
        return dr_fail(err, durable_code(errno), "cannot make folder %s: %s", name, strerror(errno));
    enum dr_code code = open_folder(l, path, fresh, err);
    if (code && fresh)
        rmdir(name);
    return code;
}

static enum dr_code remove_folder(struct limbo *l, uint32_t path, struct dr_error *err)
{
    char name[PATH_MAX];
    state_path(l, path, name);
    close(l->fd[path]);
    l->fd[path] = -1;
    bool gone = !l->hidden[path] || unlinkat(l->root[path], LIMBO_HIDDEN, AT_REMOVEDIR) == 0;
    int marker = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (marker >= 0) {
        if (l->hidden[path])
            copy_mtime(marker, l->root[path]);
        close(marker);
    }
    return gone && rmdir(name) == 0 ? DR_OK : dr_fail(err, DR_IO, "cannot remove %s: %s", name, strerror(errno));
}

enum dr_code limbo_open(struct limbo *l, const char *state, const int *root, unsigned paths, struct dr_error *err)
{
    *l = (struct limbo){.state = state, .root = root, .paths = paths};
    for (uint32_t i = 0; i < CAPTURE_PATHS_MAX; i++)
        l->fd[i] = -1;
    for (uint32_t i = 0; i < paths; i++) {
        char name[PATH_MAX];
        state_path(l, i, name);
        if (access(name, F_OK) != 0)
            continue;
        enum dr_code code = open_folder(l, i, false, err);
        if (code)
            return code;
        l->count++; /* unknown how many; not none */
    }
    return DR_OK;
}

void limbo_close(struct limbo *l)
{
    for (uint32_t i = 0; i < l->paths; i++)
        if (l->fd[i] >= 0)
            close(l->fd[i]);
}

/* ---- files come and go ---- */

enum dr_code limbo_take(struct limbo *l, uint32_t path, int folder, const char *name, const struct file_id *local,
                        struct dr_error *err)
{
    char there[LIMBO_NAME];
    limbo_name(local, there);
    enum dr_code code = need(l, path, err);
    if (code)
        return code;
    if (renameat(folder, name, l->fd[path], there) != 0)
        return dr_fail(err, durable_code(errno), "cannot put \"%s\" aside: %s", name, strerror(errno));
    l->count++;
    return DR_OK;
}

enum dr_code limbo_make(struct limbo *l, uint32_t path, int *fd, struct dr_error *err)
{
    static const char fresh[] = "new"; /* until its inode is known */
    char name[LIMBO_NAME];
    struct dr_file_handle handle;
    enum dr_code code = need(l, path, err);
    if (code)
        return code;
    if (mkdirat(l->fd[path], fresh, 0700) != 0 && errno != EEXIST)
        return dr_fail(err, durable_code(errno), "cannot make a folder in limbo: %s", strerror(errno));
    *fd = openat(l->fd[path], fresh, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    code = *fd < 0 ? dr_fail(err, DR_IO, "cannot open a folder in limbo: %s", strerror(errno))
                   : file_handle_at(*fd, "", &handle, err);
    if (!code) {
        struct file_id local = file_handle_id(&handle);
        limbo_name(&local, name);
        if (renameat(l->fd[path], fresh, l->fd[path], name) != 0)
            code = dr_fail(err, DR_IO, "cannot rename a folder in limbo: %s", strerror(errno));
    }
    if (code && *fd >= 0)
        close(*fd);
    l->count++;
    return code;
}

enum dr_code limbo_give(struct limbo *l, uint32_t path, const struct file_id *local, int folder, const char *name,
                        struct dr_error *err)
{
    char there[LIMBO_NAME];
    limbo_name(local, there);
    if (l->fd[path] < 0)
        return dr_fail(err, DR_NOT_FOUND, "\"%s\" was not put aside", name);
    if (renameat2(l->fd[path], there, folder, name, RENAME_NOREPLACE) != 0)
        return dr_fail(err, errno == EINVAL ? DR_REFUSED : durable_code(errno), "cannot bring \"%s\" back: %s", name,
                       strerror(errno));
    return DR_OK;
}

enum dr_code limbo_leave(struct limbo *l, uint32_t path, const struct file_id *local, struct dr_error *err)
{
    char there[LIMBO_NAME];
    limbo_name(local, there);
    if (l->fd[path] < 0 || unlinkat(l->fd[path], there, 0) == 0 || errno == ENOENT)
        return DR_OK;
    if (errno == EISDIR) /* what is in a folder may wait for its own name: limbo_purge() removes the rest */
        return DR_OK;
    return dr_fail(err, DR_IO, "cannot remove %s from limbo: %s", there, strerror(errno));
}

struct looking {
    struct file_id local;
    int parent;
};

static enum dr_code is_it(void *baton, int folder, const char *name, const struct dr_file_handle *handle,
                          struct dr_error *err)
{
    struct looking *look = baton;
    struct file_id local = file_handle_id(handle);
    if (!file_id_equal(&local, &look->local))
        return DR_OK;
    look->parent = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return dr_fail(err, look->parent >= 0 ? DR_CLOSED : DR_IO, "cannot open the folder of %s: %s", name,
                   strerror(errno));
}

/* Limbo beside the state is outside of the mount: there is no way up from within, only down from the top. */
enum dr_code limbo_parent(const struct limbo *l, uint32_t path, const struct file_id *local, int *parent,
                          struct dr_error *err)
{
    struct looking look = {.local = *local, .parent = -1};
    if (l->fd[path] < 0)
        return dr_fail(err, DR_IO, "cannot find where folder %" PRIu64 " lies", local->ino);
    enum dr_code code = walk_tree(l->root[path], l->fd[path], is_it, &look, err);
    *parent = look.parent;
    if (code == DR_OK)
        return dr_fail(err, DR_IO, "cannot find where folder %" PRIu64 " lies", local->ino);
    return code == DR_CLOSED ? DR_OK : code;
}

/* ---- the end ---- */

struct purge {
    struct limbo *l;
    struct idmap *idmap;
    uint32_t path;
    bool strict;
};

static bool is_dots(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

static enum dr_code let_go(struct purge *p, int folder, const char *name, const struct stat *st, struct file_id *local,
                           struct dr_error *err)
{
    struct dr_file_handle handle;
    uint32_t path;
    enum dr_code code = file_handle_at(folder, name, &handle, err);
    if (code)
        return code;
    *local = file_handle_id(&handle);
    struct file_id id = idmap_name(p->idmap, local);
    if (!idmap_find(p->idmap, &id, &handle, &path) || (!S_ISDIR(st->st_mode) && st->st_nlink > 1))
        return DR_OK;
    if (p->strict)
        return dr_fail(err, DR_CORRUPT,
                       "recovery found no name for file %" PRIu64 ".%" PRIu32
                       " of member %c, which waits in limbo: the "
                       "folder and the log do not belong together; " ASIDE_REMEDY,
                       id.ino, id.gen, id.birth == BIRTH_A ? 'A' : 'B');
    idmap_drop(p->idmap, &id);
    return DR_OK;
}

static enum dr_code purge_folder(struct purge *p, int folder, struct dr_error *err);

/* Sub-folders move up to the top of limbo first, so that no depth needs recursion beyond one level. */
static enum dr_code purge_entry(struct purge *p, int folder, const char *name, struct dr_error *err)
{
    struct stat st;
    struct file_id local;
    bool top = folder == p->l->fd[p->path];
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? DR_OK : dr_fail(err, DR_IO, "cannot stat %s in limbo: %s", name, strerror(errno));
    enum dr_code code = let_go(p, folder, name, &st, &local, err);
    if (code)
        return code;
    if (S_ISDIR(st.st_mode) && !top)
        return limbo_take(p->l, p->path, folder, name, &local, err);
    if (S_ISDIR(st.st_mode)) {
        int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            return dr_fail(err, DR_IO, "cannot open %s in limbo: %s", name, strerror(errno));
        code = purge_folder(p, fd, err);
        close(fd);
    }
    if (!code && unlinkat(folder, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) != 0)
        code = dr_fail(err, DR_IO, "cannot remove %s from limbo: %s", name, strerror(errno));
    return code;
}

static enum dr_code purge_once(struct purge *p, int folder, bool *empty, struct dr_error *err)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return dr_fail(err, DR_IO, "cannot list limbo: %s", strerror(errno));
    }
    enum dr_code code = DR_OK;
    *empty = true;
    for (struct dirent *d; !code && (d = readdir(dir));)
        if (!is_dots(d->d_name)) {
            *empty = false;
            code = purge_entry(p, folder, d->d_name, err);
        }
    closedir(dir);
    return code;
}

/* Again and again: entries that come while a folder is listed may or may not be seen. */
static enum dr_code purge_folder(struct purge *p, int folder, struct dr_error *err)
{
    bool empty = false;
    enum dr_code code = DR_OK;
    while (!code && !empty)
        code = purge_once(p, folder, &empty, err);
    return code;
}

enum dr_code limbo_purge(struct limbo *l, struct idmap *idmap, bool strict, struct dr_error *err)
{
    for (uint32_t i = 0; i < l->paths; i++) {
        if (l->fd[i] < 0)
            continue;
        struct purge p = {.l = l, .idmap = idmap, .path = i, .strict = strict};
        enum dr_code code = purge_folder(&p, l->fd[i], err);
        if (!code)
            code = remove_folder(l, i, err);
        if (code)
            return code;
    }
    l->count = 0;
    return DR_OK;
}
