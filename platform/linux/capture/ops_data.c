/* SPDX-License-Identifier: Apache-2.0
 * Contents of files. The lower call and its record happen under one lock of the inode: two writes that overlap are
 * recorded in the order in which they reached the lower file. */
#include "platform/linux/capture/journal.h"
#include "platform/linux/capture/reply.h"
#include "platform/linux/capture/settle.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define WRITE_PIECE ((ssize_t)(64 << 10))

int op_nothing(struct worker *w)
{
    (void)w;
    return 0;
}

int op_open(struct worker *w)
{
    bool write = (w->request.flags & O_ACCMODE) != O_RDONLY;
    if (write && !gate_is_open(&w->session->gate))
        return -EROFS;
    struct inode *inode = worker_inode(w, w->request.node);
    int fd = inode ? inode_pin(&w->mount->inodes, inode, write) : -ESTALE;
    if (fd < 0)
        return fd;
    inode_unpin(&w->mount->inodes, inode);
    struct fuse_open_out out = {.open_flags = reply_open_flags(w)};
    memcpy(w->answer, &out, sizeof out);
    return sizeof out;
}

int op_read(struct worker *w)
{
    const struct request *r = &w->request;
    struct inode *inode = worker_inode(w, r->node);
    int fd = inode ? inode_pin(&w->mount->inodes, inode, false) : -ESTALE;
    if (fd < 0)
        return fd;
    ssize_t n = pread(fd, w->answer, r->size < ANSWER_MAX ? r->size : ANSWER_MAX, (off_t)r->offset);
    int result = n < 0 ? -errno : (int)n;
    inode_unpin(&w->mount->inodes, inode);
    return result;
}

/* Set-id bits go when someone writes who may not keep them. The lower kernel sees us, who may. */
static int drop_set_ids(int fd, uint32_t *set, struct stat *st)
{
    mode_t kept = st->st_mode & ~(mode_t)(S_ISUID | (st->st_mode & S_IXGRP ? S_ISGID : 0));
    if (kept == st->st_mode)
        return 0;
    if (fchmod(fd, kept & 07777) != 0 || fstat(fd, st) != 0)
        return -errno;
    *set |= RECORD_SET_MODE;
    return 0;
}

/* The kernel sends no FSYNC after a direct write with O_SYNC or O_DSYNC: the write itself has to last. */
static int write_flags(const struct request *r)
{
    bool direct = (r->flags & O_ACCMODE) == O_WRONLY || (r->flags & O_DIRECT);
    if (!direct || (r->fuse_flags & FUSE_WRITE_CACHE) || !(r->flags & O_DSYNC))
        return 0;
    return (r->flags & O_SYNC) == O_SYNC ? RWF_SYNC : RWF_DSYNC;
}

static void record_write(struct worker *w, struct record *head, size_t length)
{
    struct journal *journal = &w->session->journal;
    head->length = length;
    if (!w->slot) {
        journal_put(journal, head, &(struct journal_body){.data = w->request.data, .data_len = length});
        return;
    }
    head->data_len = (uint32_t)length;
    journal_put_slot(journal, head, w->slot);
    w->slot = NULL;
}

/* In pieces: a lower file system takes as large a folio as one call fills, and ext4 looks at each block of a folio for
 * every later write into it: 8 KiB into folios of 1 MiB cost 20 us more than into those of 64 KiB. */
static ssize_t write_pieces(int fd, const struct request *r)
{
    int flags = write_flags(r);
    size_t done = 0;
    ssize_t n;
    do {
        size_t length = r->data_len - done < WRITE_PIECE ? r->data_len - done : WRITE_PIECE;
        struct iovec piece = {(uint8_t *)(uintptr_t)r->data + done, length};
        n = pwritev2(fd, &piece, 1, (off_t)(r->offset + done), flags);
        done += n > 0 ? (size_t)n : 0;
    } while (n == WRITE_PIECE && done < r->data_len);
    return n < 0 && done == 0 ? -errno : (ssize_t)done;
}

static int write_locked(struct worker *w, struct inode *inode, int fd)
{
    const struct request *r = &w->request;
    ssize_t n = write_pieces(fd, r);
    if (n < 0)
        return (int)n;
    struct stat st;
    struct record head = journal_record(w, RECORD_WRITE, inode);
    int result = settle_stat(w, inode, fd, &st);
    if (result == 0 && (r->fuse_flags & FUSE_WRITE_KILL_SUIDGID))
        result = drop_set_ids(fd, &head.set, &st);
    if (result < 0)
        journal_break(&w->session->journal, "a written file could not be read back");
    journal_results(&head, &st);
    head.offset = r->offset;
    record_write(w, &head, (size_t)n);
    return result < 0 ? result : (int)n;
}

int op_write(struct worker *w)
{
    struct inode *inode = worker_inode(w, w->request.node);
    int fd = inode ? inode_pin(&w->mount->inodes, inode, true) : -ESTALE;
    if (fd < 0)
        return fd;
    pthread_mutex_lock(&inode->lock);
    int result = write_locked(w, inode, fd);
    pthread_mutex_unlock(&inode->lock);
    inode_unpin(&w->mount->inodes, inode);
    if (result < 0)
        return result;
    struct fuse_write_out out = {.size = (uint32_t)result};
    memcpy(w->answer, &out, sizeof out);
    return sizeof out;
}

static void record_barrier(struct worker *w, const struct inode *inode)
{
    if (gate_enter(&w->session->gate) != 0)
        return; /* a slave's records come from the master */
    struct record head = journal_record(w, RECORD_BARRIER, inode);
    journal_put(&w->session->journal, &head, &(struct journal_body){0});
    gate_leave(&w->session->gate);
}

/* FSYNC and FSYNCDIR. */
int op_fsync(struct worker *w)
{
    struct inode *inode = worker_inode(w, w->request.node);
    int fd = inode ? inode_pin(&w->mount->inodes, inode, false) : -ESTALE;
    if (fd < 0)
        return fd;
    int result = w->request.flags & FUSE_FSYNC_FDATASYNC ? fdatasync(fd) : fsync(fd);
    result = result != 0 ? -errno : 0;
    inode_unpin(&w->mount->inodes, inode);
    if (result == 0)
        record_barrier(w, inode);
    return result;
}

/* The kernel leaves it to us, without saying what the caller may keep: root may. */
static int allocated(struct worker *w, const struct inode *inode, int fd, struct stat *st)
{
    uint32_t set = 0;
    int result = fstat(fd, st) == 0 ? 0 : -errno;
    if (result == 0 && w->request.uid != 0)
        result = drop_set_ids(fd, &set, st);
    if (set) {
        struct record head = journal_record(w, RECORD_SETATTR, inode);
        journal_results(&head, st);
        head.set = set;
        journal_put(&w->session->journal, &head, &(struct journal_body){0});
    }
    return result;
}

static int fallocate_locked(struct worker *w, const struct inode *inode, int fd)
{
    const struct request *r = &w->request;
    struct stat st;
    if (fallocate(fd, (int)r->mode, (off_t)r->offset, (off_t)r->length) != 0)
        return -errno;
    int result = allocated(w, inode, fd, &st);
    if (result < 0) {
        journal_break(&w->session->journal, "an allocated file could not be read back");
        return result;
    }
    struct record head = journal_record(w, RECORD_FALLOCATE, inode);
    journal_results(&head, &st);
    head.offset = r->offset;
    head.length = r->length;
    head.rdev = r->mode;
    journal_put(&w->session->journal, &head, &(struct journal_body){0});
    return 0;
}

int op_fallocate(struct worker *w)
{
    const uint32_t keep = FALLOC_FL_KEEP_SIZE, punch = FALLOC_FL_PUNCH_HOLE | keep, zero = FALLOC_FL_ZERO_RANGE;
    uint32_t mode = w->request.mode;
    if (mode != 0 && mode != keep && mode != punch && mode != zero && mode != (zero | keep))
        return -EOPNOTSUPP; /* those that move data */
    struct inode *inode = worker_inode(w, w->request.node);
    int fd = inode ? inode_pin(&w->mount->inodes, inode, true) : -ESTALE;
    if (fd < 0)
        return fd;
    pthread_mutex_lock(&inode->lock);
    int result = fallocate_locked(w, inode, fd);
    pthread_mutex_unlock(&inode->lock);
    inode_unpin(&w->mount->inodes, inode);
    return result;
}

/* SEEK_DATA and SEEK_HOLE; the kernel does the others itself. They give a place and leave none: the descriptor's
 * position means nothing to us. */
int op_lseek(struct worker *w)
{
    const struct request *r = &w->request;
    struct inode *inode = worker_inode(w, r->node);
    int fd = inode ? inode_pin(&w->mount->inodes, inode, false) : -ESTALE;
    if (fd < 0)
        return fd;
    off_t at = lseek(fd, (off_t)r->offset, (int)r->fuse_flags);
    struct fuse_lseek_out out = {.offset = (uint64_t)at};
    int result = at < 0 ? -errno : (int)sizeof out;
    inode_unpin(&w->mount->inodes, inode);
    memcpy(w->answer, &out, sizeof out);
    return result;
}
