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
    [FUSE_LOOKUP] = {.call = op_lookup, .brief = true},
    [FUSE_GETATTR] = {.call = op_getattr, .brief = true},
    [FUSE_SETATTR] = {.call = op_setattr, .changes = true},
    [FUSE_READLINK] = {.call = op_readlink},
    [FUSE_SYMLINK] = {.call = op_make, .changes = true},
    [FUSE_MKNOD] = {.call = op_make, .changes = true},
    [FUSE_MKDIR] = {.call = op_make, .changes = true},
    [FUSE_CREATE] = {.call = op_make, .changes = true},
    [FUSE_UNLINK] = {.call = op_unlink, .changes = true},
    [FUSE_RMDIR] = {.call = op_rmdir, .changes = true},
    [FUSE_RENAME] = {.call = op_rename, .changes = true},
    [FUSE_RENAME2] = {.call = op_rename, .changes = true},
    [FUSE_LINK] = {.call = op_link, .changes = true},
    [FUSE_OPEN] = {.call = op_open, .brief = true},
    [FUSE_READ] = {.call = op_read},
    [FUSE_WRITE] = {.call = op_write, .changes = true, .brief = true},
    [FUSE_STATFS] = {.call = op_statfs, .brief = true},
    [FUSE_RELEASE] = {.call = op_nothing, .brief = true},
    [FUSE_FSYNC] = {.call = op_fsync},
    [FUSE_SETXATTR] = {.call = op_setxattr, .changes = true},
    [FUSE_GETXATTR] = {.call = op_getxattr, .brief = true},
    [FUSE_LISTXATTR] = {.call = op_listxattr},
    [FUSE_REMOVEXATTR] = {.call = op_removexattr, .changes = true},
    [FUSE_INIT] = {.call = op_init},
    [FUSE_OPENDIR] = {.call = op_opendir},
    [FUSE_READDIR] = {.call = op_readdir},
    [FUSE_READDIRPLUS] = {.call = op_readdirplus},
    [FUSE_RELEASEDIR] = {.call = op_releasedir},
    [FUSE_FSYNCDIR] = {.call = op_fsync},
    [FUSE_DESTROY] = {.call = op_nothing},
    [FUSE_FALLOCATE] = {.call = op_fallocate, .changes = true},
    [FUSE_LSEEK] = {.call = op_lseek},
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
