/* SPDX-License-Identifier: Apache-2.0
 * Data and holes of a stretch of a file, less the blocks that the target has already. */
#include "agent/source/lower_tree.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

/* Blocks that are equal there, counted from where the reading begins. */
struct sameness {
    bool same[REPL_ASK_BLOCKS];
};

static enum dr_code read_all(int fd, uint8_t *bytes, uint64_t from, uint64_t to, uint64_t *end, struct dr_error *err)
{
    uint64_t at = from;
    while (at < to) {
        ssize_t got = pread(fd, bytes + (at - from), to - at, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return dr_fail(err, DR_IO, "cannot read a file at %llu: %s: check its disk", (unsigned long long)at,
                           strerror(errno));
        if (got == 0)
            break; /* it was cut meanwhile */
        at += (uint64_t)got;
    }
    *end = at;
    return DR_OK;
}

/* The next piece of data of [at, to), as far as the file system can tell. */
static struct range next_data(int fd, uint64_t at, uint64_t to)
{
    struct range data = {to, to};
    off_t begin = lseek(fd, (off_t)at, SEEK_DATA);
    if (begin < 0 || (uint64_t)begin >= to)
        return data;
    off_t end = lseek(fd, begin, SEEK_HOLE);
    data.begin = (uint64_t)begin;
    data.end = end < 0 || (uint64_t)end > to ? to : (uint64_t)end;
    return data;
}

/* Splits [from, to) into data and holes; `bytes` is where `from` lies. What does not fit is one stretch of data. */
static enum dr_code segment(int fd, struct mirror_reading *reading, uint8_t *bytes, uint64_t from, uint64_t to,
                            bool sparse, struct dr_error *err)
{
    for (uint64_t at = from, end; at < to; at = end) {
        bool last = reading->segments + 3 >= MIRROR_STRETCHES;
        struct range data = sparse && !last ? next_data(fd, at, to) : (struct range){at, to};
        if (data.begin > at) {
            memset(bytes + (at - from), 0, data.begin - at);
            mirror_reading_segment(reading, at, data.begin, NULL);
        }
        end = data.end;
        if (data.begin == data.end)
            continue;
        enum dr_code code = read_all(fd, bytes + (data.begin - from), data.begin, data.end, &end, err);
        if (code)
            return code;
        mirror_reading_segment(reading, data.begin, end, bytes + (data.begin - from));
        if (end < data.end)
            break;
    }
    return DR_OK;
}

static void compare(const struct mirror_reading *reading, const uint8_t *bytes, uint64_t end, struct sameness *s)
{
    const struct repl_hashes *theirs = reading->theirs;
    for (uint32_t i = 0; theirs && theirs->known && i < theirs->blocks; i++) {
        uint64_t from = (uint64_t)i * REPL_BLOCK, to = from + REPL_BLOCK;
        to = to < end - reading->from ? to : end - reading->from;
        if (from >= to)
            return;
        XXH128_canonical_t ours;
        XXH128_canonicalFromHash(&ours, XXH3_128bits(bytes + from, to - from));
        s->same[i] = memcmp(&ours, theirs->hash[i], REPL_HASH_BYTES) == 0;
    }
}

static void drop_same(struct mirror_reading *reading, const struct sameness *s)
{
    struct mirror_segment all[MIRROR_SEGMENTS];
    unsigned count = reading->segments;
    memcpy(all, reading->segment, count * sizeof *all);
    reading->segments = 0;
    for (unsigned i = 0; i < count; i++) {
        uint64_t to;
        for (uint64_t at = all[i].from; at < all[i].to; at = to) {
            uint64_t block = (at - reading->from) / REPL_BLOCK;
            to = reading->from + (block + 1) * REPL_BLOCK;
            to = to < all[i].to ? to : all[i].to;
            if (block < REPL_ASK_BLOCKS && s->same[block])
                continue;
            const uint8_t *data = all[i].data ? all[i].data + (at - all[i].from) : NULL;
            struct mirror_segment *former = reading->segments ? &reading->segment[reading->segments - 1] : NULL;
            if (former && former->to == at && !former->data == !data)
                former->to = to;
            else
                mirror_reading_segment(reading, at, to, data);
        }
    }
}

enum dr_code lower_data_read(int fd, const struct stat *st, struct mirror_job *job, struct mirror_reading *reading,
                             bool holes, struct dr_error *err)
{
    struct sameness same = {0};
    uint8_t *bytes = job->buffer + job->used;
    uint64_t size = (uint64_t)st->st_size, to = reading->to < size ? reading->to : size;
    bool sparse = (uint64_t)st->st_blocks * 512 < size;
    enum dr_code code = DR_OK;
    if (reading->from < to)
        code = segment(fd, reading, bytes, reading->from, to, sparse, err);
    if (code)
        return code;
    uint64_t end = reading->segments ? reading->segment[reading->segments - 1].to : reading->from;
    job->used += end - reading->from;
    job->bytes_read += end - reading->from;
    if (reading->theirs) {
        compare(reading, bytes, end, &same);
        drop_same(reading, &same);
    }
    if (holes && end < reading->to)
        mirror_reading_segment(reading, end, reading->to, NULL);
    return DR_OK;
}
