/* SPDX-License-Identifier: Apache-2.0
 * inode.h - the objects of one mount that the kernel knows, by node number and by file id, and the lower descriptors
 * of those in use. An object is kept as a file handle; descriptors are few, and closed when others need the room. */
#ifndef DR_CAPTURE_INODE_H
#define DR_CAPTURE_INODE_H

#include "platform/file_handle.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>
#include <sys/stat.h>

struct stream; /* an open folder, dir.c */

struct inode {
    pthread_mutex_t lock; /* orders lower calls and their records; README.md, order */
    struct file_id id;    /* as records name it: BIRTH_LOCAL, or the root of a path */
    struct file_id key;   /* as the table knows it */
    struct dr_file_handle handle;
    mode_t type;              /* S_IFMT */
    uint64_t number;          /* the kernel's node */
    uint32_t chained;         /* next number in the hash chain, or in the list of free ones */
    _Atomic uint64_t lookups; /* the kernel's and our own references; 0 = free */

    /* Under `lock`: */
    LIST_HEAD(, stream) streams;
    msec written;          /* the last time, 0 = not yet */
    bool unsettled;        /* it is in session.settling, ... */
    int64_t told_mtime_ns; /* ... and its last record said this */

    /* Under the table's fd_lock: */
    int fd; /* -1: none now */
    unsigned pins;
    bool writable;
    bool nameless; /* no name leads to it and no handle opens it any more: its descriptor is all there is */
    TAILQ_ENTRY(inode) idle;
};

#define INODE_CHUNK  1024u
#define INODE_CHUNKS 65536u

struct inode_table {
    pthread_mutex_t lock;
    struct inode *_Atomic chunk[INODE_CHUNKS];
    uint32_t *bucket;
    uint32_t buckets; /* a power of two */
    uint32_t used, free;
    uint32_t count;

    pthread_mutex_t fd_lock;
    TAILQ_HEAD(inode_idle, inode) idle; /* has a descriptor, no pin; the longest unused first */
    unsigned fds, fds_max;
    int root; /* descriptor of the lower folder: where handles are opened */
};

/* `root_id`: how records name the folder itself, which becomes node 1. `root` stays the caller's. */
enum dr_code inode_table_init(struct inode_table *table, int root, const struct file_id *root_id, unsigned fds_max,
                              struct dr_error *err) DR_MUST_USE;
void inode_table_drop(struct inode_table *table);

/* Node number -> object, or NULL if the kernel was never told of such a node. */
struct inode *inode_of(struct inode_table *table, uint64_t number);
/* The object behind a handle, with one more reference; made if new. NULL: no memory. */
struct inode *inode_get(struct inode_table *table, const struct dr_file_handle *handle, mode_t mode);
/* One more reference to an object that somebody holds. */
void inode_keep(struct inode_table *table, struct inode *inode);
/* Gives references back; an object that has none left is forgotten. */
void inode_put(struct inode_table *table, struct inode *inode, uint64_t lookups);
/* Calls `visit` for every known node, and holds it meanwhile. The table may change. */
void inode_each(struct inode_table *table, void (*visit)(void *baton, struct inode *inode), void *baton);

/* The lower descriptor, kept open until inode_unpin; -errno. Regular files and folders are really opened, files
 * read-write where that is possible (`write`: only if it is); all else with O_PATH. */
int inode_pin(struct inode_table *table, struct inode *inode, bool write);
void inode_unpin(struct inode_table *table, struct inode *inode);
/* Hands over a descriptor that the caller opened anyway (read-write, of a new file). */
void inode_adopt(struct inode_table *table, struct inode *inode, int fd);
/* The last name went away. The caller holds a pin. */
void inode_set_nameless(struct inode_table *table, struct inode *inode);

/* Closes what is open, streams too: of an object that is being forgotten. */
void inode_close(struct inode_table *table, struct inode *inode);

/* Locks up to four objects, some of which may be NULL or the same, in one order for all threads. */
void inode_lock_all(struct inode *set[4]);
void inode_unlock_all(struct inode *const set[4]);

#endif
