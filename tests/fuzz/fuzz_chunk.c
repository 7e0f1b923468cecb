/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_chunk.c - log segments after a crash: a torn tail is told from a broken middle. The first four bytes
 * say where a good file is cut and bent, the rest is its three payloads. */
#include "agent/target/chunk.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define CHUNKS 3

struct file {
    uint8_t *bytes;
    size_t size, end[CHUNKS]; /* of each chunk */
};

/* How many good chunks lead the file, and how it ends. */
static unsigned walk(const uint8_t *bytes, size_t size, enum chunk_found *end)
{
    struct chunk k = {0};
    size_t at = 0, before = 0;
    unsigned good = 0;
    while ((*end = chunk_next(bytes, size, &at, &k)) == CHUNK_GOOD) {
        FUZZ_HOLDS(at > before && at <= size && k.bytes == bytes + before + CHUNK_HEAD &&
                   k.bytes + k.size == bytes + at);
        before = at;
        good++;
    }
    FUZZ_HOLDS(at == before);
    return good;
}

static struct file make(const uint8_t *data, size_t size)
{
    struct file f = {.bytes = malloc(size + CHUNKS * CHUNK_HEAD)};
    for (unsigned i = 0; i < CHUNKS; i++) {
        size_t part = i < CHUNKS - 1 ? size / CHUNKS : size - (CHUNKS - 1) * (size / CHUNKS);
        uint8_t *head = f.bytes + f.size;
        memcpy(head + CHUNK_HEAD, data, part);
        chunk_seal(head, &(struct chunk){
                             .stream = 7, .first = i + 1, .last = i + 1, .bytes = head + CHUNK_HEAD, .size = part});
        data += part;
        f.size += CHUNK_HEAD + part;
        f.end[i] = f.size;
    }
    return f;
}

/* A power cut: what was written before is there, and what was not whole is no damage. */
static void cut(const struct file *f, size_t at)
{
    enum chunk_found end;
    unsigned whole = 0;
    while (whole < CHUNKS && f->end[whole] <= at)
        whole++;
    FUZZ_HOLDS(walk(f->bytes, at, &end) == whole);
    bool clean = at == (whole == 0 ? 0 : f->end[whole - 1]);
    FUZZ_HOLDS(end == (clean ? CHUNK_END : CHUNK_TORN));
}

static void bend(const struct file *f, size_t at)
{
    enum chunk_found end;
    unsigned before = 0;
    while (f->end[before] <= at)
        before++;
    f->bytes[at] ^= 0x40;
    FUZZ_HOLDS(walk(f->bytes, f->size, &end) == before);
    FUZZ_HOLDS(end == (before == CHUNKS - 1 ? CHUNK_TORN : CHUNK_BROKEN));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum chunk_found end;
    walk(data, size, &end);
    if (size < 4)
        return 0;
    struct file f = make(data + 4, size - 4);
    cut(&f, ((size_t)data[0] << 8 | data[1]) % (f.size + 1));
    bend(&f, ((size_t)data[2] << 8 | data[3]) % f.size);
    free(f.bytes);
    return 0;
}
