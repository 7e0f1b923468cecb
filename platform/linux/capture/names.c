/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/names.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define TRIES 10

/* Two calls see one object unless the name was given to another between them. For most file systems the id tells;
 * where it does not, the name is asked again. */
static bool same_object(int dir, const char *name, const struct dr_file_handle *handle, const struct stat *st)
{
    struct dr_file_handle again;
    struct dr_error err;
    if (file_handle_id(handle).ino == st->st_ino)
        return true;
    return file_handle_at(dir, name, &again, &err) == DR_OK && memcmp(&again, handle, sizeof again) == 0;
}

int names_get(struct worker *w, int dir, const char *name, struct inode **inode, struct stat *st)
{
    struct dr_file_handle handle;
    struct dr_error err;
    for (unsigned i = 0; i < TRIES; i++) {
        if (file_handle_at(dir, name, &handle, &err) != DR_OK)
            return -errno;
        if (fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW) != 0)
            return -errno;
        if (!same_object(dir, name, &handle, st))
            continue;
        *inode = inode_get(&w->mount->inodes, &handle, st->st_mode);
        return *inode ? 0 : -ENOMEM;
    }
    return -ESTALE;
}

int names_reply(struct worker *w, const struct inode *inode, const struct stat *st)
{
    struct fuse_entry_out out;
    reply_entry(w, &out, inode, st);
    memcpy(w->answer, &out, sizeof out);
    return sizeof out;
}

int64_t names_mtime(int dir)
{
    struct stat st;
    return fstat(dir, &st) == 0 ? journal_mtime(&st) : 0;
}

uint32_t names_left(struct worker *w, struct inode *inode, int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return 0;
    if (st.st_nlink == 0 || S_ISDIR(st.st_mode)) {
        inode_set_nameless(&w->mount->inodes, inode);
        return 0;
    }
    return (uint32_t)st.st_nlink;
}
