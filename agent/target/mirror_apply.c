/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/mirror_apply.h"
#include "agent/target/attrs.h"
#include "agent/target/make.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LISTING_MAX (256u << 20) /* bytes of names in one folder */

static enum dr_code apply_entry(struct tree *t, const struct change *c, struct dr_error *err)
{
    struct held *folder, *file;
    char target[PATH_MAX];
    bool made;
    enum dr_code code = tree_hold(t, &c->r->parent, c->r->path, &folder, err);
    if (!code)
        code = tree_folder_touched(t, folder, c->r->parent_mtime_ns, err);
    if (code)
        return code;
    if (S_ISLNK(c->r->mode)) {
        memcpy(target, c->data, c->r->data_len);
        target[c->r->data_len] = '\0';
    }
    code = make_file(t, folder, c->name, c->r, target, true, &file, &made, err);
    return code ? code : attrs_assign(t, file, c->r, c->r->set, err);
}

static enum dr_code apply_park(struct tree *t, const struct change *c, struct dr_error *err)
{
    struct held *folder;
    struct standing s;
    enum dr_code code = tree_hold(t, &c->r->parent, c->r->path, &folder, err);
    if (!code)
        code = tree_folder_touched(t, folder, c->r->parent_mtime_ns, err);
    if (!code)
        code = names_look(t, folder, c->name, &s, err);
    return code ? code : names_clear(t, folder, c->name, &s, err);
}

/* The content alone: the file's mtime stays what it is, or was to become. */
static enum dr_code apply_content(struct tree *t, const struct change *c, struct held *file, struct dr_error *err)
{
    const struct record *r = c->r;
    struct stat st;
    if (file->type != S_IFREG)
        return DR_OK;
    if (!file->unsettled) {
        if (fstat(file->fd, &st) != 0)
            return dr_fail(err, DR_IO, "cannot stat a file: %s", strerror(errno));
        file->mtime_ns = stat_mtime_ns(&st);
    }
    held_settle_later(file, file->mtime_ns, t->now);
    if (r->op == RECORD_MIRROR_EXTENT)
        return data_write(file, c->data, r->data_len, r->offset, err);
    return r->length ? data_fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, r->offset, r->length, err)
                     : DR_OK;
}

/* ---- names that the source does not have ---- */

void mirror_reset(struct tree *t)
{
    free(t->listing.bytes);
    t->listing = (struct listing){.used = 0};
}

static enum dr_code listing_add(struct listing *l, const struct change *c, struct dr_error *err)
{
    if (!file_id_equal(&l->folder, &c->r->file))
        l->used = 0;
    l->folder = c->r->file;
    if (l->used + c->r->data_len > l->room) {
        size_t room = l->used + c->r->data_len;
        uint8_t *more = room > LISTING_MAX ? NULL : realloc(l->bytes, room);
        if (!more)
            return dr_fail(err, DR_FULL, "a folder's list of names is too long for the memory here (%zu bytes)", room);
        l->bytes = more;
        l->room = room;
    }
    if (c->r->data_len)
        memcpy(l->bytes + l->used, c->data, c->r->data_len);
    l->used += c->r->data_len;
    return DR_OK;
}

struct listed_name {
    const uint8_t *bytes;
    size_t length;
};

static int by_name(const void *a, const void *b)
{
    const struct listed_name *x = a, *y = b;
    int order = memcmp(x->bytes, y->bytes, x->length < y->length ? x->length : y->length);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* *names is the caller's to free, and points into the list. */
static enum dr_code sort_names(const struct listing *l, struct listed_name **names, size_t *count, struct dr_error *err)
{
    struct cursor c = cursor_reading(l->bytes, l->used);
    *count = 0;
    *names = malloc((l->used / 3 + 1) * sizeof **names); /* a length and one byte at least, each */
    if (!*names)
        return dr_fail(err, DR_FULL, "no memory for a folder's list of names");
    while (cursor_left(&c)) {
        size_t length = cursor_get_u16(&c);
        const uint8_t *bytes = cursor_get_bytes(&c, length);
        if (!bytes || length == 0) {
            free(*names);
            return dr_fail(err, DR_PROTOCOL, "a folder's list of names from the peer is cut off");
        }
        (*names)[(*count)++] = (struct listed_name){bytes, length};
    }
    qsort(*names, *count, sizeof **names, by_name);
    return DR_OK;
}

static bool stays(struct tree *t, const struct held *folder, const struct standing *s, const char *name)
{
    struct dr_file_handle handle;
    uint32_t path;
    if (folder->id.birth == BIRTH_ROOT && t->limbo.hidden[folder->path] && strcmp(name, LIMBO_HIDDEN) == 0)
        return true;
    bool known = idmap_find(t->idmap, &s->id, &handle, &path) || own_claimed(&t->own, &s->local);
    return t->keep_orphans && !known;
}

static enum dr_code check_entry(struct tree *t, const struct held *folder, const char *name,
                                const struct listed_name *names, size_t count, struct dr_error *err)
{
    struct listed_name key = {(const uint8_t *)name, strlen(name)};
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || bsearch(&key, names, count, sizeof *names, by_name))
        return DR_OK;
    struct standing s;
    enum dr_code code = names_look(t, folder, name, &s, err);
    return code || stays(t, folder, &s, name) ? code : names_clear(t, folder, name, &s, err);
}

static enum dr_code clear_orphans(struct tree *t, const struct held *folder, const struct listed_name *names,
                                  size_t count, struct dr_error *err)
{
    int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return dr_fail(err, DR_IO, "cannot list a folder: %s", strerror(errno));
    }
    enum dr_code code = DR_OK;
    for (struct dirent *d; !code && (d = readdir(dir));)
        code = check_entry(t, folder, d->d_name, names, count, err);
    closedir(dir);
    return code;
}

static enum dr_code apply_names(struct tree *t, const struct change *c, struct dr_error *err)
{
    struct held *folder;
    struct listed_name *names;
    size_t count;
    enum dr_code code = tree_hold(t, &c->r->file, c->r->path, &folder, err);
    if (!code)
        code = listing_add(&t->listing, c, err);
    if (code || c->r->offset == 1)
        return code;
    code = tree_folder_touched(t, folder, 0, err);
    if (!code)
        code = sort_names(&t->listing, &names, &count, err);
    if (!code) {
        code = clear_orphans(t, folder, names, count, err);
        free(names);
    }
    if (code)
        t->listing.used -= c->r->data_len; /* this piece will be tried again */
    else
        mirror_reset(t);
    return code;
}

enum dr_code mirror_apply(struct tree *t, const struct change *c, struct dr_error *err)
{
    struct held *file;
    switch (c->r->op) {
    case RECORD_MIRROR_ENTRY: return apply_entry(t, c, err);
    case RECORD_MIRROR_PARK: return apply_park(t, c, err);
    case RECORD_MIRROR_NAMES: return apply_names(t, c, err);
    case RECORD_MIRROR_BEGIN:
    case RECORD_MIRROR_END: return DR_OK; /* the caller's */
    default: break;
    }
    enum dr_code code = tree_hold(t, &c->r->file, c->r->path, &file, err);
    if (code)
        return code;
    switch (c->r->op) {
    case RECORD_MIRROR_ATTR: return attrs_assign(t, file, c->r, c->r->set, err);
    case RECORD_MIRROR_XATTRS: return attrs_xattrs(file, c->data, c->r->data_len, err);
    default: return apply_content(t, c, file, err);
    }
}
