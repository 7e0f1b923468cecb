/* SPDX-License-Identifier: Apache-2.0
 * What a mirror compares: hashes of a file's blocks as they are. */
#include "agent/target/state.h"
#include "platform/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#define PART (64u << 10)

static bool reached(const struct target *t, uint64_t session, uint64_t frame)
{
    return t->in.number == session && t->applied_frame >= frame;
}

/* It may still come: its session has not begun, or is under way. */
static bool awaited(const struct target *t, uint64_t session, uint64_t frame)
{
    if (t->stopping || t->in.number > session)
        return false;
    return t->in.number < session || (!t->lost && t->applied_frame < frame);
}

static enum dr_code wait_frame(struct target *t, uint64_t session, uint64_t frame, msec limit, struct dr_error *err)
{
    msec give_up = clock_now() + limit;
    pthread_mutex_lock(&t->lock);
    while (awaited(t, session, frame) && clock_now() < give_up)
        work_wait(t, limit);
    bool there = reached(t, session, frame);
    pthread_mutex_unlock(&t->lock);
    return there ? DR_OK : dr_fail(err, DR_TIMEOUT, "frame %" PRIu64 " of the mirror was not applied in time", frame);
}

uint64_t target_sessions(struct target *t)
{
    pthread_mutex_lock(&t->lock);
    uint64_t number = t->in.number;
    pthread_mutex_unlock(&t->lock);
    return number;
}

/* DR_NOT_FOUND: no regular file is known as that. */
static enum dr_code open_file(struct target *t, const struct repl_hash_ask *ask, int *fd, struct stat *st,
                              struct dr_error *err)
{
    struct dr_file_handle handle;
    uint32_t path;
    if (!tree_handle(&t->tree, &ask->file, ask->path, &handle, &path))
        return DR_NOT_FOUND;
    mode_t type;
    enum dr_code code = tree_type(&t->tree, &ask->file, &handle, path, &type, err);
    if (code || type != S_IFREG)
        return code ? code : DR_NOT_FOUND;
    code = file_handle_open(t->tree.root[path], &handle, O_RDONLY | O_NOATIME, fd, err);
    if (code || fstat(*fd, st) == 0)
        return code;
    close(*fd);
    return dr_fail(err, DR_IO, "cannot stat a file to compare it: %s", strerror(errno));
}

/* *have: less than `size` at the end of the file. */
static enum dr_code read_range(int fd, uint64_t offset, uint8_t *room, size_t size, size_t *have, struct dr_error *err)
{
    *have = 0;
    for (ssize_t n = 1; *have < size && n != 0; *have += n > 0 ? (size_t)n : 0) {
        n = pread(fd, room + *have, size - *have, (off_t)(offset + *have));
        if (n < 0 && errno != EINTR)
            return dr_fail(err, DR_IO, "cannot read a file to compare it: %s: check the disk", strerror(errno));
    }
    return DR_OK;
}

static void hash_block(const uint8_t *bytes, size_t size, uint8_t hash[REPL_HASH_BYTES])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, size < REPL_BLOCK ? size : REPL_BLOCK));
    memcpy(hash, canonical.digest, REPL_HASH_BYTES);
}

/* In parts that stay in the processor's cache between the copy and the hash. */
static enum dr_code hash_blocks(int fd, const struct repl_hash_ask *ask, struct repl_hashes *answer,
                                struct dr_error *err)
{
    uint8_t part[PART];
    uint64_t end = ask->offset + (uint64_t)ask->blocks * REPL_BLOCK, at = ask->offset;
    enum dr_code code = DR_OK;
    end = end < answer->file_size ? end : answer->file_size;
    for (size_t have = PART; !code && at < end && have == PART; at += have) {
        code = read_range(fd, at, part, end - at < PART ? (size_t)(end - at) : PART, &have, err);
        for (size_t i = 0; !code && i < have; i += REPL_BLOCK)
            hash_block(part + i, have - i, answer->hash[answer->blocks++]);
    }
    return code;
}

enum dr_code target_hash(struct target *t, uint64_t before, msec limit, const struct repl_hash_ask *ask,
                         struct repl_hashes *answer, struct dr_error *err)
{
    int fd;
    struct stat st;
    *answer = (struct repl_hashes){.number = ask->number};
    if (ask->blocks == 0 || ask->blocks > REPL_ASK_BLOCKS || ask->offset % REPL_BLOCK != 0 ||
        ask->offset > INT64_MAX / 2)
        return dr_fail(err, DR_PROTOCOL, "a question for hashes of no such blocks");
    enum dr_code code = wait_frame(t, before + 1, ask->frame, limit, err);
    if (code)
        return code;
    code = open_file(t, ask, &fd, &st, err);
    if (code)
        return code == DR_NOT_FOUND ? DR_OK : code;
    answer->known = 1;
    answer->file_size = (uint64_t)st.st_size;
    code = hash_blocks(fd, ask, answer, err);
    close(fd);
    return code;
}
