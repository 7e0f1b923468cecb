/* SPDX-License-Identifier: Apache-2.0
 * The lower descriptors: one an object, opened by handle when needed and kept while there is room. */
#include "platform/linux/capture/dir.h"
#include "platform/linux/capture/inode.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define EVICT_ON_EMFILE 64

/* Takes the longest unused one out; its descriptor, or -1 if all are in use. */
static int evict(struct inode_table *table)
{
    struct inode *inode = TAILQ_FIRST(&table->idle);
    if (!inode)
        return -1;
    TAILQ_REMOVE(&table->idle, inode, idle);
    int fd = inode->fd;
    inode->fd = -1;
    table->fds--;
    return fd;
}

static void evict_some(struct inode_table *table)
{
    for (unsigned i = 0; i < EVICT_ON_EMFILE; i++) {
        pthread_mutex_lock(&table->fd_lock);
        int fd = evict(table);
        pthread_mutex_unlock(&table->fd_lock);
        if (fd < 0)
            return;
        close(fd);
    }
}

static int open_lower(struct inode_table *table, const struct inode *inode, int flags)
{
    int fd;
    struct dr_error err;
    errno = 0;
    if (file_handle_open(table->root, &inode->handle, flags, &fd, &err) == DR_OK)
        return fd;
    if (errno != EMFILE)
        return err.code == DR_NOT_FOUND ? -ESTALE : -errno;
    evict_some(table);
    return file_handle_open(table->root, &inode->handle, flags, &fd, &err) == DR_OK ? fd : -errno;
}

/* A file that cannot be written at all (immutable, lower mount read-only) is opened for reading. */
static int open_best(struct inode_table *table, const struct inode *inode, bool write, bool *writable)
{
    *writable = false;
    if (S_ISDIR(inode->type))
        return open_lower(table, inode, O_RDONLY | O_DIRECTORY);
    if (!S_ISREG(inode->type))
        return open_lower(table, inode, O_PATH);
    int fd = open_lower(table, inode, O_RDWR);
    *writable = fd >= 0;
    if (fd >= 0 || write || (fd != -EPERM && fd != -EROFS && fd != -EACCES && fd != -ETXTBSY))
        return fd;
    return open_lower(table, inode, O_RDONLY);
}

static int pin_open(struct inode_table *table, struct inode *inode)
{
    if (inode->fd >= 0 && inode->pins++ == 0)
        TAILQ_REMOVE(&table->idle, inode, idle);
    return inode->fd;
}

/* Under fd_lock; another thread may have been faster. Returns what is to be closed, or -1. */
static int pin_opened(struct inode_table *table, struct inode *inode, int fd, bool writable)
{
    if (pin_open(table, inode) >= 0)
        return fd;
    inode->fd = fd;
    inode->writable = writable;
    inode->pins = 1;
    return ++table->fds > table->fds_max ? evict(table) : -1;
}

int inode_pin(struct inode_table *table, struct inode *inode, bool write)
{
    pthread_mutex_lock(&table->fd_lock);
    int fd = pin_open(table, inode);
    bool writable = inode->writable;
    pthread_mutex_unlock(&table->fd_lock);
    if (fd < 0) {
        fd = open_best(table, inode, write, &writable);
        if (fd < 0)
            return fd;
        pthread_mutex_lock(&table->fd_lock);
        int over = pin_opened(table, inode, fd, writable);
        fd = inode->fd;
        writable = inode->writable;
        pthread_mutex_unlock(&table->fd_lock);
        if (over >= 0)
            close(over);
    }
    if (!write || writable)
        return fd;
    inode_unpin(table, inode);
    return -EPERM;
}

void inode_unpin(struct inode_table *table, struct inode *inode)
{
    int closing = -1;
    pthread_mutex_lock(&table->fd_lock);
    if (--inode->pins == 0) {
        TAILQ_INSERT_TAIL(&table->idle, inode, idle);
        if (S_ISREG(inode->type) && !inode->writable) { /* it may become writable: look again next time */
            TAILQ_REMOVE(&table->idle, inode, idle);
            closing = inode->fd;
            inode->fd = -1;
            table->fds--;
        }
    }
    pthread_mutex_unlock(&table->fd_lock);
    if (closing >= 0)
        close(closing);
}

void inode_adopt(struct inode_table *table, struct inode *inode, int fd)
{
    pthread_mutex_lock(&table->fd_lock);
    int over = pin_opened(table, inode, fd, true);
    pthread_mutex_unlock(&table->fd_lock);
    if (over >= 0)
        close(over);
    inode_unpin(table, inode);
}

void inode_set_nameless(struct inode_table *table, struct inode *inode)
{
    pthread_mutex_lock(&table->fd_lock);
    if (!inode->nameless) {
        inode->nameless = true;
        inode->pins++; /* for the rest of its life */
    }
    pthread_mutex_unlock(&table->fd_lock);
}

void inode_close(struct inode_table *table, struct inode *inode)
{
    dir_close_all(inode);
    pthread_mutex_lock(&table->fd_lock);
    int fd = inode->fd;
    if (fd >= 0) {
        if (inode->pins == 0)
            TAILQ_REMOVE(&table->idle, inode, idle);
        table->fds--;
    }
    inode->fd = -1;
    inode->pins = 0;
    pthread_mutex_unlock(&table->fd_lock);
    if (fd >= 0)
        close(fd);
}
