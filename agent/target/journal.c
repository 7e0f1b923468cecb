/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/journal.h"
#include "agent/target/aside.h"
#include "agent/target/durable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEGMENT_NAME   "%020" PRIu64 ".log"
#define SEGMENT_DIGITS 20

struct journal {
    pthread_mutex_t lock;
    char folder[PATH_MAX - 64];
    size_t segment_bytes;
    uint64_t *first; /* of each segment, ascending; the last one is appended to */
    size_t count, room;
    int fd; /* of the last one, or -1 */
    size_t size;
};

static void segment_path(const struct journal *log, uint64_t first, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/" SEGMENT_NAME, log->folder, first);
}

/* ---- the list of segments ---- */

static bool remember(struct journal *log, uint64_t first)
{
    if (log->count == log->room) {
        size_t room = log->room ? log->room * 2 : 16;
        uint64_t *more = realloc(log->first, room * sizeof *more);
        if (!more)
            return false;
        log->first = more;
        log->room = room;
    }
    log->first[log->count++] = first;
    return true;
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static enum dr_code list_segments(struct journal *log, struct dr_error *err)
{
    DIR *dir = opendir(log->folder);
    if (!dir)
        return dr_fail(err, DR_IO, "cannot list %s: %s", log->folder, strerror(errno));
    bool room = true;
    for (struct dirent *d; room && (d = readdir(dir));) {
        char *end;
        uint64_t first = strtoull(d->d_name, &end, 10);
        if (end == d->d_name + SEGMENT_DIGITS && strcmp(end, ".log") == 0)
            room = remember(log, first);
    }
    closedir(dir);
    if (!room)
        return dr_fail(err, DR_FULL, "no memory for the list of %s", log->folder);
    if (log->count)
        qsort(log->first, log->count, sizeof *log->first, ascending);
    return DR_OK;
}

/* ---- reading ---- */

struct segment {
    char path[PATH_MAX];
    int fd;
    uint8_t *bytes;
    size_t size;
};

static void segment_close(struct segment *s)
{
    free(s->bytes);
    close(s->fd);
}

static enum dr_code segment_open(const struct journal *log, uint64_t first, struct segment *s, struct dr_error *err)
{
    segment_path(log, first, s->path);
    s->fd = open(s->path, O_RDWR | O_CLOEXEC);
    if (s->fd < 0)
        return dr_fail(err, DR_IO, "cannot open %s: %s", s->path, strerror(errno));
    enum dr_code code = durable_read(s->fd, s->path, &s->bytes, &s->size, err);
    if (code)
        close(s->fd);
    return code;
}

static enum dr_code cut(struct segment *s, size_t at, struct dr_error *err)
{
    if (ftruncate(s->fd, (off_t)at) != 0 || fsync(s->fd) != 0)
        return dr_fail(err, DR_IO, "cannot cut the torn end of %s: %s", s->path, strerror(errno));
    s->size = at;
    return DR_OK;
}

/* Only the last segment can have been in the making when the power went. */
static enum dr_code check_segment(struct segment *s, uint64_t first, bool last, struct dr_error *err)
{
    size_t at = 0;
    struct chunk k = {.last = first};
    enum chunk_found found;
    do
        found = chunk_next(s->bytes, s->size, &at, &k);
    while (found == CHUNK_GOOD);
    if (found == CHUNK_TORN && last)
        return cut(s, at, err);
    if (found == CHUNK_END)
        return DR_OK;
    return dr_fail(err, DR_CORRUPT,
                   "log segment %s is damaged at byte %zu, and what comes after it cannot be applied: check that "
                   "disk; " ASIDE_REMEDY,
                   s->path, at);
}

static enum dr_code check_all(struct journal *log, struct dr_error *err)
{
    for (size_t i = 0; i < log->count; i++) {
        struct segment s;
        enum dr_code code = segment_open(log, log->first[i], &s, err);
        if (code)
            return code;
        code = check_segment(&s, log->first[i], i + 1 == log->count, err);
        segment_close(&s);
        if (code)
            return code;
    }
    return DR_OK;
}

static enum dr_code replay_segment(const struct segment *s, uint64_t stream, uint64_t *seq, journal_visitor *visit,
                                   void *baton, struct dr_error *err)
{
    size_t at = 0;
    struct chunk k = {0};
    while (chunk_next(s->bytes, s->size, &at, &k) == CHUNK_GOOD) {
        if (k.stream != stream || k.last <= *seq)
            continue;
        if (k.first > *seq + 1)
            return dr_fail(err, DR_CORRUPT,
                           "log segment %s goes on at record %" PRIu64 " where %" PRIu64
                           " was due: a segment is missing; " ASIDE_REMEDY,
                           s->path, k.first, *seq + 1);
        enum dr_code code = visit(baton, &k, err);
        if (code)
            return code;
        *seq = k.last;
    }
    return DR_OK;
}

enum dr_code journal_replay(struct journal *log, uint64_t stream, uint64_t seq, journal_visitor *visit, void *baton,
                            struct dr_error *err)
{
    for (size_t i = 0; i < log->count; i++) {
        if (i + 1 < log->count && log->first[i + 1] <= seq + 1 && log->first[i] <= seq)
            continue; /* all of it is older */
        struct segment s;
        enum dr_code code = segment_open(log, log->first[i], &s, err);
        if (code)
            return code;
        code = replay_segment(&s, stream, &seq, visit, baton, err);
        segment_close(&s);
        if (code)
            return code;
    }
    return DR_OK;
}

/* ---- opening and closing ---- */

static enum dr_code open_last(struct journal *log, struct dr_error *err)
{
    if (log->count == 0)
        return DR_OK;
    char path[PATH_MAX];
    segment_path(log, log->first[log->count - 1], path);
    log->fd = open(path, O_RDWR | O_CLOEXEC);
    struct stat st;
    if (log->fd < 0 || fstat(log->fd, &st) != 0)
        return dr_fail(err, DR_IO, "cannot open %s: %s", path, strerror(errno));
    log->size = (size_t)st.st_size;
    return DR_OK;
}

enum dr_code journal_open(struct journal **out, const char *folder, size_t segment_bytes, struct dr_error *err)
{
    struct journal *log = calloc(1, sizeof *log);
    if (!log)
        return dr_fail(err, DR_FULL, "no memory for the log in %s", folder);
    pthread_mutex_init(&log->lock, NULL);
    log->fd = -1;
    log->segment_bytes = segment_bytes;
    enum dr_code code = DR_OK;
    if (snprintf(log->folder, sizeof log->folder, "%s", folder) >= (int)sizeof log->folder)
        code = dr_fail(err, DR_INVALID, "path too long: %s", folder);
    else if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        code = dr_fail(err, durable_code(errno), "cannot make folder %s: %s", folder, strerror(errno));
    if (!code)
        code = list_segments(log, err);
    if (!code)
        code = check_all(log, err);
    if (!code)
        code = open_last(log, err);
    if (code)
        journal_close(log);
    else
        *out = log;
    return code;
}

void journal_close(struct journal *log)
{
    if (!log)
        return;
    if (log->fd >= 0)
        close(log->fd);
    pthread_mutex_destroy(&log->lock);
    free(log->first);
    free(log);
}

/* ---- writing ---- */

static enum dr_code new_segment(struct journal *log, uint64_t first, struct dr_error *err)
{
    char path[PATH_MAX];
    segment_path(log, first, path);
    /* O_TRUNC: a segment of this name was begun in vain, or a record before it was lost with its stream. */
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return dr_fail(err, durable_code(errno), "cannot create %s: %s", path, strerror(errno));
    enum dr_code code = durable_folder(path, err);
    bool known = log->count > 0 && log->first[log->count - 1] == first;
    if (!code && !known && !remember(log, first))
        code = dr_fail(err, DR_FULL, "no memory for the list of %s", log->folder);
    if (code) {
        close(fd);
        return code;
    }
    if (log->fd >= 0)
        close(log->fd);
    log->fd = fd;
    log->size = 0;
    return DR_OK;
}

/* After a failure the end of the file may be anything: the next attempt writes the same bytes to the same place, and a
 * crash before it leaves a torn tail. */
static enum dr_code append(struct journal *log, const uint8_t *bytes, const struct chunk *k, struct dr_error *err)
{
    char path[PATH_MAX];
    segment_path(log, log->first[log->count - 1], path);
    size_t size = CHUNK_HEAD + k->size;
    enum dr_code code = durable_write(log->fd, path, bytes, size, log->size, err);
    if (code)
        return code;
    if (fdatasync(log->fd) != 0)
        return dr_fail(err, durable_code(errno), "cannot sync %s: %s: check the disk", path, strerror(errno));
    log->size += size;
    return DR_OK;
}

enum dr_code journal_append(struct journal *log, uint8_t *bytes, const struct chunk *k, struct dr_error *err)
{
    chunk_seal(bytes, k);
    pthread_mutex_lock(&log->lock);
    enum dr_code code = DR_OK;
    if (log->fd < 0 || log->size >= log->segment_bytes)
        code = new_segment(log, k->first, err);
    if (!code)
        code = append(log, bytes, k, err);
    pthread_mutex_unlock(&log->lock);
    return code;
}

static enum dr_code remove_first(struct journal *log, size_t count, struct dr_error *err)
{
    for (size_t i = 0; i < count; i++) {
        char path[PATH_MAX];
        segment_path(log, log->first[i], path);
        if (unlink(path) != 0 && errno != ENOENT)
            return dr_fail(err, DR_IO, "cannot remove %s: %s", path, strerror(errno));
    }
    memmove(log->first, log->first + count, (log->count - count) * sizeof *log->first);
    log->count -= count;
    return DR_OK;
}

enum dr_code journal_drop(struct journal *log, uint64_t seq, struct dr_error *err)
{
    pthread_mutex_lock(&log->lock);
    size_t old = 0;
    while (old + 1 < log->count && log->first[old + 1] <= seq + 1)
        old++;
    enum dr_code code = old ? remove_first(log, old, err) : DR_OK;
    pthread_mutex_unlock(&log->lock);
    return code;
}

enum dr_code journal_clear(struct journal *log, struct dr_error *err)
{
    pthread_mutex_lock(&log->lock);
    if (log->fd >= 0)
        close(log->fd);
    log->fd = -1;
    log->size = 0;
    enum dr_code code = log->count ? remove_first(log, log->count, err) : DR_OK;
    if (!code) {
        char path[PATH_MAX];
        segment_path(log, 0, path);
        code = durable_folder(path, err);
    }
    pthread_mutex_unlock(&log->lock);
    return code;
}
