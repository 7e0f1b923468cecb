/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/source/lower_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static struct mirror_key key_of(const struct dr_file_handle *handle, uint32_t path)
{
    struct file_id id = file_handle_id(handle);
    return (struct mirror_key){.ino = id.ino, .gen = id.gen, .path = path};
}

enum dr_code lower_tree_open(struct lower_tree *tree, const int *root, unsigned paths, struct dr_error *err)
{
    tree->paths = paths;
    for (unsigned i = 0; i < paths; i++) {
        struct lower_root *r = &tree->root[i];
        r->fd = root[i];
        enum dr_code code = file_handle_at(root[i], "", &r->handle, err);
        if (code)
            return dr_within(err, "protected folder %u", i);
        tree->key[i] = key_of(&r->handle, i);
    }
    return DR_OK;
}

static enum dr_code open_key(const struct lower_tree *tree, const struct mirror_key *key, int flags, int *fd,
                             struct dr_error *err)
{
    const struct lower_root *root = &tree->root[key->path];
    struct file_id id = {.ino = key->ino, .gen = key->gen};
    struct dr_file_handle handle;
    enum dr_code code = file_handle_of_id(&id, &root->handle, &handle, err);
    return code ? code : file_handle_open(root->fd, &handle, flags | O_CLOEXEC, fd, err);
}

/* Only regular files and folders are opened for reading: opening a device or a fifo would do something. */
static int flags_for(uint32_t type)
{
    return S_ISREG(type) ? O_RDONLY | O_NOATIME | O_NONBLOCK : S_ISDIR(type) ? O_RDONLY | O_NOATIME : O_PATH;
}

static enum dr_code stat_open(const struct lower_tree *tree, const struct mirror_key *key, int flags, int *fd,
                              struct stat *st, struct dr_error *err)
{
    enum dr_code code = open_key(tree, key, flags, fd, err);
    if (code || fstat(*fd, st) == 0)
        return code;
    dr_fail(err, DR_IO, "cannot stat inode %llu: %s", (unsigned long long)key->ino, strerror(errno));
    close(*fd);
    return err->code;
}

static void entry_fill(struct mirror_entry *entry, const struct stat *st)
{
    entry->mode = st->st_mode;
    entry->rdev = (uint32_t)st->st_rdev;
    entry->size = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0;
}

static bool link_read(int fd, struct mirror_entry *entry, char *link, size_t size)
{
    ssize_t length = readlinkat(fd, "", link, size);
    if (length < 0)
        return false;
    entry->link = link;
    entry->link_len = (uint32_t)length;
    return true;
}

enum dr_code lower_tree_look(const struct lower_tree *tree, const struct mirror_key *key, struct mirror_entry *entry,
                             char *link, size_t link_size, struct dr_error *err)
{
    struct stat st;
    int fd;
    enum dr_code code = stat_open(tree, key, O_PATH, &fd, &st, err);
    if (code)
        return code;
    *entry = (struct mirror_entry){.key = *key};
    entry_fill(entry, &st);
    if (S_ISLNK(st.st_mode) && !link_read(fd, entry, link, link_size))
        code = dr_fail(err, DR_IO, "cannot read symbolic link, inode %llu: %s", (unsigned long long)key->ino,
                       strerror(errno));
    close(fd);
    return code;
}

/* ---- attributes ---- */

static enum dr_code attr_read(int fd, const struct stat *st, struct mirror_attr *attr, struct dr_error *err)
{
    attr->mode = st->st_mode;
    attr->uid = st->st_uid;
    attr->gid = st->st_gid;
    attr->size = (uint64_t)st->st_size;
    attr->mtime_ns = st->st_mtim.tv_sec * 1000000000ll + st->st_mtim.tv_nsec;
    return lower_xattr_read(fd, !S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode), attr, err);
}

enum dr_code lower_tree_attributes(const struct lower_tree *tree, const struct mirror_key *key, uint32_t type,
                                   struct mirror_attr *attr, struct dr_error *err)
{
    struct stat st;
    int fd;
    enum dr_code code = stat_open(tree, key, flags_for(type), &fd, &st, err);
    if (code)
        return code;
    code = attr_read(fd, &st, attr, err);
    close(fd);
    return code;
}

/* ---- data ---- */

static enum dr_code read_open(int fd, const struct stat *st, struct mirror_job *job, struct mirror_reading *reading,
                              bool holes, struct dr_error *err)
{
    enum dr_code code = DR_OK;
    if (reading->want != WANT_EXTENT)
        code = attr_read(fd, st, &reading->attr, err);
    if (code || reading->want == WANT_ATTR)
        return code;
    uint64_t size = (uint64_t)st->st_size;
    if (reading->want == WANT_BODY)
        reading->whole = size <= MIRROR_WHOLE_MAX && size <= MIRROR_BUFFER - job->used;
    return reading->want == WANT_EXTENT || reading->whole ? lower_data_read(fd, st, job, reading, holes, err) : DR_OK;
}

enum dr_code lower_tree_read(const struct lower_tree *tree, struct mirror_job *job, struct mirror_reading *reading,
                             bool holes, struct dr_error *err)
{
    struct stat st;
    int fd;
    enum dr_code code = stat_open(tree, &reading->key, flags_for(reading->type), &fd, &st, err);
    if (code)
        return code;
    code = read_open(fd, &st, job, reading, holes, err);
    close(fd);
    return code;
}

/* ---- names ---- */

/* A symbolic link or a device, or what has just taken the place of something else: its text and number never change,
 * but the name may pass to another object between two calls: all is asked of one descriptor. */
static enum dr_code entry_special(int dir, const char *name, uint32_t path, struct mirror_job *job,
                                  struct mirror_entry *entry, struct dr_error *err)
{
    char link[MIRROR_LINK_MAX];
    struct dr_file_handle handle;
    struct stat st;
    int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        enum dr_code code = fd < 0 && errno == ENOENT ? DR_NOT_FOUND : DR_IO;
        if (fd >= 0)
            close(fd);
        return dr_fail(err, code, "cannot open \"%s\": %s", name, strerror(errno));
    }
    enum dr_code code = file_handle_at(fd, "", &handle, err);
    entry->key = key_of(&handle, path);
    entry_fill(entry, &st);
    if (!code && S_ISLNK(st.st_mode)) {
        if (!link_read(fd, entry, link, sizeof link) || !(entry->link = mirror_job_text(job, link, entry->link_len)))
            code = dr_fail(err, DR_IO, "cannot read symbolic link \"%s\": %s", name, strerror(errno));
    }
    close(fd);
    return code;
}

/* A file or folder. */
static enum dr_code entry_plain(int dir, const char *name, uint32_t path, struct mirror_entry *entry,
                                struct dr_error *err)
{
    struct dr_file_handle handle;
    struct stat st;
    for (int tries = 0; tries < 3; tries++) {
        enum dr_code code = file_handle_at(dir, name, &handle, err);
        if (code)
            return code;
        if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            return dr_fail(err, errno == ENOENT ? DR_NOT_FOUND : DR_IO, "cannot stat \"%s\": %s", name,
                           strerror(errno));
        entry->key = key_of(&handle, path);
        if (entry->key.ino == st.st_ino)
            break; /* the name did not pass to another one between the two calls */
    }
    entry_fill(entry, &st);
    return DR_OK;
}

static enum dr_code list_entry(int dir, const struct dirent *d, uint32_t path, struct mirror_job *job,
                               struct dr_error *err)
{
    struct mirror_entry entry = {0};
    enum dr_code code = DR_OK;
    if (d->d_type == DT_REG || d->d_type == DT_DIR)
        code = entry_plain(dir, d->d_name, path, &entry, err);
    /* Of another type than it was when the name was read: what was found may be of two objects. */
    if (code == DR_OK && (entry.mode == 0 || IFTODT(entry.mode) != d->d_type))
        code = entry_special(dir, d->d_name, path, job, &entry, err);
    if (code == DR_NOT_FOUND)
        return DR_OK; /* unlinked a moment ago: the record is on its way */
    if (code)
        return code;
    entry.name_len = (uint32_t)strlen(d->d_name);
    entry.name = mirror_job_text(job, d->d_name, entry.name_len);
    if (!entry.name || !mirror_job_entry(job, &entry))
        return dr_fail(err, DR_FULL, "no memory for the names of a folder");
    return DR_OK;
}

static enum dr_code list_all(DIR *dir, uint32_t path, struct mirror_job *job, struct dr_error *err)
{
    for (;;) {
        errno = 0;
        const struct dirent *d = readdir(dir);
        if (!d)
            return errno ? dr_fail(err, DR_IO, "cannot list a folder: %s", strerror(errno)) : DR_OK;
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        enum dr_code code = list_entry(dirfd(dir), d, path, job, err);
        if (code)
            return code;
    }
}

enum dr_code lower_tree_list(const struct lower_tree *tree, struct mirror_job *job, struct mirror_reading *reading,
                             struct dr_error *err)
{
    int fd;
    enum dr_code code = open_key(tree, &reading->key, O_RDONLY | O_DIRECTORY | O_NOATIME, &fd, err);
    if (code)
        return code;
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return dr_fail(err, DR_IO, "cannot list a folder: %s", strerror(errno));
    }
    code = list_all(dir, reading->key.path, job, err);
    closedir(dir);
    return code;
}
