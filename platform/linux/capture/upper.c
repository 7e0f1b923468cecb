/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/upper.h"

#include "platform/linux/capture/fuse_abi.h"
#include "platform/linux/capture/preflight.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* A folder on another FUSE mount has no file handles; and if that is a drcapture, one is enough. */
enum dr_code upper_check(const char *folder, struct dr_error *err)
{
    struct stat st;
    struct statfs fs;
    if (stat(folder, &st) != 0 || statfs(folder, &fs) != 0)
        return dr_fail(err, errno == ENOENT ? DR_NOT_FOUND : DR_IO, "cannot protect %s: %s", folder, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return dr_fail(err, DR_INVALID, "cannot protect %s: it is not a folder", folder);
    if (fs.f_type == FUSE_SUPER_MAGIC)
        return dr_fail(err, DR_BUSY, "cannot protect %s: it is a FUSE mount already: does another drcapture run there?",
                       folder);
    return DR_OK;
}

/* statfs, not stat: the attributes of a dead mount's root may still be in the kernel's cache. */
bool upper_is_dead(const char *folder)
{
    struct statfs fs;
    return statfs(folder, &fs) != 0 && errno == ENOTCONN;
}

static enum dr_code clear(const char *folder, struct dr_error *err)
{
    while (upper_is_dead(folder)) {
        if (umount2(folder, MNT_DETACH) != 0)
            return dr_fail(err, DR_IO, "cannot take away the dead mount on %s: %s: run umount -l there", folder,
                           strerror(errno));
    }
    return upper_check(folder, err);
}

/* The folder through a mount of its own: what is mounted over the folder later does not hide it, and nobody else can
 * unmount it. Without the mounts below it: preflight names those. */
static enum dr_code open_lower(struct mount *m, struct dr_error *err)
{
    int tree = open_tree(AT_FDCWD, m->folder, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0)
        return dr_fail(err, DR_IO, "cannot clone the mount below %s: %s: root's rights are needed", m->folder,
                       strerror(errno));
    struct mount_attr private = {.propagation = MS_PRIVATE};
    int error = mount_setattr(tree, "", AT_EMPTY_PATH, &private, sizeof private) != 0 ? errno : 0;
    m->lower = openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (m->lower < 0)
        error = errno;
    close(tree);
    if (error)
        return dr_fail(err, DR_IO, "cannot open what lies below %s: %s", m->folder, strerror(error));
    return DR_OK;
}

static enum dr_code mount_over(struct mount *m, bool several, struct dr_error *err)
{
    char options[160];
    m->fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC | (several ? O_NONBLOCK : 0));
    if (m->fuse < 0)
        return dr_fail(err, DR_IO, "cannot open /dev/fuse: %s: load the fuse module", strerror(errno));
    snprintf(options, sizeof options,
             "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions,max_read=%u", m->fuse,
             ABI_WRITE_MAX);
    if (mount("drcapture", m->folder, "fuse.drcapture", 0, options) != 0)
        return dr_fail(err, DR_IO, "cannot mount over %s: %s", m->folder, strerror(errno));
    return DR_OK;
}

enum dr_code upper_open(struct mount *m, const char *folder, unsigned path, unsigned fds_max, bool several,
                        struct dr_error *err)
{
    const struct file_id root = {.ino = path, .birth = BIRTH_ROOT};
    m->folder = folder;
    m->path = path;
    m->fuse = m->lower = -1;
    if (clear(folder, err) != DR_OK || open_lower(m, err) != DR_OK)
        return err->code;
    if (inode_table_init(&m->inodes, m->lower, &root, fds_max, err) != DR_OK)
        return dr_within(err, "cannot protect %s", folder);
    return mount_over(m, several, err);
}

void upper_close(struct mount *m, void (*say)(void *baton, const char *line), void *baton)
{
    char line[512];
    if (atomic_load(&m->gone) || umount2(m->folder, 0) == 0)
        return;
    if (errno == EBUSY) {
        struct preflight users = {
            .folder = m->folder, .advice = "it gets ENOTCONN from now on", .say = say, .baton = baton};
        preflight_users(&users);
    }
    if (umount2(m->folder, MNT_FORCE | MNT_DETACH) != 0) {
        snprintf(line, sizeof line, "cannot unmount %s: %s", m->folder, strerror(errno));
        say(baton, line);
    }
}

void upper_drop(struct mount *m)
{
    inode_table_drop(&m->inodes);
    if (m->fuse >= 0)
        close(m->fuse);
    if (m->lower >= 0)
        close(m->lower);
}
