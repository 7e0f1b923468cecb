/* SPDX-License-Identifier: Apache-2.0 */
#include "console/backup/archive.h"
#include "console/backup/archive_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_MODE 0700

/* Folders of the name, from the outermost; those that are there stay. */
static bool make_folders(char *path, size_t from)
{
    for (char *slash = strchr(path + from, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool there = mkdir(path, FOLDER_MODE) == 0 || errno == EEXIST;
        *slash = '/';
        if (!there)
            return false;
    }
    return true;
}

static bool copy(int to, int from, uint64_t left)
{
    char bytes[65536];
    while (left > 0) {
        ssize_t n = read(from, bytes, left < sizeof bytes ? (size_t)left : sizeof bytes);
        if (n <= 0 || write(to, bytes, (size_t)n) != n)
            return false;
        left -= (uint64_t)n;
    }
    return fsync(to) == 0;
}

static enum dr_code extract_one(int from, const struct archive_head *head, const char *folder, struct dr_error *err)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", folder, head->name) >= PATH_MAX)
        return dr_fail(err, DR_INVALID, "the name of folder %.256s is too long", folder);
    int to =
        make_folders(path, strlen(folder) + 1) ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, head->mode) : -1;
    bool copied = to >= 0 && copy(to, from, head->size);
    int why = errno;
    if (to >= 0 && close(to) == 0 && copied)
        return DR_OK;
    return dr_fail(err, DR_IO, "cannot write %s: %s", path, strerror(why));
}

static enum dr_code read_head(struct archive_head *head, int fd, uint64_t *at, uint64_t size, struct dr_error *err)
{
    uint8_t bytes[ARCHIVE_HEAD_SIZE];
    uint64_t left = size - *at;
    ssize_t n = pread(fd, bytes, left < sizeof bytes ? (size_t)left : sizeof bytes, (off_t)*at);
    size_t taken = n > 0 ? archive_head_decode(head, bytes, (size_t)n) : 0;
    if (taken == 0 || head->size > left - taken)
        return dr_fail(err, DR_CORRUPT, "the backup is not what this version writes");
    *at += taken;
    return lseek(fd, (off_t)*at, SEEK_SET) >= 0 ? DR_OK : dr_fail(err, DR_IO, "cannot read the backup");
}

static enum dr_code extract_all(int fd, uint64_t size, const char *folder, struct dr_error *err)
{
    struct archive_head head;
    uint64_t at = strlen(ARCHIVE_FIRST);
    char first[sizeof ARCHIVE_FIRST];
    if (size < at || pread(fd, first, at, 0) != (ssize_t)at || memcmp(first, ARCHIVE_FIRST, at) != 0)
        return dr_fail(err, DR_CORRUPT, "this is no backup of drconsole");
    for (;; at += head.size) {
        if (read_head(&head, fd, &at, size, err) != DR_OK)
            return err->code;
        if (head.name[0] == '\0')
            return DR_OK;
        if (extract_one(fd, &head, folder, err) != DR_OK)
            return err->code;
    }
}

enum dr_code archive_extract(const char *file, const char *folder, struct dr_error *err)
{
    uint64_t size;
    int fd;
    if (archive_file_open(&fd, &size, file, err) != DR_OK)
        return err->code;
    enum dr_code code = extract_all(fd, size, folder, err);
    close(fd);
    return code;
}
