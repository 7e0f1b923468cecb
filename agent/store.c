/* SPDX-License-Identifier: Apache-2.0
 * File: u32 magic, u32 size, u64 XXH3 of size and bytes, bytes. */
#include "agent/store.h"

#include "core/cursor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define MAGIC 0x31535244u /* DRS1 */
#define HEAD  16u

/* Seeded with the size, so that a file cut to another length does not pass either. */
static uint64_t checksum(const void *bytes, size_t size)
{
    return XXH3_64bits_withSeed(bytes, size, size);
}

static void encode_head(uint8_t head[HEAD], const void *bytes, size_t size)
{
    struct cursor c = cursor_over(head, HEAD);
    cursor_put_u32(&c, MAGIC);
    cursor_put_u32(&c, (uint32_t)size);
    cursor_put_u64(&c, checksum(bytes, size));
}

static bool write_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        size -= (size_t)n;
    }
    return true;
}

static enum dr_code write_temporary(const char *temporary, const void *bytes, size_t size, struct dr_error *err)
{
    uint8_t head[HEAD];
    encode_head(head, bytes, size);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return dr_fail(err, DR_IO, "cannot create %s: %s", temporary, strerror(errno));
    bool ok = write_all(fd, head, HEAD) && write_all(fd, bytes, size) && fdatasync(fd) == 0;
    int failure = errno;
    close(fd);
    if (ok)
        return DR_OK;
    unlink(temporary);
    return dr_fail(err, DR_IO, "cannot write %s: %s: the former record is kept", temporary, strerror(failure));
}

static enum dr_code sync_folder_of(const char *file, struct dr_error *err)
{
    char folder[PATH_MAX] = ".";
    const char *slash = strrchr(file, '/');
    if (slash)
        snprintf(folder, sizeof folder, "%.*s", slash > file ? (int)(slash - file) : 1, file);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0) {
        int failure = errno;
        if (fd >= 0)
            close(fd);
        return dr_fail(err, DR_IO, "cannot make %s durable: %s", file, strerror(failure));
    }
    close(fd);
    return DR_OK;
}

enum dr_code store_write(const char *file, const void *bytes, size_t size, struct dr_error *err)
{
    char temporary[PATH_MAX];
    if (size > STORE_RECORD_MAX)
        return dr_fail(err, DR_INVALID, "%s: a record of %zu bytes, at most %u are allowed", file, size,
                       STORE_RECORD_MAX);
    if (snprintf(temporary, sizeof temporary, "%s.new", file) >= (int)sizeof temporary)
        return dr_fail(err, DR_INVALID, "%.128s...: the path is too long", file);
    enum dr_code code = write_temporary(temporary, bytes, size, err);
    if (code != DR_OK)
        return code;
    if (rename(temporary, file) != 0) {
        int failure = errno;
        unlink(temporary);
        return dr_fail(err, DR_IO, "cannot rename %s to %s: %s", temporary, file, strerror(failure));
    }
    return sync_folder_of(file, err);
}

/* Head and bytes, as one gulp: a record is small. */
static enum dr_code read_file(const char *file, uint8_t *raw, size_t room, size_t *got, struct dr_error *err)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return dr_fail(err, errno == ENOENT ? DR_NOT_FOUND : DR_IO, "cannot open %s: %s", file, strerror(errno));
    ssize_t n = 0;
    *got = 0;
    do {
        n = read(fd, raw + *got, room - *got);
        if (n > 0)
            *got += (size_t)n;
    } while ((n > 0 && *got < room) || (n < 0 && errno == EINTR));
    int failure = errno;
    close(fd);
    return n < 0 ? dr_fail(err, DR_IO, "cannot read %s: %s", file, strerror(failure)) : DR_OK;
}

enum dr_code store_read(const char *file, void *bytes, size_t room, size_t *size, struct dr_error *err)
{
    uint8_t raw[HEAD + STORE_RECORD_MAX + 1];
    size_t got;
    enum dr_code code = read_file(file, raw, sizeof raw, &got, err);
    if (code != DR_OK)
        return code;
    struct cursor c = cursor_reading(raw, got);
    uint32_t magic = cursor_get_u32(&c), length = cursor_get_u32(&c);
    uint64_t sum = cursor_get_u64(&c);
    if (!cursor_ok(&c) || magic != MAGIC || length != got - HEAD || sum != checksum(raw + HEAD, length))
        return dr_fail(err, DR_CORRUPT,
                       "%s: damaged: its checksum does not match: `drctl --local rejoin` puts it aside and takes this "
                       "node into the rule again",
                       file);
    if (length > room)
        return dr_fail(err, DR_CORRUPT, "%s: has %u bytes, at most %zu were ever written", file, length, room);
    memcpy(bytes, raw + HEAD, length);
    *size = length;
    return DR_OK;
}
