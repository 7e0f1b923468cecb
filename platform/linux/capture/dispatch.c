/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/journal.h"
#include "platform/linux/capture/reply.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* What is not here is answered ENOSYS: the kernel remembers that, and does without or in another way
 * (COPY_FILE_RANGE becomes reads and writes, FLUSH and ACCESS are not sent again, TMPFILE is EOPNOTSUPP). */
static const struct {
    operation *call;
    bool changes; /* goes through the gate */
    bool brief;   /* as a rule */
} operations[] = {
    [FUSE_LOOKUP] = {op_lookup, .brief = true},
    [FUSE_GETATTR] = {op_getattr, .brief = true},
    [FUSE_SETATTR] = {op_setattr, .changes = true},
    [FUSE_READLINK] = {op_readlink},
    [FUSE_SYMLINK] = {op_make, .changes = true},
    [FUSE_MKNOD] = {op_make, .changes = true},
    [FUSE_MKDIR] = {op_make, .changes = true},
    [FUSE_CREATE] = {op_make, .changes = true},
    [FUSE_UNLINK] = {op_unlink, .changes = true},
    [FUSE_RMDIR] = {op_rmdir, .changes = true},
    [FUSE_RENAME] = {op_rename, .changes = true},
    [FUSE_RENAME2] = {op_rename, .changes = true},
    [FUSE_LINK] = {op_link, .changes = true},
    [FUSE_OPEN] = {op_open, .brief = true},
    [FUSE_READ] = {op_read},
    [FUSE_WRITE] = {op_write, .changes = true, .brief = true},
    [FUSE_STATFS] = {op_statfs, .brief = true},
    [FUSE_RELEASE] = {op_nothing, .brief = true},
    [FUSE_FSYNC] = {op_fsync},
    [FUSE_SETXATTR] = {op_setxattr, .changes = true},
    [FUSE_GETXATTR] = {op_getxattr, .brief = true},
    [FUSE_LISTXATTR] = {op_listxattr},
    [FUSE_REMOVEXATTR] = {op_removexattr, .changes = true},
    [FUSE_INIT] = {op_init},
    [FUSE_OPENDIR] = {op_opendir},
    [FUSE_READDIR] = {op_readdir},
    [FUSE_READDIRPLUS] = {op_readdirplus},
    [FUSE_RELEASEDIR] = {op_releasedir},
    [FUSE_FSYNCDIR] = {op_fsync},
    [FUSE_DESTROY] = {op_nothing},
    [FUSE_FALLOCATE] = {op_fallocate, .changes = true},
    [FUSE_LSEEK] = {op_lseek},
};

bool dispatch_is_brief(const struct request *r)
{
    if (r->opcode == FUSE_WRITE && (r->flags & O_DSYNC))
        return false;
    return r->opcode < sizeof operations / sizeof *operations && operations[r->opcode].brief;
}

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
    int result = carry_out(w);
    lead_done(&w->session->lead, w); /* before the answer, which may bring the next request */
    reply_send(w, result);
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
