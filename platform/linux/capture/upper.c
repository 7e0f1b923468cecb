/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/upper.h"

#include "platform/linux/capture/fuse_abi.h"
#include "platform/linux/capture/preflight.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pthread.h>
#include <sched.h>
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

static bool take_dead_away(const char *folder)
{
    while (upper_is_dead(folder))
        if (umount2(folder, MNT_DETACH) != 0)
            return false;
    return true;
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

/* ---- below a dead cover ---- */

struct below {
    struct mount *mount;
    enum dr_code code;
    struct dr_error *err;
};

/* In a mount namespace of this thread alone, where the dead cover can be taken away; what was opened there stays open.
 */
static void *open_below(void *baton)
{
    struct below *b = baton;
    if (unshare(CLONE_FS | CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
        take_dead_away(b->mount->folder))
        b->code = open_lower(b->mount, b->err);
    return NULL;
}

/* A dead cover keeps writers out until it is covered itself. False: it cannot be looked below. */
static bool open_lower_below_dead(struct mount *m, struct dr_error *err)
{
    struct below b = {.mount = m, .code = DR_IO, .err = err};
    pthread_t thread;
    if (pthread_create(&thread, NULL, open_below, &b) != 0)
        return false;
    pthread_join(thread, NULL);
    return b.code == DR_OK;
}

static enum dr_code open_lower_of(struct mount *m, bool *over_dead, struct dr_error *err)
{
    *over_dead = upper_is_dead(m->folder) && open_lower_below_dead(m, err);
    if (*over_dead)
        return DR_OK;
    if (!take_dead_away(m->folder))
        return dr_fail(err, DR_IO, "cannot take away the dead mount on %s: %s: run umount -l there", m->folder,
                       strerror(errno));
    enum dr_code code = upper_check(m->folder, err);
    return code == DR_OK ? open_lower(m, err) : code;
}

/* ---- the cover ---- */

static bool set_options(int context, int fuse)
{
    char number[16], most[16];
    snprintf(number, sizeof number, "%d", fuse);
    snprintf(most, sizeof most, "%u", ABI_WRITE_MAX);
    const char *const options[][2] = {{"source", "drcapture"}, {"subtype", "drcapture"}, {"fd", number},
                                      {"rootmode", "40000"},   {"user_id", "0"},         {"group_id", "0"},
                                      {"max_read", most}};
    for (unsigned i = 0; i < sizeof options / sizeof *options; i++)
        if (fsconfig(context, FSCONFIG_SET_STRING, options[i][0], options[i][1], 0) != 0)
            return false;
    return fsconfig(context, FSCONFIG_SET_FLAG, "allow_other", NULL, 0) == 0 &&
           fsconfig(context, FSCONFIG_SET_FLAG, "default_permissions", NULL, 0) == 0 &&
           fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0;
}

/* Mounted nowhere yet; < 0: errno says why. */
static int make_cover(int fuse)
{
    int context = fsopen("fuse", FSOPEN_CLOEXEC);
    if (context < 0)
        return -1;
    int cover = set_options(context, fuse) ? fsmount(context, FSMOUNT_CLOEXEC, 0) : -1;
    int error = errno;
    close(context);
    errno = error;
    return cover;
}

static bool put(int cover, const char *folder, unsigned flags)
{
    return move_mount(cover, "", AT_FDCWD, folder, MOVE_MOUNT_F_EMPTY_PATH | flags) == 0;
}

#define BENEATH 0x200u /* MOVE_MOUNT_BENEATH, which older headers lack */

/* Where a dead one is in place, beneath it, and that goes; where the kernel cannot (before 6.5), on it: the folder is
 * never bare between the two. */
static bool put_over(int cover, const char *folder, bool over_dead)
{
    if (over_dead && put(cover, folder, BENEATH))
        return umount2(folder, MNT_DETACH) == 0;
    return put(cover, folder, 0);
}

static enum dr_code mount_over(struct mount *m, bool several, bool over_dead, struct dr_error *err)
{
    m->fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC | (several ? O_NONBLOCK : 0));
    if (m->fuse < 0)
        return dr_fail(err, DR_IO, "cannot open /dev/fuse: %s: load the fuse module", strerror(errno));
    int cover = make_cover(m->fuse);
    bool covered = cover >= 0 && put_over(cover, m->folder, over_dead);
    int error = errno;
    if (cover >= 0)
        close(cover);
    return covered ? DR_OK : dr_fail(err, DR_IO, "cannot mount over %s: %s", m->folder, strerror(error));
}

enum dr_code upper_open(struct mount *m, const char *folder, unsigned path, unsigned fds_max, bool several,
                        struct dr_error *err)
{
    const struct file_id root = {.ino = path, .birth = BIRTH_ROOT};
    m->folder = folder;
    m->path = path;
    m->fuse = m->lower = -1;
    bool over_dead;
    if (open_lower_of(m, &over_dead, err) != DR_OK)
        return err->code;
    if (inode_table_init(&m->inodes, m->lower, &root, fds_max, err) != DR_OK)
        return dr_within(err, "cannot protect %s", folder);
    return mount_over(m, several, over_dead, err);
}

void upper_close(struct mount *m, void (*say)(void *baton, const char *line), void *baton)
{
    char line[512];
    if (atomic_load(&m->gone))
        return;
    if (umount2(m->folder, 0) == 0) {
        (void)take_dead_away(m->folder); /* that ours was put on */
        return;
    }
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
