/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/dir.h"

#include "platform/linux/capture/names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct stream {
    LIST_ENTRY(stream) link;
    pthread_mutex_t lock; /* a place is set and read from there */
    uint64_t number;      /* the kernel's fh */
    int fd;
    off_t at; /* where the descriptor stands */
};

/* As getdents64(2) writes it. */
struct lower_entry {
    uint64_t ino;
    int64_t next;
    uint16_t length;
    uint8_t type;
    char name[];
};

static void stream_free(struct stream *stream)
{
    close(stream->fd);
    pthread_mutex_destroy(&stream->lock);
    free(stream);
}

void dir_close_all(struct inode *inode)
{
    while (!LIST_EMPTY(&inode->streams)) {
        struct stream *stream = LIST_FIRST(&inode->streams);
        LIST_REMOVE(stream, link);
        stream_free(stream);
    }
}

/* Under the inode's lock. */
static struct stream *stream_of(const struct inode *inode, uint64_t number)
{
    struct stream *stream;
    LIST_FOREACH(stream, &inode->streams, link)
    {
        if (stream->number == number)
            return stream;
    }
    return NULL;
}

static int stream_new(struct worker *w, struct inode *inode, struct stream **out)
{
    int dir = inode_pin(&w->mount->inodes, inode, false);
    if (dir < 0)
        return dir;
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = errno;
    inode_unpin(&w->mount->inodes, inode);
    struct stream *stream = fd < 0 ? NULL : calloc(1, sizeof *stream);
    if (!stream) {
        if (fd >= 0)
            close(fd);
        return fd < 0 ? -error : -ENOMEM;
    }
    pthread_mutex_init(&stream->lock, NULL);
    stream->fd = fd;
    *out = stream;
    return 0;
}

int op_opendir(struct worker *w)
{
    struct inode *inode = worker_inode(w, w->request.node);
    struct stream *stream;
    int result = inode ? stream_new(w, inode, &stream) : -ESTALE;
    if (result < 0)
        return result;
    pthread_mutex_lock(&inode->lock);
    stream->number = LIST_EMPTY(&inode->streams) ? 1 : LIST_FIRST(&inode->streams)->number + 1;
    LIST_INSERT_HEAD(&inode->streams, stream, link);
    pthread_mutex_unlock(&inode->lock);
    struct fuse_open_out out = {.fh = stream->number};
    memcpy(w->answer, &out, sizeof out);
    return sizeof out;
}

int op_releasedir(struct worker *w)
{
    struct inode *inode = worker_inode(w, w->request.node);
    if (!inode)
        return -ESTALE;
    pthread_mutex_lock(&inode->lock);
    struct stream *stream = stream_of(inode, w->request.fh);
    if (stream)
        LIST_REMOVE(stream, link);
    pthread_mutex_unlock(&inode->lock);
    if (stream)
        stream_free(stream);
    return 0;
}

/* ---- listing ---- */

struct listing {
    struct worker *w;
    int dir;
    bool plus; /* with attributes: each entry is a lookup too */
    size_t used, room;
};

static bool is_dot(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/* Attributes of an entry; "." and "..", and what has gone meanwhile, come without (node 0: no reference). */
static void fill_entry(const struct listing *l, const struct lower_entry *e, struct fuse_entry_out *out)
{
    struct inode *inode;
    struct stat st;
    memset(out, 0, sizeof *out);
    if (!is_dot(e->name) && names_get(l->w, l->dir, e->name, &inode, &st) == 0)
        reply_entry(l->w, out, inode, &st);
}

static bool add_entry(struct listing *l, const struct lower_entry *e)
{
    size_t name_len = strlen(e->name), head = l->plus ? sizeof(struct fuse_entry_out) : 0;
    size_t length = FUSE_DIRENT_ALIGN(head + FUSE_NAME_OFFSET + name_len);
    if (l->used + length > l->room)
        return false;
    uint8_t *at = l->w->answer + l->used;
    memset(at + length - 8, 0, 8);
    if (l->plus) {
        struct fuse_entry_out entry;
        fill_entry(l, e, &entry);
        memcpy(at, &entry, sizeof entry);
    }
    struct fuse_dirent dirent = {
        .ino = e->ino, .off = (uint64_t)e->next, .namelen = (uint32_t)name_len, .type = e->type};
    memcpy(at + head, &dirent, FUSE_NAME_OFFSET);
    memcpy(at + head + FUSE_NAME_OFFSET, e->name, name_len);
    l->used += length;
    return true;
}

/* Adds what fits of one batch of lower entries; false when the answer is full. */
static bool add_batch(struct listing *l, const uint8_t *batch, long size, off_t *next)
{
    for (long at = 0; at < size;) {
        const struct lower_entry *e = (const struct lower_entry *)(batch + at);
        if (!add_entry(l, e))
            return false;
        *next = e->next;
        at += e->length;
    }
    return true;
}

static int list(struct listing *l, struct stream *stream, off_t from)
{
    uint8_t *batch = l->w->bytes; /* the request is decoded, and its bytes are not used any more */
    off_t next = from;
    if (stream->at != from && lseek(stream->fd, from, SEEK_SET) < 0)
        return -errno;
    for (;;) {
        /* A little more than fits is read, and read again next time. */
        size_t ask = (l->room - l->used) / (l->plus ? 4 : 1) + 300;
        long n = syscall(SYS_getdents64, stream->fd, batch, ask < REQUEST_MAX ? ask : REQUEST_MAX);
        stream->at = -1;
        if (n < 0)
            return l->used ? (int)l->used : -errno;
        if (n == 0 || !add_batch(l, batch, n, &next))
            break;
        stream->at = next;
    }
    return (int)l->used;
}

static int list_stream(struct worker *w, bool plus)
{
    const struct request *r = &w->request;
    struct inode *inode = worker_inode(w, r->node);
    if (!inode)
        return -ESTALE;
    pthread_mutex_lock(&inode->lock);
    struct stream *stream = stream_of(inode, r->fh);
    pthread_mutex_unlock(&inode->lock);
    if (!stream)
        return -EBADF;
    struct listing l = {.w = w, .dir = stream->fd, .plus = plus, .room = r->size < ANSWER_MAX ? r->size : ANSWER_MAX};
    pthread_mutex_lock(&stream->lock);
    int result = list(&l, stream, (off_t)r->offset);
    pthread_mutex_unlock(&stream->lock);
    return result;
}

int op_readdir(struct worker *w)
{
    return list_stream(w, false);
}

int op_readdirplus(struct worker *w)
{
    return list_stream(w, true);
}
