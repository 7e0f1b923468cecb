/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/volume/parts.h - shared by the files of this folder; README.md says which is for what. */
#ifndef DR_PLATFORM_LINUX_VOLUME_PARTS_H
#define DR_PLATFORM_LINUX_VOLUME_PARTS_H

#include "platform/linux/tool.h"
#include "platform/linux/volume/ext.h"
#include "platform/volume.h"

#include <limits.h>
#include <sys/types.h>

/* ---- disk.c ---- */
struct disk {
    char device[NAME_MAX + 8]; /* /dev/... */
    char type[32];             /* of its file system, as the kernel calls it */
    dev_t number;
};
/* DR_NOT_FOUND; DR_REFUSED: LVM, or two disks have that UUID. */
enum dr_code disk_find(struct disk *disk, const char *uuid, struct dr_error *err) DR_MUST_USE;
/* Does nothing on this host use it, in any mount namespace? DR_BUSY. */
enum dr_code disk_free(const struct disk *disk, struct dr_error *err) DR_MUST_USE;
/* Reads past the cache: another host may have written. */
enum dr_code disk_read(const struct disk *disk, uint64_t offset, uint8_t block[EXT_BLOCK],
                       struct dr_error *err) DR_MUST_USE;

/* ---- table.c ---- */
struct mounted {
    dev_t number;
    char source[PATH_MAX];
};
/* What lies on top at this mount point. */
bool mounted_at(const char *mount, struct mounted *found);
/* Where a disk is mounted; false: nowhere in this mount namespace. */
bool mounted_where(dev_t number, char *mount, size_t size);

/* ---- users.c ---- */
#define USERS_MAX 64
struct users {
    unsigned count;
    pid_t pid[USERS_MAX];
    char names[256]; /* "postgres (812), bash (97)" */
};
/* Who has files of the file system at this mount point open, this process left out. */
void users_find(struct users *users, const char *mount);

#endif
