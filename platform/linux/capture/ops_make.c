/* SPDX-License-Identifier: Apache-2.0
 * CREATE, MKDIR, MKNOD, SYMLINK: one more object, made as the caller, and recorded with what it came out as: owner,
 * mode after umask or default ACL, and the ACLs it inherited. */
#include "platform/linux/capture/names.h"
#include "platform/linux/capture/xattr.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The lower call, as the caller. CREATE leaves its descriptor in *fd. */
static int make(struct worker *w, int dir, int *fd)
{
    const struct request *r = &w->request;
    int result;
    identity_enter(w);
    switch (r->opcode) {
    case FUSE_CREATE:
        *fd = result = openat(dir, r->name, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, r->mode & 07777);
        break;
    case FUSE_MKDIR: result = mkdirat(dir, r->name, r->mode & 07777); break;
    case FUSE_SYMLINK: result = symlinkat(r->name2, dir, r->name); break;
    default: result = mknodat(dir, r->name, r->mode, r->rdev); break;
    }
    result = result < 0 ? -errno : 0;
    identity_leave(w);
    /* There is one that the kernel did not know of: it is to look again. */
    return result == -EEXIST && r->opcode == FUSE_CREATE && !(r->flags & O_EXCL) ? -ESTALE : result;
}

static enum record_op made_op(const struct request *r)
{
    switch (r->opcode) {
    case FUSE_CREATE: return RECORD_CREATE;
    case FUSE_MKDIR: return RECORD_MKDIR;
    case FUSE_SYMLINK: return RECORD_SYMLINK;
    default: return S_ISREG(r->mode) ? RECORD_CREATE : RECORD_MKNOD;
    }
}

static void record_made(struct worker *w, const struct inode *parent, int dir, struct inode *inode,
                        const struct stat *st)
{
    const struct request *r = &w->request;
    struct record head = journal_record(w, made_op(r), inode);
    head.parent = parent->id;
    head.parent_mtime_ns = names_mtime(dir);
    journal_results(&head, st);
    struct journal_body body = {.name = r->name};
    if (r->opcode == FUSE_SYMLINK) {
        body.data = r->name2;
        body.data_len = strlen(r->name2);
    }
    journal_put(&w->session->journal, &head, &body);
    if (r->opcode != FUSE_SYMLINK && xattr_has_default_acl(dir))
        xattr_record_inherited(w, inode);
}

static int made(struct worker *w, const struct inode *parent, int dir, int fd, struct inode **inode, struct stat *st)
{
    int result = names_get(w, dir, w->request.name, inode, st);
    if (result < 0) {
        journal_break(&w->session->journal, "a new object could not be read back");
        if (fd >= 0)
            close(fd);
        return result;
    }
    if (fd >= 0)
        inode_adopt(&w->mount->inodes, *inode, fd);
    record_made(w, parent, dir, *inode, st);
    return 0;
}

static int reply_created(struct worker *w, const struct inode *inode, const struct stat *st)
{
    int length = names_reply(w, inode, st);
    if (w->request.opcode != FUSE_CREATE)
        return length;
    struct fuse_open_out open = {.open_flags = reply_open_flags(w)};
    memcpy(w->answer + length, &open, sizeof open);
    return length + (int)sizeof open;
}

int op_make(struct worker *w)
{
    struct inode *parent = worker_inode(w, w->request.node), *inode;
    struct stat st;
    int fd = -1, dir = parent ? inode_pin(&w->mount->inodes, parent, false) : -ESTALE;
    if (dir < 0)
        return dir;
    /* The new object needs no lock: nobody has heard of it before the reply. */
    pthread_mutex_lock(&parent->lock);
    int result = make(w, dir, &fd);
    if (result == 0)
        result = made(w, parent, dir, fd, &inode, &st);
    pthread_mutex_unlock(&parent->lock);
    inode_unpin(&w->mount->inodes, parent);
    return result < 0 ? result : reply_created(w, inode, &st);
}
