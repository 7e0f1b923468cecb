/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/volume/unmount.c - who is in the way is asked to end, then killed; then force, and lazily at last. */
#include "platform/clock.h"
#include "platform/linux/volume/parts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#define NAP       20
#define KILL_TIME 700 /* of what core reckons with (HA_KILL_TIME): the rest is for force and the last look */
#define LAYERS    16  /* mounts on top of each other */

/* Unmounted, or not mounted any more. */
static bool gone(const char *mount, int flags)
{
    return umount2(mount, UMOUNT_NOFOLLOW | flags) == 0 || errno == EINVAL || errno == ENOENT;
}

static bool gone_by(const char *mount, msec until)
{
    while (!gone(mount, 0)) {
        if (clock_now() >= until)
            return false;
        clock_sleep(NAP);
    }
    return true;
}

static void tell(const struct users *users, int number)
{
    for (unsigned i = 0; i < users->count; i++)
        kill(users->pid[i], number);
}

/* Programs may come as fast as they are ended: each round looks anew. */
static bool end_users(const char *mount, int number, const char *what, msec until, void (*say)(const char *line))
{
    char line[PATH_MAX + 512];
    struct users users;
    do {
        users_find(&users, mount);
        snprintf(line, sizeof line, "%s is in use by %s: %s", mount,
                 users.count ? users.names : "nobody that lsof knows", what);
        say(line);
        tell(&users, number);
        msec round = number == SIGKILL ? clock_now() + 100 : until;
        if (gone_by(mount, round < until ? round : until))
            return true;
    } while (clock_now() < until);
    return false;
}

static bool unmount_one(const char *mount, msec patience, void (*say)(const char *line))
{
    char line[PATH_MAX + 128];
    msec began = clock_now();
    if (gone(mount, 0) || end_users(mount, SIGTERM, "told to end", began + patience, say) ||
        end_users(mount, SIGKILL, "killed", clock_now() + KILL_TIME, say) || gone(mount, MNT_FORCE))
        return true;
    snprintf(line, sizeof line, "%s is still in use: unmounted lazily, so nobody can open anything there any more",
             mount);
    say(line);
    return gone(mount, MNT_DETACH);
}

/* What the kernel still writes after an unmount keeps the disk for a moment. */
static enum dr_code wait_free(const struct disk *disk, msec until, struct dr_error *err)
{
    enum dr_code code;
    while ((code = disk_free(disk, err)) == DR_BUSY && clock_now() < until)
        clock_sleep(NAP);
    return code;
}

enum dr_code volume_release(const struct volume *volume, msec patience, void (*say)(const char *line),
                            struct dr_error *err)
{
    struct disk disk;
    for (unsigned i = 0; i < LAYERS && volume_held(volume->mount); i++)
        if (!unmount_one(volume->mount, patience, say))
            return dr_fail(err, DR_IO, "volume %s: cannot unmount %s: %s", volume->uuid, volume->mount,
                           strerror(errno));
    enum dr_code code = disk_find(&disk, volume->uuid, err);
    if (code != DR_OK)
        return code == DR_NOT_FOUND ? DR_OK : code;
    if (wait_free(&disk, clock_now() + KILL_TIME, err) != DR_OK)
        return dr_within(err, "volume %s: not given up", volume->uuid);
    return DR_OK;
}
