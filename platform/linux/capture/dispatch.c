/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/journal.h"
#include "platform/linux/capture/reply.h"

#include <errno.h>
#include <string.h>

/* What is not here is answered ENOSYS: the kernel remembers that, and does without or in another way
 * (COPY_FILE_RANGE becomes reads and writes, FLUSH and ACCESS are not sent again, TMPFILE is EOPNOTSUPP). */
static const struct {
    operation *call;
    bool changes; /* goes through the gate */
} operations[] = {
    [FUSE_LOOKUP] = {op_lookup, false},
    [FUSE_GETATTR] = {op_getattr, false},
    [FUSE_SETATTR] = {op_setattr, true},
    [FUSE_READLINK] = {op_readlink, false},
    [FUSE_SYMLINK] = {op_make, true},
    [FUSE_MKNOD] = {op_make, true},
    [FUSE_MKDIR] = {op_make, true},
    [FUSE_CREATE] = {op_make, true},
    [FUSE_UNLINK] = {op_unlink, true},
    [FUSE_RMDIR] = {op_rmdir, true},
    [FUSE_RENAME] = {op_rename, true},
    [FUSE_RENAME2] = {op_rename, true},
    [FUSE_LINK] = {op_link, true},
    [FUSE_OPEN] = {op_open, false},
    [FUSE_READ] = {op_read, false},
    [FUSE_WRITE] = {op_write, true},
    [FUSE_STATFS] = {op_statfs, false},
    [FUSE_RELEASE] = {op_nothing, false},
    [FUSE_FSYNC] = {op_fsync, false},
    [FUSE_SETXATTR] = {op_setxattr, true},
    [FUSE_GETXATTR] = {op_getxattr, false},
    [FUSE_LISTXATTR] = {op_listxattr, false},
    [FUSE_REMOVEXATTR] = {op_removexattr, true},
    [FUSE_INIT] = {op_init, false},
    [FUSE_OPENDIR] = {op_opendir, false},
    [FUSE_READDIR] = {op_readdir, false},
    [FUSE_READDIRPLUS] = {op_readdirplus, false},
    [FUSE_RELEASEDIR] = {op_releasedir, false},
    [FUSE_FSYNCDIR] = {op_fsync, false},
    [FUSE_DESTROY] = {op_nothing, false},
    [FUSE_FALLOCATE] = {op_fallocate, true},
    [FUSE_LSEEK] = {op_lseek, false},
};

static int carry_out(struct worker *w)
{
    uint32_t opcode = w->request.opcode;
    if (opcode >= sizeof operations / sizeof *operations || !operations[opcode].call)
        return -ENOSYS;
    if (!operations[opcode].changes)
        return operations[opcode].call(w);
    int result = gate_enter(&w->session->gate);
    if (result == 0) {
        result = operations[opcode].call(w);
        gate_leave(&w->session->gate);
    }
    return result;
}

void dispatch(struct worker *w)
{
    uint64_t tail = ring_tail(w->session->journal.ring);
    reply_send(w, carry_out(w));
    if (w->slot) /* refused or failed: there is nothing to record */
        ring_cancel(w->session->journal.ring, w->slot);
    w->slot = NULL;
    if (ring_tail(w->session->journal.ring) != tail)
        journal_wake(&w->session->journal);
}

static void forget(struct worker *w, uint64_t node, uint64_t lookups)
{
    struct inode *inode = node == FUSE_ROOT_ID ? NULL : worker_inode(w, node);
    if (inode)
        inode_put(&w->mount->inodes, inode, lookups);
}

void dispatch_forget(struct worker *w)
{
    const struct request *r = &w->request;
    if (r->opcode == FUSE_FORGET)
        forget(w, r->node, r->length);
    for (uint32_t at = 0; at + sizeof(struct fuse_forget_one) <= r->data_len; at += sizeof(struct fuse_forget_one)) {
        struct fuse_forget_one one;
        memcpy(&one, r->data + at, sizeof one);
        forget(w, one.nodeid, one.nlookup);
    }
}
