/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/journal.h"
#include "platform/linux/capture/reply.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int attr_reply(struct worker *w, const struct stat *st)
{
    struct fuse_attr_out out = {.attr_valid = reply_valid(w)};
    reply_attr(&out.attr, st);
    memcpy(w->answer, &out, sizeof out);
    return sizeof out;
}

int op_getattr(struct worker *w)
{
    struct inode *inode = worker_inode(w, w->request.node);
    struct stat st;
    int fd = inode ? inode_pin(&w->mount->inodes, inode, false) : -ESTALE;
    if (fd < 0)
        return fd;
    int result = fstat(fd, &st) == 0 ? attr_reply(w, &st) : -errno;
    inode_unpin(&w->mount->inodes, inode);
    return result;
}

int op_readlink(struct worker *w)
{
    struct inode *inode = worker_inode(w, w->request.node);
    int fd = inode ? inode_pin(&w->mount->inodes, inode, false) : -ESTALE;
    if (fd < 0)
        return fd;
    ssize_t length = readlinkat(fd, "", (char *)w->answer, PATH_MAX);
    int result = length < 0 ? -errno : (int)length;
    inode_unpin(&w->mount->inodes, inode);
    return result;
}

int op_statfs(struct worker *w)
{
    struct statvfs fs;
    if (fstatvfs(w->mount->lower, &fs) != 0)
        return -errno;
    struct fuse_statfs_out out = {.st = {.blocks = fs.f_blocks,
                                         .bfree = fs.f_bfree,
                                         .bavail = fs.f_bavail,
                                         .files = fs.f_files,
                                         .ffree = fs.f_ffree,
                                         .bsize = (uint32_t)fs.f_bsize,
                                         .namelen = (uint32_t)fs.f_namemax,
                                         .frsize = (uint32_t)fs.f_frsize}};
    memcpy(w->answer, &out, sizeof out);
    return sizeof out;
}

/* ---- SETATTR: one step a kind; `set` collects what was done, so that a later failure does not hide it ---- */

struct change {
    const struct request *r;
    struct inode *inode;
    int fd;
    char path[32]; /* in /proc: also of what is open with O_PATH only */
    uint32_t set;
};

static int change_mode(struct change *c)
{
    if (chmod(c->path, c->r->mode & 07777) != 0)
        return -errno;
    c->set |= RECORD_SET_MODE;
    return 0;
}

static int change_owner(struct change *c)
{
    uid_t uid = c->r->valid & FATTR_UID ? c->r->new_uid : (uid_t)-1;
    gid_t gid = c->r->valid & FATTR_GID ? c->r->new_gid : (gid_t)-1;
    if (fchownat(c->fd, "", uid, gid, AT_EMPTY_PATH) != 0)
        return -errno;
    c->set |= RECORD_SET_UID | RECORD_SET_GID | RECORD_SET_MODE; /* set-id bits may be gone with it */
    return 0;
}

/* For a caller who may not keep them. */
static int drop_set_ids(struct change *c)
{
    struct stat st;
    if (fstat(c->fd, &st) != 0)
        return -errno;
    mode_t kept = st.st_mode & ~(mode_t)(S_ISUID | (st.st_mode & S_IXGRP ? S_ISGID : 0));
    if (kept == st.st_mode)
        return 0;
    if (fchmod(c->fd, kept & 07777) != 0)
        return -errno;
    c->set |= RECORD_SET_MODE;
    return 0;
}

static int change_size(struct change *c)
{
    if (ftruncate(c->fd, (off_t)c->r->size) != 0)
        return -errno;
    c->set |= RECORD_SET_SIZE | RECORD_SET_MTIME;
    return c->r->valid & FATTR_KILL_SUIDGID ? drop_set_ids(c) : 0;
}

static struct timespec time_of(uint32_t valid, uint32_t set, uint32_t now, uint64_t seconds, uint32_t nanoseconds)
{
    if (!(valid & set))
        return (struct timespec){.tv_nsec = UTIME_OMIT};
    if (valid & now)
        return (struct timespec){.tv_nsec = UTIME_NOW};
    return (struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = nanoseconds};
}

static int change_times(struct change *c)
{
    const struct request *r = c->r;
    struct timespec times[2] = {time_of(r->valid, FATTR_ATIME, FATTR_ATIME_NOW, r->atime, r->atime_ns),
                                time_of(r->valid, FATTR_MTIME, FATTR_MTIME_NOW, r->mtime, r->mtime_ns)};
    if (utimensat(AT_FDCWD, c->path, times, 0) != 0)
        return -errno;
    if (r->valid & FATTR_MTIME)
        c->set |= RECORD_SET_MTIME;
    return 0;
}

static int apply(struct change *c)
{
    uint32_t valid = c->r->valid;
    int result = 0;
    if (valid & (FATTR_UID | FATTR_GID))
        result = change_owner(c);
    if (result == 0 && (valid & FATTR_MODE))
        result = change_mode(c);
    if (result == 0 && (valid & FATTR_SIZE))
        result = change_size(c);
    if (result == 0 && (valid & (FATTR_ATIME | FATTR_MTIME)))
        result = change_times(c);
    return result;
}

static int apply_and_record(struct worker *w, struct change *c)
{
    struct stat st;
    int result = apply(c);
    if (fstat(c->fd, &st) != 0) {
        journal_break(&w->session->journal, "changed attributes could not be read back");
        return -errno;
    }
    if (c->set) {
        struct record head = journal_record(w, RECORD_SETATTR, c->inode);
        journal_results(&head, &st);
        head.set = c->set;
        journal_put(&w->session->journal, &head, &(struct journal_body){0});
    }
    return result < 0 ? result : attr_reply(w, &st);
}

int op_setattr(struct worker *w)
{
    struct change c = {.r = &w->request, .inode = worker_inode(w, w->request.node)};
    bool write = w->request.valid & FATTR_SIZE;
    c.fd = c.inode ? inode_pin(&w->mount->inodes, c.inode, write) : -ESTALE;
    if (c.fd < 0)
        return c.fd;
    snprintf(c.path, sizeof c.path, "/proc/self/fd/%d", c.fd);
    pthread_mutex_lock(&c.inode->lock);
    int result = apply_and_record(w, &c);
    pthread_mutex_unlock(&c.inode->lock);
    inode_unpin(&w->mount->inodes, c.inode);
    return result;
}
