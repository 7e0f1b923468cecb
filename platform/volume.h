/* SPDX-License-Identifier: Apache-2.0
 * platform/volume.h - shared disks that one host at a time has mounted, known by the UUID of their file system.
 * Whoever touches a disk may wait for as long as its storage hangs: volume_take() and volume_release() are for a child
 * process that somebody else can leave behind. The others read what the kernel knows, and wait for nothing. */
#ifndef DR_PLATFORM_VOLUME_H
#define DR_PLATFORM_VOLUME_H

#include "core/error.h"
#include "core/types.h"

/* Check before it is mounted: never; if the file system itself says that it has errors; always. */
enum volume_fsck { VOLUME_FSCK_OFF, VOLUME_FSCK_AUTO, VOLUME_FSCK_ALWAYS };

struct volume {
    const char *uuid;    /* of the file system */
    const char *mount;   /* an existing folder */
    const char *options; /* as for mount(8), separated by commas; "" = none */
    enum volume_fsck fsck;
};

#define VOLUME_NO_LSOF 2143 /* the family's number for a host that cannot name the users of a volume */

/* DR_NOT_FOUND, with error 2143: lsof is missing. */
enum dr_code volume_tools(struct dr_error *err) DR_MUST_USE;

/* Is a disk mounted at this mount point, here? */
bool volume_held(const char *mount);

/* Finds the disk, makes sure that nothing on this host uses it and (ext4 with multiple-mount protection) that no other
 * host does, checks and mounts it. Already there: success. Nothing of it shows before its very last step, so that a
 * child that is killed in time has not mounted. DR_REFUSED: LVM, or it is in use elsewhere, which is named. */
enum dr_code volume_take(const struct volume *volume, struct dr_error *err) DR_MUST_USE;

/* Unmounts it; what else is mounted there stays. Who uses it is named through `say` and told to end (SIGTERM), after
 * `patience` killed; then it is unmounted by force, and lazily at last. Success only if the disk is used by nothing on
 * this host any more; DR_BUSY names what still does. Not mounted, or no such disk: success. */
enum dr_code volume_release(const struct volume *volume, msec patience, void (*say)(const char *line),
                            struct dr_error *err) DR_MUST_USE;

#endif
