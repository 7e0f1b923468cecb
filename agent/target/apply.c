/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/apply.h"
#include "agent/target/attrs.h"
#include "agent/target/make.h"
#include "agent/target/mirror_apply.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

struct change change_of(const struct record *r, const uint8_t *body)
{
    struct change c = {.r = r, .data = body + r->name_len + r->name2_len};
    memcpy(c.name, body, r->name_len);
    c.name[r->name_len] = '\0';
    memcpy(c.name2, body + r->name_len, r->name2_len);
    c.name2[r->name2_len] = '\0';
    return c;
}

/* ---- checks ---- */

static bool id_legal(const struct file_id *id, unsigned paths)
{
    if (id->birth == BIRTH_LOCAL)
        return id->ino == 0; /* not used by this record */
    return id->birth < BIRTH_ROOT || (id->birth == BIRTH_ROOT && id->ino < paths && id->gen == 0);
}

/* Folders of path pairs have no name that a record could give or take. */
static bool is_root(const struct file_id *id)
{
    return id->birth == BIRTH_ROOT;
}

static bool type_legal(const struct record *r)
{
    mode_t type = r->mode & S_IFMT;
    switch (r->op) {
    case RECORD_CREATE: return type == S_IFREG;
    case RECORD_MKDIR: return type == S_IFDIR;
    case RECORD_SYMLINK: return type == S_IFLNK;
    case RECORD_MKNOD:
        return type == S_IFIFO || type == S_IFSOCK || type == S_IFCHR || type == S_IFBLK || type == S_IFREG;
    default: return true;
    }
}

static bool names_file(const struct record *r)
{
    return r->op <= RECORD_EXCHANGE ? r->op != RECORD_WRITE
                                    : r->op == RECORD_MIRROR_ENTRY || r->op == RECORD_MIRROR_PARK;
}

static bool is_link(const struct record *r)
{
    return r->op == RECORD_SYMLINK || (r->op == RECORD_MIRROR_ENTRY && S_ISLNK(r->mode));
}

enum dr_code change_check(const struct record *r, unsigned paths, struct dr_error *err)
{
    bool legal = r->path < paths && id_legal(&r->file, paths) && id_legal(&r->parent, paths) &&
                 id_legal(&r->parent2, paths) && id_legal(&r->other, paths) && type_legal(r);
    if (names_file(r) && (is_root(&r->file) || is_root(&r->other)))
        legal = false;
    if (r->op == RECORD_FALLOCATE && (r->rdev & ~DATA_FALLOCATE_MODES || r->length == 0))
        legal = false;
    if (is_link(r) && (r->data_len == 0 || r->data_len >= PATH_MAX))
        legal = false;
    return legal ? DR_OK
                 : dr_fail(err, DR_PROTOCOL, "record %" PRIu64 " (%s) of the peer holds what no record of ours can",
                           r->seq, record_op_name(r->op));
}

/* ---- names ---- */

/* Replaying, its end is further on in the log; in a mirror, pieces will bring it. Else records were lost. */
static enum dr_code unknown(const struct tree *t, const struct record *r, struct dr_error *err)
{
    if (t->replaying || t->mixed)
        return DR_OK;
    return dr_fail(err, DR_CORRUPT,
                   "record %" PRIu64
                   " (%s) is about a file that is not here: the folder is not what the peer takes it for, "
                   "and has to be mirrored again",
                   r->seq, record_op_name(r->op));
}

static enum dr_code hold_folder(struct tree *t, const struct file_id *id, const struct record *r, int64_t mtime_ns,
                                struct held **folder, struct dr_error *err)
{
    enum dr_code code = tree_hold(t, id, r->path, folder, err);
    if (code == DR_NOT_FOUND && t->replaying)
        code = tree_stand_in(t, id, r->path, folder, err);
    if (!code && (*folder)->type != S_IFDIR)
        return dr_fail(err, DR_NOT_FOUND, "the parent is no folder");
    return code ? code : tree_folder_touched(t, *folder, mtime_ns, err);
}

static enum dr_code apply_make(struct tree *t, const struct change *c, struct dr_error *err)
{
    struct held *folder, *file;
    char target[PATH_MAX];
    bool made;
    enum dr_code code = hold_folder(t, &c->r->parent, c->r, c->r->parent_mtime_ns, &folder, err);
    if (code)
        return code;
    if (is_link(c->r)) {
        memcpy(target, c->data, c->r->data_len);
        target[c->r->data_len] = '\0';
    }
    code = make_file(t, folder, c->name, c->r, target, false, &file, &made, err);
    if (code)
        return code;
    return attrs_assign(t, file, c->r, RECORD_SET_MODE | RECORD_SET_UID | RECORD_SET_GID | RECORD_SET_MTIME, err);
}

static enum dr_code apply_link(struct tree *t, const struct change *c, struct dr_error *err)
{
    struct held *folder, *file;
    enum dr_code code = hold_folder(t, &c->r->parent, c->r, c->r->parent_mtime_ns, &folder, err);
    if (!code)
        code = tree_hold(t, &c->r->file, c->r->path, &file, err);
    return code ? code : names_place(t, folder, c->name, file, err);
}

static enum dr_code apply_remove(struct tree *t, const struct change *c, struct dr_error *err)
{
    struct held *folder;
    enum dr_code code = hold_folder(t, &c->r->parent, c->r, c->r->parent_mtime_ns, &folder, err);
    return code ? code : names_remove(t, folder, c->name, &c->r->file, c->r->op == RECORD_RMDIR ? 0 : c->r->links, err);
}

static enum dr_code hold_move(struct tree *t, const struct change *c, struct move *m, struct dr_error *err)
{
    const struct record *r = c->r;
    *m = (struct move){.name = c->name, .name2 = c->name2, .other = r->other, .links = r->links};
    enum dr_code code = hold_folder(t, &r->parent, r, r->parent_mtime_ns, &m->from, err);
    return code ? code : hold_folder(t, &r->parent2, r, r->parent2_mtime_ns, &m->to, err);
}

/* Replaying, a file may be gone whose end is further on in the log. It needs no name any more, but what it did to
 * others has to be done. */
static enum dr_code apply_rename(struct tree *t, const struct change *c, struct dr_error *err)
{
    struct move m;
    struct held *file;
    enum dr_code code = hold_move(t, c, &m, err);
    if (code)
        return code;
    code = tree_hold(t, &c->r->file, c->r->path, &file, err);
    if (code == DR_NOT_FOUND && t->replaying)
        return m.other.ino ? names_remove(t, m.to, m.name2, &m.other, m.links, err) : DR_OK;
    m.file = file;
    return code ? code : names_rename(t, &m, err);
}

static enum dr_code apply_exchange(struct tree *t, const struct change *c, struct dr_error *err)
{
    struct move m;
    struct held *file = NULL, *other = NULL;
    enum dr_code code = hold_move(t, c, &m, err);
    if (code)
        return code;
    enum dr_code one = tree_hold(t, &c->r->file, c->r->path, &file, err);
    if (one && one != DR_NOT_FOUND)
        return one;
    enum dr_code two = tree_hold(t, &c->r->other, c->r->path, &other, err);
    if ((two && two != DR_NOT_FOUND) || (one && two) || ((one || two) && !t->replaying))
        return two ? two : one;
    if (!one && !two) {
        m.file = file;
        return names_exchange(t, &m, other, err);
    }
    /* One of them is gone: the other one moves alone. */
    struct move alone = {.from = m.from, .to = m.to, .name = m.name, .name2 = m.name2, .file = file};
    if (one)
        alone = (struct move){.from = m.to, .to = m.from, .name = m.name2, .name2 = m.name, .file = other};
    return names_rename(t, &alone, err);
}

/* ---- contents ---- */

static enum dr_code apply_data(struct tree *t, const struct change *c, struct held *file, struct dr_error *err)
{
    const struct record *r = c->r;
    if (file->type != S_IFREG)
        return DR_OK;
    enum dr_code code = r->op == RECORD_WRITE ? data_write(file, c->data, r->data_len, r->offset, err)
                                              : data_fallocate(file, r->rdev, r->offset, r->length, err);
    if (!code && r->set & RECORD_SET_MODE)
        code = attrs_assign(t, file, r, RECORD_SET_MODE, err);
    if (!code)
        held_settle_later(file, r->mtime_ns, t->now);
    return code;
}

/* Of a file that has no name here there is nothing to see, and nothing to change. */
static enum dr_code apply_to_file(struct tree *t, const struct change *c, struct dr_error *err)
{
    const struct record *r = c->r;
    struct held *file;
    if (r->flags & RECORD_ORPHAN)
        return DR_OK;
    enum dr_code code = tree_hold(t, &r->file, r->path, &file, err);
    if (code)
        return code == DR_NOT_FOUND ? DR_OK : code;
    switch (r->op) {
    case RECORD_SETATTR: return attrs_assign(t, file, r, r->set, err);
    case RECORD_SETXATTR: return attrs_xattr(file, c->name2, c->data, r->data_len, err);
    case RECORD_REMOVEXATTR: return attrs_xattr(file, c->name2, NULL, 0, err);
    default: return apply_data(t, c, file, err);
    }
}

static enum dr_code apply_one(struct tree *t, const struct change *c, struct dr_error *err)
{
    switch (c->r->op) {
    case RECORD_CREATE:
    case RECORD_MKDIR:
    case RECORD_SYMLINK:
    case RECORD_MKNOD: return apply_make(t, c, err);
    case RECORD_LINK: return apply_link(t, c, err);
    case RECORD_UNLINK:
    case RECORD_RMDIR: return apply_remove(t, c, err);
    case RECORD_RENAME: return apply_rename(t, c, err);
    case RECORD_EXCHANGE: return apply_exchange(t, c, err);
    case RECORD_WRITE:
    case RECORD_SETATTR:
    case RECORD_FALLOCATE:
    case RECORD_SETXATTR:
    case RECORD_REMOVEXATTR: return apply_to_file(t, c, err);
    case RECORD_BARRIER: /* order is all they ask for */
    case RECORD_MARK:
    case RECORD_END_OF_TERM: return DR_OK;
    default: return mirror_apply(t, c, err);
    }
}

enum dr_code apply(struct tree *t, const struct change *c, struct dr_error *err)
{
    enum dr_code code = apply_one(t, c, err);
    return code == DR_NOT_FOUND ? unknown(t, c->r, err) : code;
}
