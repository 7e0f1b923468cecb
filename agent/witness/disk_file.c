/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/witness/disk_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME_SIZE (DR_ID_DIGITS + 3)

static void name_of(char name[NAME_SIZE], const struct disk_place *place, enum member member)
{
    snprintf(name, NAME_SIZE, "%s.%c", place->rule.hex, "ab"[member]);
}

static void path_of(char path[PATH_MAX], const struct disk_place *place, enum member member)
{
    char name[NAME_SIZE];
    name_of(name, place, member);
    snprintf(path, PATH_MAX, "%s/%s", place->folder, name);
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

/* A name that is asked for and is not there is kept as missing by the cache, for a minute; a listing is not. */
static enum dr_code list(bool there[2], const struct disk_place *place, struct dr_error *err)
{
    DIR *folder = opendir(place->folder);
    struct dirent *entry;
    if (folder == NULL)
        return cannot(err, "open", place->folder);
    while ((entry = readdir(folder)) != NULL)
        for (enum member m = MEMBER_A; m <= MEMBER_B; m++) {
            char name[NAME_SIZE];
            name_of(name, place, m);
            there[m] |= strcmp(entry->d_name, name) == 0;
        }
    closedir(folder);
    return DR_OK;
}

enum dr_code disk_file_look(struct witness_pair *pair, const struct disk_place *place, struct dr_error *err)
{
    bool there[2] = {false, false};
    enum dr_code code = list(there, place, err);
    *pair = (struct witness_pair){0};
    for (enum member m = MEMBER_A; code == DR_OK && m <= MEMBER_B; m++)
        if (there[m])
            code = read_one(&pair->of[m], place, m, err);
    return code;
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

static enum dr_code put_block(const char *path, int flags, const uint8_t *block, struct dr_error *err)
{
    int fd = open(path, O_WRONLY | O_DIRECT | O_SYNC | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (fd < 0)
        return cannot(err, "open", path);
    ssize_t wrote = pwrite(fd, block, DISK_BLOCK, 0);
    if (wrote >= 0 && wrote < (ssize_t)DISK_BLOCK)
        errno = ENOSPC;
    bool ok = wrote == (ssize_t)DISK_BLOCK && fsync(fd) == 0;
    enum dr_code code = ok ? DR_OK : cannot(err, "write", path);
    close(fd);
    return code;
}

/* Under its name only when it is whole: who saw it without its block would keep its size, 0, in the cache. */
static enum dr_code make(const char *path, const struct disk_place *place, const uint8_t *block, struct dr_error *err)
{
    char temporary[PATH_MAX + 4];
    snprintf(temporary, sizeof temporary, "%s.new", path);
    enum dr_code code = put_block(temporary, O_CREAT | O_TRUNC, block, err);
    if (code == DR_OK && (rename(temporary, path) != 0 || !sync_folder(place->folder)))
        code = cannot(err, "make", path);
    return code;
}

enum dr_code disk_file_write(const struct disk_place *place, enum member self, const struct witness_record *record,
                             struct dr_error *err)
{
    alignas(DISK_BLOCK) uint8_t block[DISK_BLOCK];
    char path[PATH_MAX];
    path_of(path, place, self);
    fill(block, place, self, record);
    return access(path, F_OK) == 0 ? put_block(path, 0, block, err) : make(path, place, block, err);
}
