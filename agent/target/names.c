/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/names.h"
#include "agent/target/durable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum dr_code refused(struct dr_error *err, const char *what, const char *name)
{
    return dr_fail(err, durable_code(errno) == DR_FULL ? DR_FULL : DR_IO, "cannot %s \"%s\": %s", what, name,
                   strerror(errno));
}

enum dr_code names_look(struct tree *t, const struct held *folder, const char *name, struct standing *s,
                        struct dr_error *err)
{
    struct dr_file_handle handle;
    s->there = false;
    if (fstatat(folder->fd, name, &s->st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? DR_OK : refused(err, "stat", name);
    enum dr_code code = file_handle_at(folder->fd, name, &handle, err);
    if (code)
        return code;
    s->there = true;
    s->local = file_handle_id(&handle);
    s->id = idmap_name(t->idmap, &s->local);
    return DR_OK;
}

static bool is_file(const struct standing *s, const struct held *file)
{
    return s->there && file_id_equal(&s->local, &file->local);
}

static bool has_other_names(const struct standing *s)
{
    return !S_ISDIR(s->st.st_mode) && s->st.st_nlink > 1;
}

enum dr_code names_clear(struct tree *t, const struct held *folder, const char *name, const struct standing *s,
                         struct dr_error *err)
{
    if (!s->there)
        return DR_OK;
    if (!has_other_names(s))
        return limbo_take(&t->limbo, folder->path, folder->fd, name, &s->local, err);
    return unlinkat(folder->fd, name, 0) == 0 ? DR_OK : refused(err, "unlink", name);
}

/* ---- where a folder stands now ---- */

struct place {
    int parent;
    char name[RECORD_NAME_MAX + 1];
};

static bool find_entry(struct place *p, const struct file_id *local)
{
    int fd = openat(p->parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    struct dirent *d;
    while ((d = readdir(dir)) && !(d->d_ino == local->ino && strcmp(d->d_name, ".") != 0))
        ;
    if (d)
        snprintf(p->name, sizeof p->name, "%s", d->d_name);
    closedir(dir);
    return d != NULL;
}

static enum dr_code find_place(struct tree *t, uint32_t path, int folder, const struct file_id *local, struct place *p,
                               struct dr_error *err)
{
    p->parent = openat(folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->parent < 0 && limbo_parent(&t->limbo, path, local, &p->parent, err))
        return err->code;
    if (find_entry(p, local))
        return DR_OK;
    close(p->parent);
    return dr_fail(err, DR_IO, "cannot find the name of a folder (inode %llu)", (unsigned long long)local->ino);
}

/* A folder that may wait in limbo: the log in hand gives it a name again. */
static bool comes_again(struct tree *t, const struct file_id *local)
{
    struct file_id id = idmap_name(t->idmap, local);
    const uint64_t *last = table_find(&t->placed_last, &id);
    return !t->replaying || (last && *last > t->seq);
}

/* One of the folders from (p->parent, p->name), which is `local`, up to `top` goes to limbo. */
static enum dr_code lift_from(struct tree *t, uint32_t path, struct place *p, struct file_id local,
                              const struct file_id *top, struct dr_error *err)
{
    while (!comes_again(t, &local)) {
        struct dr_file_handle handle;
        int folder = p->parent;
        enum dr_code code = file_handle_at(folder, "", &handle, err);
        local = file_handle_id(&handle);
        if (!code && file_id_equal(&local, top))
            code = dr_fail(err, DR_CORRUPT,
                           "the log moves a folder below itself: it and the folder do not belong together");
        if (!code)
            code = find_place(t, path, folder, &local, p, err);
        close(folder);
        if (code)
            return code;
    }
    enum dr_code code = limbo_take(&t->limbo, path, p->parent, p->name, &local, err);
    close(p->parent);
    return code;
}

/* `top` shall move into a folder that is below it now. As it was not below it at that moment, one of those in between
 * is ahead of the record in hand, and comes to its place later: that one goes to limbo. */
static enum dr_code lift(struct tree *t, const struct held *folder, const struct file_id *top, struct dr_error *err)
{
    struct place p;
    enum dr_code code = find_place(t, folder->path, folder->fd, &folder->local, &p, err);
    return code ? code : lift_from(t, folder->path, &p, folder->local, top, err);
}

static enum dr_code rename_into(struct tree *t, int from, const char *name, const struct held *to, const char *name2,
                                const struct held *file, struct dr_error *err)
{
    if (renameat(from, name, to->fd, name2) == 0)
        return DR_OK;
    if (errno != EINVAL)
        return refused(err, "rename", name2);
    enum dr_code code = lift(t, to, &file->local, err);
    if (!code && renameat(from, name, to->fd, name2) != 0)
        code = refused(err, "rename", name2);
    return code;
}

static enum dr_code move_folder(struct tree *t, const struct held *to, const char *name, const struct held *file,
                                struct dr_error *err)
{
    struct place p;
    enum dr_code code = find_place(t, file->path, file->fd, &file->local, &p, err);
    if (code)
        return code;
    code = rename_into(t, p.parent, p.name, to, name, file, err);
    close(p.parent);
    return code;
}

static bool stands(const struct held *folder, const char *name, const struct held *file)
{
    struct dr_file_handle handle;
    struct dr_error ignored; /* what cannot be found out here is looked at more closely */
    if (file_handle_at(folder->fd, name, &handle, &ignored) != DR_OK)
        return false;
    struct file_id local = file_handle_id(&handle);
    return file_id_equal(&local, &file->local);
}

enum dr_code names_place(struct tree *t, const struct held *folder, const char *name, const struct held *file,
                         struct dr_error *err)
{
    struct standing s;
    if (stands(folder, name, file))
        return limbo_leave(&t->limbo, folder->path, &file->local, err);
    enum dr_code code = names_look(t, folder, name, &s, err);
    if (!code)
        code = names_clear(t, folder, name, &s, err);
    if (code)
        return code;
    code = limbo_give(&t->limbo, folder->path, &file->local, folder->fd, name, err);
    if (code == DR_REFUSED) { /* the folder is below the file, which is in limbo */
        code = lift(t, folder, &file->local, err);
        if (!code)
            code = limbo_give(&t->limbo, folder->path, &file->local, folder->fd, name, err);
    }
    if (code != DR_NOT_FOUND)
        return code;
    if (file->type == S_IFDIR)
        return move_folder(t, folder, name, file, err);
    return linkat(file->fd, "", folder->fd, name, AT_EMPTY_PATH) == 0 ? DR_OK : refused(err, "link", name);
}

/* ---- names that go ---- */

enum dr_code names_end(struct tree *t, const struct file_id *id, uint32_t path, struct dr_error *err)
{
    struct dr_file_handle handle;
    enum dr_code code = DR_OK;
    if (t->limbo.count && tree_handle(t, id, path, &handle, &path)) {
        struct file_id local = file_handle_id(&handle);
        code = limbo_leave(&t->limbo, path, &local, err);
    }
    if (!code)
        tree_forget(t, id);
    return code;
}

enum dr_code names_remove(struct tree *t, const struct held *folder, const char *name, const struct file_id *id,
                          uint32_t links, struct dr_error *err)
{
    struct standing s;
    enum dr_code code = names_look(t, folder, name, &s, err);
    if (code || !s.there)
        return code ? code : links ? DR_OK : names_end(t, id, folder->path, err);
    bool same = file_id_equal(&s.id, id), folders = S_ISDIR(s.st.st_mode);
    /* Another file there came later, when a log is replayed; in a mirror it is merely in the way. */
    if (same ? links > 0 && !has_other_names(&s) : t->mixed)
        code = names_clear(t, folder, name, &s, err);
    else if (same && unlinkat(folder->fd, name, folders ? AT_REMOVEDIR : 0) != 0)
        code = folders && errno == ENOTEMPTY ? names_clear(t, folder, name, &s, err) : refused(err, "remove", name);
    if (!code && links == 0)
        code = names_end(t, id, folder->path, err);
    return code;
}

/* ---- names that move ---- */

/* rename(2) may replace what has other names, or has come to its end; anything else is put aside first. */
static enum dr_code make_way(struct tree *t, const struct move *m, const struct standing *s, struct dr_error *err)
{
    bool ended = m->links == 0 && file_id_equal(&s->id, &m->other);
    bool alike = S_ISDIR(s->st.st_mode) == (m->file->type == S_IFDIR);
    if (!s->there || (alike && (ended || has_other_names(s))))
        return DR_OK;
    return names_clear(t, m->to, m->name2, s, err);
}

static enum dr_code rename_now(struct tree *t, const struct move *m, const struct standing *there, struct dr_error *err)
{
    enum dr_code code = make_way(t, m, there, err);
    if (code || renameat(m->from->fd, m->name, m->to->fd, m->name2) == 0)
        return code;
    if (errno == ENOTEMPTY || errno == EEXIST) {
        code = names_clear(t, m->to, m->name2, there, err);
        return code ? code : rename_into(t, m->from->fd, m->name, m->to, m->name2, m->file, err);
    }
    return errno == EINVAL ? rename_into(t, m->from->fd, m->name, m->to, m->name2, m->file, err)
                           : refused(err, "rename", m->name);
}

/* The old name of a file that has the new one already: gone, if it is still there. */
static enum dr_code drop_old(struct tree *t, const struct move *m, const struct standing *here, struct dr_error *err)
{
    if (is_file(here, m->file) && m->file->type != S_IFDIR)
        return unlinkat(m->from->fd, m->name, 0) == 0 ? DR_OK : refused(err, "unlink", m->name);
    return here->there && t->mixed && !is_file(here, m->file) ? names_clear(t, m->from, m->name, here, err) : DR_OK;
}

enum dr_code names_rename(struct tree *t, const struct move *m, struct dr_error *err)
{
    struct standing here, there;
    enum dr_code code = names_look(t, m->from, m->name, &here, err);
    if (!code)
        code = names_look(t, m->to, m->name2, &there, err);
    if (code)
        return code;
    if (is_file(&here, m->file) && !is_file(&there, m->file)) {
        code = rename_now(t, m, &there, err);
    } else {
        code = names_place(t, m->to, m->name2, m->file, err);
        if (!code)
            code = drop_old(t, m, &here, err);
    }
    if (!code && m->other.ino && m->links == 0)
        code = names_end(t, &m->other, m->to->path, err);
    return code;
}

enum dr_code names_exchange(struct tree *t, const struct move *m, const struct held *other, struct dr_error *err)
{
    struct standing here, there;
    enum dr_code code = names_look(t, m->from, m->name, &here, err);
    if (!code)
        code = names_look(t, m->to, m->name2, &there, err);
    if (code)
        return code;
    if (is_file(&here, m->file) && is_file(&there, other)) {
        if (renameat2(m->from->fd, m->name, m->to->fd, m->name2, RENAME_EXCHANGE) == 0)
            return DR_OK;
        return refused(err, "exchange", m->name);
    }
    code = names_place(t, m->to, m->name2, m->file, err);
    return code ? code : names_place(t, m->from, m->name, other, err);
}
