/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/volume/disk.c - block devices by the UUID of what is on them. Every device is asked anew each time: a
 * cache (/run/blkid, /dev/disk/by-uuid) may be older than what another host did to the disk. */
#include "platform/linux/volume/parts.h"

#include <blkid/blkid.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A path of a multipath device, a leg of a mirror: what lies on top has the same UUID and is meant. */
static bool has_holders(const char *name)
{
    char path[NAME_MAX + 32];
    snprintf(path, sizeof path, "/sys/class/block/%s/holders", name);
    DIR *folder = opendir(path);
    unsigned entries = 0;
    while (folder != NULL && readdir(folder) != NULL)
        entries++;
    if (folder != NULL)
        closedir(folder);
    return entries > 2; /* . and .. */
}

static bool is_logical_volume(const char *device)
{
    char path[NAME_MAX + 64], uuid[8] = "";
    snprintf(path, sizeof path, "/sys/class/block/%s/dm/uuid", strrchr(device, '/') + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, uuid, sizeof uuid - 1);
    close(fd);
    return got >= 4 && memcmp(uuid, "LVM-", 4) == 0;
}

static bool has_uuid(blkid_probe probe, const char *uuid, char *type, size_t size)
{
    const char *value;
    blkid_probe_enable_superblocks(probe, 1);
    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_UUID | BLKID_SUBLKS_TYPE);
    if (blkid_do_safeprobe(probe) != 0 || blkid_probe_lookup_value(probe, "UUID", &value, NULL) != 0 ||
        strcasecmp(value, uuid) != 0)
        return false;
    if (blkid_probe_lookup_value(probe, "TYPE", &value, NULL) != 0)
        value = "";
    snprintf(type, size, "%s", value);
    return true;
}

static bool look_at(struct disk *disk, const char *name, const char *uuid)
{
    struct stat facts;
    snprintf(disk->device, sizeof disk->device, "/dev/%s", name);
    for (char *c = disk->device; *c; c++)
        *c = *c == '!' ? '/' : *c; /* the kernel's way of writing cciss/c0d0 */
    if (stat(disk->device, &facts) != 0 || !S_ISBLK(facts.st_mode))
        return false;
    disk->number = facts.st_rdev;
    blkid_probe probe = blkid_new_probe_from_filename(disk->device);
    bool found = probe != NULL && has_uuid(probe, uuid, disk->type, sizeof disk->type);
    blkid_free_probe(probe);
    return found;
}

static enum dr_code search(FILE *partitions, struct disk *found, const char *uuid, struct dr_error *err)
{
    char line[512], name[NAME_MAX + 1];
    struct disk disk;
    while (fgets(line, sizeof line, partitions) != NULL) {
        if (sscanf(line, "%*u %*u %*u %255s", name) != 1 || !look_at(&disk, name, uuid) || has_holders(name))
            continue;
        if (found->device[0] != '\0')
            return dr_fail(err, DR_REFUSED,
                           "volume %s: %s and %s both have this UUID: set up multipath, or give one a new UUID", uuid,
                           found->device, disk.device);
        *found = disk;
    }
    return DR_OK;
}

enum dr_code disk_find(struct disk *disk, const char *uuid, struct dr_error *err)
{
    memset(disk, 0, sizeof *disk);
    FILE *partitions = fopen("/proc/partitions", "re");
    if (partitions == NULL)
        return dr_fail(err, DR_IO, "cannot read /proc/partitions: %s: is /proc mounted?", strerror(errno));
    enum dr_code code = search(partitions, disk, uuid, err);
    fclose(partitions);
    if (code != DR_OK)
        return code;
    if (disk->device[0] == '\0')
        return dr_fail(err, DR_NOT_FOUND,
                       "volume %s: no disk of this host has this UUID: see `blkid`, and for iSCSI whether its session "
                       "is there",
                       uuid);
    if (strcmp(disk->type, "LVM2_member") == 0 || is_logical_volume(disk->device))
        return dr_fail(err, DR_REFUSED,
                       "volume %s: %s belongs to LVM, which is not supported: use a disk or a partition by itself",
                       uuid, disk->device);
    return DR_OK;
}

enum dr_code disk_free(const struct disk *disk, struct dr_error *err)
{
    char where[256];
    int fd = open(disk->device, O_RDONLY | O_EXCL | O_CLOEXEC);
    if (fd >= 0) {
        close(fd);
        return DR_OK;
    }
    if (errno != EBUSY)
        return dr_fail(err, DR_IO, "cannot open %s: %s", disk->device, strerror(errno));
    if (mounted_where(disk->number, where, sizeof where))
        return dr_fail(err, DR_BUSY, "%s is mounted at %s: unmount it there", disk->device, where);
    return dr_fail(err, DR_BUSY,
                   "%s is in use on this host, though it is not mounted here: by a program with mounts of its own (a "
                   "service with PrivateMounts, a container), or one that still has files of it open",
                   disk->device);
}

enum dr_code disk_read(const struct disk *disk, uint64_t offset, uint8_t block[EXT_BLOCK], struct dr_error *err)
{
    void *aligned;
    int fd = open(disk->device, O_RDONLY | O_DIRECT | O_CLOEXEC);
    if (fd < 0)
        return dr_fail(err, DR_IO, "cannot open %s: %s", disk->device, strerror(errno));
    ssize_t got = -1;
    if (posix_memalign(&aligned, EXT_BLOCK, EXT_BLOCK) == 0) {
        got = pread(fd, aligned, EXT_BLOCK, (off_t)offset);
        if (got == (ssize_t)EXT_BLOCK)
            memcpy(block, aligned, EXT_BLOCK);
        free(aligned);
    }
    close(fd);
    if (got != (ssize_t)EXT_BLOCK)
        return dr_fail(err, DR_IO, "cannot read %s: %s", disk->device, got < 0 ? strerror(errno) : "it is too short");
    return DR_OK;
}
