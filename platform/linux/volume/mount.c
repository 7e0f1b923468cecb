/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/volume/mount.c - fsopen(2) and friends: README.md says why not mount(2). */
#include "platform/linux/volume/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define FSCK_MENDED 3 /* exit statuses up to here: all well, mended, mended and a restart is advised (fsck(8)) */

/* ---- options ---- */

/* Those of mount(8) that belong to the mount, not to the file system. */
static bool of_the_mount(const char *word, uint64_t *attributes)
{
    static const struct {
        const char *word;
        uint64_t clear, set;
    } table[] = {{"nosuid", 0, MOUNT_ATTR_NOSUID},
                 {"suid", MOUNT_ATTR_NOSUID, 0},
                 {"nodev", 0, MOUNT_ATTR_NODEV},
                 {"dev", MOUNT_ATTR_NODEV, 0},
                 {"noexec", 0, MOUNT_ATTR_NOEXEC},
                 {"exec", MOUNT_ATTR_NOEXEC, 0},
                 {"nodiratime", 0, MOUNT_ATTR_NODIRATIME},
                 {"noatime", MOUNT_ATTR__ATIME, MOUNT_ATTR_NOATIME},
                 {"relatime", MOUNT_ATTR__ATIME, 0},
                 {"strictatime", MOUNT_ATTR__ATIME, MOUNT_ATTR_STRICTATIME},
                 {"defaults", 0, 0},
                 {"auto", 0, 0},
                 {"noauto", 0, 0},
                 {"nofail", 0, 0},
                 {"_netdev", 0, 0}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(word, table[i].word) == 0) {
            *attributes = (*attributes & ~table[i].clear) | table[i].set;
            return true;
        }
    return strncmp(word, "x-", 2) == 0 || strncmp(word, "X-", 2) == 0;
}

static int give_option(int context, char *word, uint64_t *attributes)
{
    char *value = strchr(word, '=');
    if (word[0] == '\0' || of_the_mount(word, attributes))
        return 0;
    if (value == NULL)
        return fsconfig(context, FSCONFIG_SET_FLAG, word, NULL, 0);
    *value++ = '\0';
    return fsconfig(context, FSCONFIG_SET_STRING, word, value, 0);
}

/* What the kernel has to say about the last call (it puts a letter in front), or what errno means. */
static const char *kernel_says(int context, char *text, size_t size)
{
    int why = errno;
    ssize_t got = read(context, text, size - 1);
    if (got <= 2)
        return strerror(why);
    text[got - (text[got - 1] == '\n')] = '\0';
    return text + 2;
}

static enum dr_code give_options(int context, const struct volume *volume, uint64_t *attributes, struct dr_error *err)
{
    char options[512], says[256];
    snprintf(options, sizeof options, "%s", volume->options);
    for (char *word = options, *next; word != NULL; word = next) {
        next = strchr(word, ',');
        if (next != NULL)
            *next++ = '\0';
        if (give_option(context, word, attributes) != 0)
            return dr_fail(err, DR_INVALID, "volume %s: mount option %s: %s", volume->uuid, word,
                           kernel_says(context, says, sizeof says));
    }
    return DR_OK;
}

/* ---- multiple-mount protection ---- */

static bool read_mmp(const struct disk *disk, struct ext_super *super, struct ext_mmp *mmp)
{
    uint8_t block[EXT_BLOCK];
    struct dr_error err;
    return disk_read(disk, 0, block, &err) == DR_OK && ext_super_decode(super, block) && super->mmp &&
           disk_read(disk, super->mmp_at, block, &err) == DR_OK && ext_mmp_decode(mmp, block);
}

static enum dr_code not_mounted(const struct volume *volume, const struct disk *disk, int context, struct dr_error *err)
{
    struct ext_super super;
    struct ext_mmp mmp;
    char says[256];
    int why = errno;
    bool busy = why == EBUSY, known = busy && read_mmp(disk, &super, &mmp);
    if (known && mmp.state == EXT_MMP_FSCK)
        return dr_fail(err, DR_REFUSED,
                       "volume %s: a check by host %s was broken off: once nothing uses it anywhere, `tune2fs -f -E "
                       "clear_mmp %s`",
                       volume->uuid, mmp.host, disk->device);
    if (known)
        return dr_fail(err, DR_REFUSED,
                       "volume %s: %s is mounted on host %s (multiple-mount protection of ext4): unmount it there, or "
                       "switch that host off",
                       volume->uuid, disk->device, mmp.host);
    errno = why;
    return dr_fail(err, busy ? DR_REFUSED : DR_IO, "volume %s: cannot mount %s (%s) at %s: %s", volume->uuid,
                   disk->device, disk->type, volume->mount, kernel_says(context, says, sizeof says));
}

/* ---- mounting ---- */

/* The long part; nothing of it shows. */
static enum dr_code create(int context, const struct volume *volume, const struct disk *disk, int *made,
                           struct dr_error *err)
{
    uint64_t attributes = 0;
    enum dr_code code = give_options(context, volume, &attributes, err);
    if (code != DR_OK)
        return code;
    if (fsconfig(context, FSCONFIG_SET_STRING, "source", disk->device, 0) != 0 ||
        fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
        return not_mounted(volume, disk, context, err);
    *made = fsmount(context, FSMOUNT_CLOEXEC, (unsigned)attributes);
    return *made >= 0 ? DR_OK : not_mounted(volume, disk, context, err);
}

static enum dr_code show(int made, const struct volume *volume, struct dr_error *err)
{
    if (move_mount(made, "", AT_FDCWD, volume->mount, MOVE_MOUNT_F_EMPTY_PATH) == 0)
        return DR_OK;
    return dr_fail(err, DR_IO, "volume %s: cannot mount at %s: %s", volume->uuid, volume->mount, strerror(errno));
}

static enum dr_code mount_it(const struct volume *volume, const struct disk *disk, struct dr_error *err)
{
    int made = -1, context = fsopen(disk->type, FSOPEN_CLOEXEC);
    if (context < 0)
        return dr_fail(err, DR_REFUSED, "volume %s: this kernel cannot mount %s, which is on %s: %s", volume->uuid,
                       disk->type, disk->device, strerror(errno));
    enum dr_code code = create(context, volume, disk, &made, err);
    if (code == DR_OK)
        code = show(made, volume, err);
    if (made >= 0)
        close(made);
    close(context);
    return code;
}

/* ---- before it ---- */

static bool needs_fsck(const struct volume *volume, const struct disk *disk)
{
    uint8_t block[EXT_BLOCK];
    struct ext_super super;
    struct dr_error err;
    if (volume->fsck != VOLUME_FSCK_AUTO)
        return volume->fsck == VOLUME_FSCK_ALWAYS;
    return disk_read(disk, 0, block, &err) == DR_OK && ext_super_decode(&super, block) && super.broken;
}

static enum dr_code fsck(const struct volume *volume, const struct disk *disk, struct dr_error *err)
{
    char name[48], program[PATH_MAX], output[4096];
    snprintf(name, sizeof name, "fsck.%s", disk->type);
    if (!tool_find(program, name))
        return dr_fail(err, DR_NOT_FOUND, "volume %s: %s is to be checked, and %s is missing on this node: install it",
                       volume->uuid, disk->device, name);
    /* What a clean file system says of itself is not enough for ALWAYS. */
    bool force = volume->fsck == VOLUME_FSCK_ALWAYS && strncmp(disk->type, "ext", 3) == 0;
    const char *argv[] = {program, force ? "-fp" : "-p", disk->device, NULL};
    int status = tool_run(argv, output, sizeof output);
    if (status >= 0 && status <= FSCK_MENDED)
        return DR_OK;
    for (char *c = output; *c; c++)
        *c = *c == '\n' ? ' ' : *c;
    return dr_fail(err, DR_REFUSED, "volume %s: `%s -p %s` ended with status %d: check it by hand: %.200s",
                   volume->uuid, name, disk->device, status, output);
}

static enum dr_code check_mount_point(const struct volume *volume, const struct disk *disk, bool *there,
                                      struct dr_error *err)
{
    struct mounted found;
    struct stat facts;
    *there = mounted_at(volume->mount, &found);
    if (*there && found.number != disk->number && strcmp(found.source, disk->device) != 0)
        return dr_fail(err, DR_REFUSED, "volume %s: %.200s is mounted at %.200s already: unmount it", volume->uuid,
                       found.source, volume->mount);
    if (!*there && (stat(volume->mount, &facts) != 0 || !S_ISDIR(facts.st_mode)))
        return dr_fail(err, DR_NOT_FOUND, "volume %s: the mount point %.256s is no folder: create it on both members",
                       volume->uuid, volume->mount);
    return DR_OK;
}

enum dr_code volume_take(const struct volume *volume, struct dr_error *err)
{
    struct disk disk;
    bool there;
    enum dr_code code = disk_find(&disk, volume->uuid, err);
    if (code == DR_OK)
        code = check_mount_point(volume, &disk, &there, err);
    if (code != DR_OK || there)
        return code;
    if (disk_free(&disk, err) != DR_OK)
        return dr_within(err, "volume %s", volume->uuid);
    if (needs_fsck(volume, &disk))
        code = fsck(volume, &disk, err);
    return code == DR_OK ? mount_it(volume, &disk, err) : code;
}
