/* SPDX-License-Identifier: Apache-2.0
 * Torn or broken: what makes the difference is a chunk of the same file further on, and nothing that only looks so. */
#include "agent/target/chunk.h"
#include "tests/unit/unit.h"

#include <string.h>

#define STREAM  7u
#define PAYLOAD 300u

static uint8_t file[4096];
static size_t size;

static void add(uint64_t stream, uint64_t seq, const uint8_t *payload, size_t length)
{
    uint8_t *head = file + size;
    memcpy(head + CHUNK_HEAD, payload, length);
    chunk_seal(
        head, &(struct chunk){.stream = stream, .first = seq, .last = seq, .bytes = head + CHUNK_HEAD, .size = length});
    size += CHUNK_HEAD + length;
}

static void add_plain(uint64_t seq)
{
    uint8_t payload[PAYLOAD];
    memset(payload, (int)seq, sizeof payload);
    add(STREAM, seq, payload, sizeof payload);
}

/* What an application wrote that copies a log: a whole chunk, with bytes before and after it. */
static void add_with_chunk_inside(uint64_t seq, uint64_t stream, uint64_t seq_inside)
{
    uint8_t payload[3 * PAYLOAD] = {1};
    uint8_t *inside = payload + 100;
    chunk_seal(
        inside,
        &(struct chunk){
            .stream = stream, .first = seq_inside, .last = seq_inside, .bytes = inside + CHUNK_HEAD, .size = PAYLOAD});
    add(STREAM, seq, payload, sizeof payload);
}

/* How the file ends, and after how many good chunks; the segment is named `first`. */
static enum chunk_found walk(uint64_t first, unsigned *good)
{
    struct chunk k = {.last = first};
    size_t at = 0;
    enum chunk_found found;
    for (*good = 0; (found = chunk_next(file, size, &at, &k)) == CHUNK_GOOD; ++*good)
        ;
    return found;
}

static void torn_around(uint64_t stream, uint64_t seq_inside, bool first)
{
    unsigned good, before = first ? 0 : 1;
    size = 0;
    if (!first)
        add_plain(10);
    add_with_chunk_inside(10 + before, stream, seq_inside);
    size -= 50; /* behind the inner chunk */
    CU_ASSERT_EQUAL(walk(10, &good), CHUNK_TORN);
    CU_ASSERT_EQUAL(good, before);
}

static void a_chunk_in_a_torn_payload_is_no_chunk_of_the_file(void)
{
    torn_around(STREAM + 1, 500, false); /* somebody else's log */
    torn_around(STREAM, 10, false);      /* an older part of this one */
    torn_around(STREAM, 3, false);
    torn_around(STREAM, 3, true);
}

static void a_chunk_that_follows_tells_of_damage(void)
{
    for (unsigned bent = 0; bent < 2; bent++) {
        unsigned good;
        size = 0;
        for (uint64_t seq = 10; seq < 13; seq++)
            add_plain(seq);
        file[bent * (CHUNK_HEAD + PAYLOAD) + 60] ^= 1;
        CU_ASSERT_EQUAL(walk(10, &good), CHUNK_BROKEN);
        CU_ASSERT_EQUAL(good, bent);
    }
}

/* What came before stays what is compared with, however many chunks were good. */
static void the_chunk_before_is_kept(void)
{
    size_t at = 0;
    struct chunk k = {0};
    size = 0;
    add_plain(10);
    add_plain(11);
    size -= 1;
    CU_ASSERT_EQUAL(chunk_next(file, size, &at, &k), CHUNK_GOOD);
    CU_ASSERT_EQUAL(chunk_next(file, size, &at, &k), CHUNK_TORN);
    CU_ASSERT_TRUE(k.stream == STREAM && k.last == 10 && at == CHUNK_HEAD + PAYLOAD);
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"a chunk in a torn payload is no chunk of the file", a_chunk_in_a_torn_payload_is_no_chunk_of_the_file},
        {"a chunk that follows tells of damage", a_chunk_that_follows_tells_of_damage},
        {"the chunk before is kept", the_chunk_before_is_kept},
        CU_TEST_INFO_NULL};
    return unit_run("chunk", cases);
}
