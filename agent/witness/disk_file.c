/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/witness/disk_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void path_of(char path[PATH_MAX], const struct disk_place *place, enum member member)
{
    snprintf(path, PATH_MAX, "%s/%s.%c", place->folder, place->rule.hex, "ab"[member]);
}

static enum dr_code cannot(struct dr_error *err, const char *what, const char *path)
{
    int why = errno;
    if (why == EINVAL)
        return dr_fail(err, DR_IO,
                       "cannot %s %s past the cache (O_DIRECT): this file system cannot be a third voter; use NFS, or "
                       "CIFS with cache=none",
                       what, path);
    return dr_fail(err, DR_IO, "cannot %s %s: %s", what, path, strerror(why));
}

bool disk_file_decode(struct witness_record *record, const uint8_t *block, size_t size)
{
    static const uint8_t nothing[WITNESS_RECORD_BYTES];
    *record = (struct witness_record){0};
    if (size == 0)
        return true;
    if (size < WITNESS_RECORD_BYTES)
        return false;
    return memcmp(block, nothing, sizeof nothing) == 0 || witness_record_decode(record, block, WITNESS_RECORD_BYTES);
}

static enum dr_code read_one(struct witness_record *record, const struct disk_place *place, enum member member,
                             struct dr_error *err)
{
    alignas(DISK_BLOCK) uint8_t block[DISK_BLOCK];
    char path[PATH_MAX];
    path_of(path, place, member);
    *record = (struct witness_record){0};
    int fd = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? DR_OK : cannot(err, "open", path);
    ssize_t got = pread(fd, block, sizeof block, 0);
    enum dr_code code = got < 0 ? cannot(err, "read", path) : DR_OK;
    close(fd);
    if (code != DR_OK || disk_file_decode(record, block, (size_t)got))
        return code;
    return dr_fail(err, DR_CORRUPT,
                   "%s is no record of drnode: if it stays so, remove it, and its member makes a new one (a new voter)",
                   path);
}

enum dr_code disk_file_look(struct witness_pair *pair, const struct disk_place *place, struct dr_error *err)
{
    enum dr_code code = read_one(&pair->of[MEMBER_A], place, MEMBER_A, err);
    return code == DR_OK ? read_one(&pair->of[MEMBER_B], place, MEMBER_B, err) : code;
}

/* The name of a new file is durable too. */
static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    int why = errno;
    if (fd >= 0)
        close(fd);
    errno = why;
    return ok;
}

static void fill(uint8_t block[DISK_BLOCK], const struct disk_place *place, enum member self,
                 const struct witness_record *record)
{
    memset(block, 0, DISK_BLOCK);
    witness_record_encode(block, record);
    snprintf((char *)block + WITNESS_RECORD_BYTES, DISK_BLOCK - WITNESS_RECORD_BYTES,
             "\ndrnode: the vote of the shared disk on rule %s, as member %c claims it (term %llu)\n", place->rule.hex,
             "ab"[self], (unsigned long long)record -> term);
}

enum dr_code disk_file_write(const struct disk_place *place, enum member self, const struct witness_record *record,
                             struct dr_error *err)
{
    alignas(DISK_BLOCK) uint8_t block[DISK_BLOCK];
    char path[PATH_MAX];
    path_of(path, place, self);
    fill(block, place, self, record);
    int fd = open(path, O_WRONLY | O_DIRECT | O_SYNC | O_CLOEXEC | O_NOFOLLOW);
    bool made = fd < 0 && errno == ENOENT;
    if (made)
        fd = open(path, O_WRONLY | O_CREAT | O_DIRECT | O_SYNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return cannot(err, "open", path);
    ssize_t wrote = pwrite(fd, block, sizeof block, 0);
    if (wrote >= 0 && wrote < (ssize_t)sizeof block)
        errno = ENOSPC;
    bool ok = wrote == (ssize_t)sizeof block && fsync(fd) == 0 && (!made || sync_folder(place->folder));
    enum dr_code code = ok ? DR_OK : cannot(err, "write", path);
    close(fd);
    return code;
}
