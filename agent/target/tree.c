/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/tree.h"
#include "agent/target/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum dr_code tree_open(struct tree *t, const char *state, enum member self, unsigned paths, const int *root,
                       struct dr_error *err)
{
    t->self = self == MEMBER_A ? BIRTH_A : BIRTH_B;
    t->paths = paths;
    fdcache_init(&t->cache);
    own_init(&t->own);
    for (unsigned i = 0; i < paths; i++) {
        t->root[i] = root[i];
        enum dr_code code = file_handle_at(root[i], "", &t->root_handle[i], err);
        if (code)
            return dr_within(err, "protected folder %u", i);
    }
    return limbo_open(&t->limbo, state, t->root, paths, err);
}

void tree_close(struct tree *t)
{
    fdcache_close(&t->cache);
    limbo_close(&t->limbo);
    own_close(&t->own);
    table_clear(&t->stand_ins);
    table_clear(&t->placed_last);
    free(t->listing.bytes);
    for (unsigned i = 0; i < t->paths; i++)
        table_clear(&t->folder_mtimes[i]);
}

/* ---- from id to file ---- */

/* An inode of this member's own is its own id, unless a file of the peer's has taken it over. */
static bool own_handle(struct tree *t, const struct file_id *id, uint32_t path, struct dr_file_handle *handle)
{
    struct dr_error ignored; /* a file system whose handles cannot be made up has no own ids */
    struct file_id named = idmap_name(t->idmap, id);
    return id->birth == t->self && file_id_equal(&named, id) && own_has(&t->own, id) &&
           file_handle_of_id(id, &t->root_handle[path], handle, &ignored) == DR_OK;
}

bool tree_handle(struct tree *t, const struct file_id *id, uint32_t path, struct dr_file_handle *handle,
                 uint32_t *real_path)
{
    *real_path = id->birth == BIRTH_ROOT ? (uint32_t)id->ino : path;
    if (*real_path >= t->paths)
        return false;
    if (id->birth == BIRTH_ROOT) {
        *handle = t->root_handle[*real_path];
        return true;
    }
    return (idmap_find(t->idmap, id, handle, real_path) && *real_path < t->paths) ||
           own_handle(t, id, *real_path, handle);
}

enum dr_code tree_type(struct tree *t, const struct file_id *id, const struct dr_file_handle *handle, uint32_t path,
                       mode_t *type, struct dr_error *err)
{
    struct stat st;
    int fd;
    *type = idmap_type(t->idmap, id);
    if (*type)
        return DR_OK;
    enum dr_code code = file_handle_open(t->root[path], handle, O_PATH | O_NOFOLLOW, &fd, err);
    if (code)
        return code;
    if (fstat(fd, &st) == 0)
        *type = st.st_mode & S_IFMT;
    else
        code = dr_fail(err, DR_IO, "cannot stat a file: %s", strerror(errno));
    close(fd);
    return code;
}

static int flags_for(mode_t type)
{
    return type == S_IFREG ? O_RDWR | O_NOATIME : type == S_IFDIR ? O_RDONLY | O_DIRECTORY : O_PATH | O_NOFOLLOW;
}

static enum dr_code open_handle(struct tree *t, const struct dr_file_handle *handle, uint32_t path, struct held *file,
                                struct dr_error *err)
{
    struct stat st;
    enum dr_code code = tree_type(t, &file->id, handle, path, &file->type, err);
    if (!code)
        code = file_handle_open(t->root[path], handle, flags_for(file->type), &file->fd, err);
    if (code)
        return code;
    file->path = path;
    file->local = file_handle_id(handle);
    if (fstat(file->fd, &st) == 0 && st.st_nlink > 0)
        return DR_OK;
    close(file->fd);
    return dr_fail(err, DR_NOT_FOUND, "the file has no name any more");
}

static enum dr_code find_handle(struct tree *t, const struct file_id *id, uint32_t path, struct held *file,
                                struct dr_file_handle *handle, struct dr_error *err)
{
    if (id->birth == t->self) {
        enum dr_code code = own_gather(&t->own, t->root, t->paths, err);
        if (code)
            return code;
    }
    if (!tree_handle(t, id, path, handle, &file->path))
        return dr_fail(err, DR_NOT_FOUND, "no file is known as %" PRIu64 ".%" PRIu32 " of birth %" PRIu32, id->ino,
                       id->gen, id->birth);
    return DR_OK;
}

enum dr_code tree_hold(struct tree *t, const struct file_id *id, uint32_t path, struct held **held,
                       struct dr_error *err)
{
    *held = fdcache_find(&t->cache, id);
    if (*held)
        return DR_OK;
    struct held file = {.id = *id};
    struct dr_file_handle handle;
    enum dr_code code = find_handle(t, id, path, &file, &handle, err);
    if (!code)
        code = open_handle(t, &handle, file.path, &file, err);
    if (code == DR_NOT_FOUND)
        idmap_drop(t->idmap, id);
    if (code)
        return code;
    own_claim(&t->own, id);
    return fdcache_put(&t->cache, &file, held, err);
}

enum dr_code tree_learn(struct tree *t, const struct file_id *id, uint32_t path, int fd, struct held **held,
                        struct dr_error *err)
{
    struct stat st;
    struct dr_file_handle handle;
    enum dr_code code = file_handle_at(fd, "", &handle, err);
    if (!code && fstat(fd, &st) != 0)
        code = dr_fail(err, DR_IO, "cannot stat a new file: %s", strerror(errno));
    if (code) {
        close(fd);
        return code;
    }
    idmap_put(t->idmap, id, path, &handle, st.st_mode & S_IFMT);
    struct held file = {
        .id = *id, .local = file_handle_id(&handle), .fd = fd, .type = st.st_mode & S_IFMT, .path = path};
    return fdcache_put(&t->cache, &file, held, err);
}

enum dr_code tree_stand_in(struct tree *t, const struct file_id *id, uint32_t path, struct held **held,
                           struct dr_error *err)
{
    int fd;
    enum dr_code code = limbo_make(&t->limbo, path, &fd, err);
    if (!code && !table_put(&t->stand_ins, id, 0)) {
        close(fd);
        code = dr_fail(err, DR_FULL, "no memory to replay the log");
    }
    return code ? code : tree_learn(t, id, path, fd, held, err);
}

void tree_forget(struct tree *t, const struct file_id *id)
{
    fdcache_drop(&t->cache, id);
    for (unsigned i = 0; i < t->paths; i++)
        table_drop(&t->folder_mtimes[i], id);
    table_drop(&t->stand_ins, id);
    idmap_drop(t->idmap, id);
}

enum dr_code tree_open_entry(int folder, const char *name, mode_t type, int *fd, struct dr_error *err)
{
    int flags = O_NOFOLLOW | O_CLOEXEC;
    if (type == S_IFREG)
        flags |= O_RDWR | O_NOATIME | O_NONBLOCK;
    else if (type == S_IFDIR)
        flags |= O_RDONLY | O_DIRECTORY;
    else
        flags |= O_PATH;
    *fd = openat(folder, name, flags);
    return *fd >= 0 ? DR_OK : dr_fail(err, durable_code(errno), "cannot open \"%s\": %s", name, strerror(errno));
}

/* ---- times, and the disk ---- */

enum dr_code tree_folder_mtime(struct tree *t, const struct held *folder, int64_t mtime_ns, struct dr_error *err)
{
    if (!table_put(&t->folder_mtimes[folder->path], &folder->id, (uint64_t)mtime_ns))
        return dr_fail(err, DR_FULL, "no memory for the times of folders");
    return DR_OK;
}

enum dr_code tree_folder_touched(struct tree *t, const struct held *folder, int64_t mtime_ns, struct dr_error *err)
{
    struct stat st;
    if (mtime_ns != 0)
        return tree_folder_mtime(t, folder, mtime_ns, err);
    if (!t->mixed || table_find(&t->folder_mtimes[folder->path], &folder->id))
        return DR_OK;
    if (fstat(folder->fd, &st) != 0)
        return dr_fail(err, DR_IO, "cannot stat a folder: %s", strerror(errno));
    return tree_folder_mtime(t, folder, stat_mtime_ns(&st), err);
}

static enum dr_code settle_folder(struct tree *t, uint32_t path, const struct table_slot *s, struct dr_error *err)
{
    struct held *folder;
    enum dr_code code = tree_hold(t, &s->key, path, &folder, err);
    if (code)
        return code == DR_NOT_FOUND ? DR_OK : code;
    return file_set_mtime(folder->fd, (int64_t)s->value, err);
}

static enum dr_code settle_folders(struct tree *t, uint32_t path, struct dr_error *err)
{
    struct table *times = &t->folder_mtimes[path];
    enum dr_code code = DR_OK;
    for (size_t i = 0; i < times->size && !code; i++)
        if (table_slot_used(&times->slot[i]))
            code = settle_folder(t, path, &times->slot[i], err);
    if (!code)
        table_clear(times);
    return code;
}

enum dr_code tree_settle(struct tree *t, msec before, bool folders, struct dr_error *err)
{
    enum dr_code code = fdcache_settle(&t->cache, before, err);
    for (unsigned i = 0; i < t->paths && folders && !code; i++)
        code = settle_folders(t, i, err);
    return code;
}

enum dr_code tree_sync(struct tree *t, struct dr_error *err)
{
    for (unsigned i = 0; i < t->paths; i++)
        if (syncfs(t->root[i]) != 0)
            return dr_fail(err, durable_code(errno), "cannot sync protected folder %u: %s: check the disk", i,
                           strerror(errno));
    return idmap_sync(t->idmap, err);
}
