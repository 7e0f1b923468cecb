/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/xattr.h"

#include "platform/linux/capture/journal.h"
#include "platform/linux/capture/reply.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#define ACL_ACCESS  "system.posix_acl_access"
#define ACL_DEFAULT "system.posix_acl_default"
#define VALUE_MAX   65536u /* XATTR_SIZE_MAX */

/* Descriptors with O_PATH have no attributes of their own to ask for; their place in /proc leads to the object. */
struct lower {
    struct inode *inode;
    int fd;
    char path[32];
};

static int lower_enter(struct worker *w, struct lower *l)
{
    l->inode = worker_inode(w, w->request.node);
    l->fd = l->inode ? inode_pin(&w->mount->inodes, l->inode, false) : -ESTALE;
    snprintf(l->path, sizeof l->path, "/proc/self/fd/%d", l->fd);
    return l->fd < 0 ? l->fd : 0;
}

static void lower_leave(struct worker *w, const struct lower *l)
{
    inode_unpin(&w->mount->inodes, l->inode);
}

/* The reply of GETXATTR and LISTXATTR: the value, or (nothing was asked for) its length. */
static int sized_reply(struct worker *w, ssize_t length)
{
    if (w->request.size > 0)
        return (int)length;
    struct fuse_getxattr_out out = {.size = (uint32_t)length};
    memcpy(w->answer, &out, sizeof out);
    return sizeof out;
}

static size_t room(const struct worker *w)
{
    return w->request.size < VALUE_MAX ? w->request.size : VALUE_MAX;
}

int op_getxattr(struct worker *w)
{
    struct lower l;
    int result = lower_enter(w, &l);
    if (result < 0)
        return result;
    ssize_t length = getxattr(l.path, w->request.name, w->answer, room(w));
    result = length < 0 ? -errno : sized_reply(w, length);
    lower_leave(w, &l);
    return result;
}

int op_listxattr(struct worker *w)
{
    struct lower l;
    int result = lower_enter(w, &l);
    if (result < 0)
        return result;
    ssize_t length = listxattr(l.path, (char *)w->answer, room(w));
    result = length < 0 ? -errno : sized_reply(w, length);
    lower_leave(w, &l);
    return result;
}

/* An access ACL is also the mode; a mode that changed with it is recorded too. */
static void record_mode(struct worker *w, const struct lower *l, mode_t before)
{
    struct stat st;
    if (fstat(l->fd, &st) != 0 || st.st_mode == before)
        return;
    struct record head = journal_record(w, RECORD_SETATTR, l->inode);
    journal_results(&head, &st);
    head.set = RECORD_SET_MODE;
    journal_put(&w->session->journal, &head, &(struct journal_body){0});
}

static void record_change(struct worker *w, const struct lower *l, enum record_op op, mode_t before)
{
    const struct request *r = &w->request;
    struct record head = journal_record(w, op, l->inode);
    struct stat st;
    if (fstat(l->fd, &st) == 0)
        journal_results(&head, &st);
    const struct journal_body body = {.name2 = r->name, .data = r->data, .data_len = r->data_len};
    journal_put(&w->session->journal, &head, &body);
    record_mode(w, l, before);
}

static int set_locked(struct worker *w, const struct lower *l)
{
    const struct request *r = &w->request;
    struct stat before;
    if (fstat(l->fd, &before) != 0)
        return -errno;
    if (setxattr(l->path, r->name, r->data, r->data_len, (int)r->flags) != 0)
        return -errno;
    if (r->fuse_flags & FUSE_SETXATTR_ACL_KILL_SGID) {
        struct stat st;
        if (fstat(l->fd, &st) == 0 && (st.st_mode & S_ISGID) && chmod(l->path, st.st_mode & 07777 & ~S_ISGID) != 0)
            return -errno;
    }
    record_change(w, l, RECORD_SETXATTR, before.st_mode);
    return 0;
}

static int remove_locked(struct worker *w, const struct lower *l)
{
    struct stat before;
    if (fstat(l->fd, &before) != 0 || removexattr(l->path, w->request.name) != 0)
        return -errno;
    record_change(w, l, RECORD_REMOVEXATTR, before.st_mode);
    return 0;
}

static int change(struct worker *w, int (*locked)(struct worker *, const struct lower *))
{
    struct lower l;
    int result = lower_enter(w, &l);
    if (result < 0)
        return result;
    pthread_mutex_lock(&l.inode->lock);
    result = locked(w, &l);
    pthread_mutex_unlock(&l.inode->lock);
    lower_leave(w, &l);
    return result;
}

int op_setxattr(struct worker *w)
{
    return strlen(w->request.name) > RECORD_NAME_MAX ? -ERANGE : change(w, set_locked);
}

int op_removexattr(struct worker *w)
{
    return strlen(w->request.name) > RECORD_NAME_MAX ? -ERANGE : change(w, remove_locked);
}

bool xattr_has_default_acl(int dir)
{
    return fgetxattr(dir, ACL_DEFAULT, NULL, 0) > 0;
}

void xattr_record_inherited(struct worker *w, struct inode *inode)
{
    static const char *const names[] = {ACL_ACCESS, ACL_DEFAULT};
    char path[32];
    int fd = inode_pin(&w->mount->inodes, inode, false);
    if (fd < 0) {
        journal_break(&w->session->journal, "the inherited ACL of a new object could not be read");
        return;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    for (unsigned i = 0; i < 2; i++) {
        ssize_t length = getxattr(path, names[i], w->answer, VALUE_MAX);
        if (length <= 0)
            continue; /* a file has no default ACL; an ACL that only says the mode is none */
        struct record head = journal_record(w, RECORD_SETXATTR, inode);
        const struct journal_body body = {.name2 = names[i], .data = w->answer, .data_len = (size_t)length};
        journal_put(&w->session->journal, &head, &body);
    }
    inode_unpin(&w->mount->inodes, inode);
}
