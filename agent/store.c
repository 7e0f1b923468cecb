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

#define TEMPORARY ".new"

/* The disk begins at once: by the time it is waited for, the others of the group have begun too, and a journalling file
 * system makes them all durable together. */
static enum dr_code write_temporary(struct store_record *record, struct dr_error *err)
{
    uint8_t head[HEAD];
    char temporary[PATH_MAX];
    if (record->size > STORE_RECORD_MAX)
        return dr_fail(err, DR_INVALID, "%s: a record of %zu bytes, at most %u are allowed", record->file, record->size,
                       STORE_RECORD_MAX);
    if (snprintf(temporary, sizeof temporary, "%s" TEMPORARY, record->file) >= (int)sizeof temporary)
        return dr_fail(err, DR_INVALID, "%.128s...: the path is too long", record->file);
    record->fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (record->fd < 0)
        return dr_fail(err, DR_IO, "cannot create %s: %s", temporary, strerror(errno));
    encode_head(head, record->bytes, record->size);
    if (!write_all(record->fd, head, HEAD) || !write_all(record->fd, record->bytes, record->size))
        return dr_fail(err, DR_IO, "cannot write %s: %s: the former record is kept", temporary, strerror(errno));
    (void)sync_file_range(record->fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* fdatasync() tells what became of it */
    return DR_OK;
}

static enum dr_code sync_temporary(struct store_record *record, struct dr_error *err)
{
    if (fdatasync(record->fd) == 0)
        return DR_OK;
    return dr_fail(err, DR_IO, "cannot write %s" TEMPORARY ": %s: the former record is kept", record->file,
                   strerror(errno));
}

static enum dr_code put_in_place(struct store_record *record, struct dr_error *err)
{
    char temporary[PATH_MAX];
    snprintf(temporary, sizeof temporary, "%s" TEMPORARY, record->file);
    if (rename(temporary, record->file) == 0)
        return DR_OK;
    return dr_fail(err, DR_IO, "cannot rename %s to %s: %s", temporary, record->file, strerror(errno));
}

static enum dr_code sync_folder(struct store_record *record, struct dr_error *err)
{
    char folder[PATH_MAX] = ".";
    const char *file = record->file, *slash = strrchr(file, '/');
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

/* What is not to become the record. */
static void give_up(const struct store_record *record)
{
    char temporary[PATH_MAX];
    if (record->fd >= 0 && snprintf(temporary, sizeof temporary, "%s" TEMPORARY, record->file) < (int)sizeof temporary)
        unlink(temporary);
}

static void each(struct store_record *const *records, unsigned count,
                 enum dr_code (*act)(struct store_record *record, struct dr_error *err))
{
    for (unsigned i = 0; i < count; i++)
        if (records[i]->err.code == DR_OK && act(records[i], &records[i]->err) != DR_OK)
            give_up(records[i]);
}

void store_write_all(struct store_record *const *records, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        records[i]->err.code = DR_OK;
        records[i]->fd = -1;
    }
    each(records, count, write_temporary);
    each(records, count, sync_temporary);
    for (unsigned i = 0; i < count; i++)
        if (records[i]->fd >= 0)
            close(records[i]->fd);
    each(records, count, put_in_place);
    each(records, count, sync_folder);
}

enum dr_code store_write(const char *file, const void *bytes, size_t size, struct dr_error *err)
{
    struct store_record record = {.file = file, .bytes = bytes, .size = size}, *one = &record;
    store_write_all(&one, 1);
    if (record.err.code != DR_OK)
        *err = record.err;
    return record.err.code;
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
