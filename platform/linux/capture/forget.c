/* SPDX-License-Identifier: Apache-2.0
 * What the kernel believes of a mount is dropped: names, attributes, contents. */
#include "platform/linux/capture/fuse_abi.h"
#include "platform/linux/capture/upper.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* ENOENT: the kernel does not hold it any more. Other failures mean that the mount is gone, and all of it forgotten. */
static void notify(const struct mount *m, int code, const struct iovec body[2])
{
    struct fuse_out_header head = {.error = code};
    struct iovec parts[] = {{&head, sizeof head}, body[0], body[1]};
    head.len = (uint32_t)(sizeof head + body[0].iov_len + body[1].iov_len);
    (void)!writev(m->fuse, parts, 3);
}

static void forget_name(const struct mount *m, const struct inode *folder, const char *name)
{
    size_t length = strlen(name);
    struct fuse_notify_inval_entry_out out = {.parent = folder->number, .namelen = (uint32_t)length};
    const struct iovec body[2] = {{&out, sizeof out}, {(void *)(uintptr_t)name, length + 1}};
    notify(m, FUSE_NOTIFY_INVAL_ENTRY, body);
}

/* Before epochs: nothing changes things now, so the names of the lower folder are all that the kernel may know. */
static void forget_names(struct mount *m, struct inode *folder)
{
    int fd = inode_pin(&m->inodes, folder, false);
    if (fd < 0)
        return; /* gone: so are its names */
    DIR *dir = fdopendir(openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (const struct dirent *entry; dir && (entry = readdir(dir));)
        forget_name(m, folder, entry->d_name);
    if (dir)
        closedir(dir);
    inode_unpin(&m->inodes, folder);
}

static void forget_inode(void *baton, struct inode *inode)
{
    struct mount *m = baton;
    struct fuse_notify_inval_inode_out out = {.ino = inode->number, .off = 0, .len = 0};
    notify(m, FUSE_NOTIFY_INVAL_INODE, (struct iovec[2]){{&out, sizeof out}});
    if (S_ISDIR(inode->type) && m->minor < ABI_MINOR_EPOCH)
        forget_names(m, inode);
}

void upper_forget(struct mount *m)
{
    if (m->minor >= ABI_MINOR_EPOCH)
        notify(m, ABI_NOTIFY_INC_EPOCH, (struct iovec[2]){{NULL, 0}});
    inode_each(&m->inodes, forget_inode, m);
}
