/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/volume/unmount.c - who is in the way is asked to end, then killed; then force, and lazily at last. */
#include "platform/clock.h"
#include "platform/linux/volume/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

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

/* A disk that is gone, or gives nothing any more, has no UUID to tell it by. */
static bool is_lost(const char *device)
{
    uint8_t byte;
    int fd = open(device, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : pread(fd, &byte, 1, 0);
    if (fd >= 0)
        close(fd);
    return strncmp(device, "/dev/", 5) == 0 && got != 1;
}

/* What somebody else mounted there stays. */
static bool is_ours(const struct mounted *found, const struct disk *disk)
{
    if (disk->device[0] == '\0')
        return is_lost(found->source);
    return found->number == disk->number || strcmp(found->source, disk->device) == 0;
}

enum dr_code volume_release(const struct volume *volume, msec patience, void (*say)(const char *line),
                            struct dr_error *err)
{
    struct disk disk;
    struct mounted found;
    enum dr_code code = disk_find(&disk, volume->uuid, err);
    if (code != DR_OK && code != DR_NOT_FOUND)
        return code;
    for (unsigned i = 0; i < LAYERS && mounted_at(volume->mount, &found) && is_ours(&found, &disk); i++)
        if (!unmount_one(volume->mount, patience, say))
            return dr_fail(err, DR_IO, "volume %s: cannot unmount %s: %s", volume->uuid, volume->mount,
                           strerror(errno));
    if (code == DR_NOT_FOUND)
        return DR_OK;
    if (wait_free(&disk, clock_now() + KILL_TIME, err) != DR_OK)
        return dr_within(err, "volume %s: not given up", volume->uuid);
    return DR_OK;
}
