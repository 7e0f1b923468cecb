/* SPDX-License-Identifier: Apache-2.0
 * Names that are looked up, added, taken away and moved. The kernel holds the folders concerned while it asks, so a
 * name means the same object before and after our locks are taken. */
#include "platform/linux/capture/names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int op_lookup(struct worker *w)
{
    struct inode *parent = worker_inode(w, w->request.node), *inode;
    struct stat st;
    int dir = parent ? inode_pin(&w->mount->inodes, parent, false) : -ESTALE;
    if (dir < 0)
        return dir;
    int result = names_get(w, dir, w->request.name, &inode, &st);
    inode_unpin(&w->mount->inodes, parent);
    return result < 0 ? result : names_reply(w, inode, &st);
}

static void record_link(struct worker *w, const struct inode *parent, int dir, const struct inode *inode,
                        const struct stat *st)
{
    struct record head = journal_record(w, RECORD_LINK, inode);
    head.parent = parent->id;
    head.parent_mtime_ns = names_mtime(dir);
    journal_results(&head, st);
    journal_put(&w->session->journal, &head, &(struct journal_body){.name = w->request.name});
}

static int link_locked(struct worker *w, const struct inode *parent, int dir, struct inode *inode, int fd)
{
    struct stat st;
    if (linkat(fd, "", dir, w->request.name, AT_EMPTY_PATH) != 0)
        return -errno;
    if (fstat(fd, &st) != 0) {
        journal_break(&w->session->journal, "a new link could not be read back");
        return -EIO;
    }
    record_link(w, parent, dir, inode, &st);
    struct inode *again = inode_get(&w->mount->inodes, &inode->handle, st.st_mode); /* the kernel's reference */
    return again ? names_reply(w, again, &st) : -ENOMEM;
}

int op_link(struct worker *w)
{
    struct inode_table *table = &w->mount->inodes;
    struct inode *parent = worker_inode(w, w->request.node), *inode = worker_inode(w, w->request.node2);
    int dir = parent && inode ? inode_pin(table, parent, false) : -ESTALE;
    if (dir < 0)
        return dir;
    int result = inode_pin(table, inode, false);
    if (result >= 0) {
        struct inode *locked[4] = {parent, inode};
        inode_lock_all(locked);
        result = link_locked(w, parent, dir, inode, result);
        inode_unlock_all(locked);
        inode_unpin(table, inode);
    }
    inode_unpin(table, parent);
    return result;
}

static int remove_locked(struct worker *w, const struct inode *parent, int dir, struct inode *inode, int fd)
{
    bool folder = w->request.opcode == FUSE_RMDIR;
    if (unlinkat(dir, w->request.name, folder ? AT_REMOVEDIR : 0) != 0)
        return -errno;
    struct record head = journal_record(w, folder ? RECORD_RMDIR : RECORD_UNLINK, inode);
    head.parent = parent->id;
    head.parent_mtime_ns = names_mtime(dir);
    head.links = names_left(w, inode, fd);
    journal_put(&w->session->journal, &head, &(struct journal_body){.name = w->request.name});
    return 0;
}

static int remove_named(struct worker *w, struct inode *parent, int dir)
{
    struct inode_table *table = &w->mount->inodes;
    struct inode *inode;
    struct stat st;
    int result = names_get(w, dir, w->request.name, &inode, &st);
    if (result < 0)
        return result;
    /* Held open while its last name goes: afterwards no handle would find it. */
    result = inode_pin(table, inode, false);
    if (result >= 0) {
        struct inode *locked[4] = {parent, inode};
        inode_lock_all(locked);
        result = remove_locked(w, parent, dir, inode, result);
        inode_unlock_all(locked);
        inode_unpin(table, inode);
    }
    inode_put(table, inode, 1);
    return result;
}

static int remove_entry(struct worker *w)
{
    struct inode *parent = worker_inode(w, w->request.node);
    int dir = parent ? inode_pin(&w->mount->inodes, parent, false) : -ESTALE;
    if (dir < 0)
        return dir;
    int result = remove_named(w, parent, dir);
    inode_unpin(&w->mount->inodes, parent);
    return result;
}

int op_unlink(struct worker *w)
{
    return remove_entry(w);
}

int op_rmdir(struct worker *w)
{
    return remove_entry(w);
}

/* ---- rename ---- */

struct move {
    struct inode *from, *to; /* folders */
    int from_fd, to_fd;
    struct inode *file, *other; /* other: what stands at the new name, or NULL */
    int other_fd;
};

static void record_move(struct worker *w, const struct move *m)
{
    bool exchange = w->request.flags & RENAME_EXCHANGE;
    struct record head = journal_record(w, exchange ? RECORD_EXCHANGE : RECORD_RENAME, m->file);
    head.parent = m->from->id;
    head.parent2 = m->to->id;
    head.parent_mtime_ns = names_mtime(m->from_fd);
    head.parent2_mtime_ns = names_mtime(m->to_fd);
    if (m->other) {
        head.other = m->other->id;
        head.links = exchange ? 0 : names_left(w, m->other, m->other_fd);
    }
    const struct journal_body body = {.name = w->request.name, .name2 = w->request.name2};
    journal_put(&w->session->journal, &head, &body);
}

static int move_locked(struct worker *w, const struct move *m)
{
    const struct request *r = &w->request;
    if (renameat2(m->from_fd, r->name, m->to_fd, r->name2, (unsigned)r->flags) != 0)
        return -errno;
    if (m->file != m->other) /* two names of one file: nothing happened, both stay */
        record_move(w, m);
    return 0;
}

static int move_with(struct worker *w, struct move *m)
{
    struct inode_table *table = &w->mount->inodes;
    if (m->other) {
        m->other_fd = inode_pin(table, m->other, false);
        if (m->other_fd < 0)
            return m->other_fd;
    }
    struct inode *locked[4] = {m->from, m->to, m->file, m->other};
    inode_lock_all(locked);
    int result = move_locked(w, m);
    inode_unlock_all(locked);
    if (m->other)
        inode_unpin(table, m->other);
    return result;
}

static int move_between(struct worker *w, struct move *m)
{
    struct inode_table *table = &w->mount->inodes;
    struct stat st;
    int result = names_get(w, m->from_fd, w->request.name, &m->file, &st);
    if (result < 0)
        return result;
    result = names_get(w, m->to_fd, w->request.name2, &m->other, &st);
    if (result == 0 || result == -ENOENT)
        result = move_with(w, m);
    if (m->other)
        inode_put(table, m->other, 1);
    inode_put(table, m->file, 1);
    return result;
}

int op_rename(struct worker *w)
{
    struct inode_table *table = &w->mount->inodes;
    struct move m = {.from = worker_inode(w, w->request.node), .to = worker_inode(w, w->request.node2)};
    if (!m.from || !m.to)
        return -ESTALE;
    if (w->request.flags & ~(uint64_t)(RENAME_EXCHANGE | RENAME_NOREPLACE))
        return -EINVAL; /* RENAME_WHITEOUT is for layers of union mounts */
    m.from_fd = inode_pin(table, m.from, false);
    if (m.from_fd < 0)
        return m.from_fd;
    m.to_fd = inode_pin(table, m.to, false);
    int result = m.to_fd;
    if (result >= 0) {
        result = move_between(w, &m);
        inode_unpin(table, m.to);
    }
    inode_unpin(table, m.from);
    return result;
}
