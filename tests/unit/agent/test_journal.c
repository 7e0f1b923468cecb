/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/journal.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAYLOAD 1000

static struct scratch scratch;
static struct journal *journal;
static struct dr_error err;

static enum dr_code open_it(size_t segment_bytes)
{
    return journal_open(&journal, scratch_path(&scratch, "log"), segment_bytes, &err);
}

/* One record a chunk; its bytes say which. */
static void append(uint64_t stream, uint64_t seq)
{
    uint8_t bytes[CHUNK_HEAD + PAYLOAD];
    memset(bytes, (int)seq, sizeof bytes);
    struct chunk k = {.stream = stream, .first = seq, .last = seq, .bytes = bytes + CHUNK_HEAD, .size = PAYLOAD};
    CU_ASSERT_EQUAL(journal_append(journal, bytes, &k, &err), DR_OK);
}

struct seen {
    uint64_t count, last;
};

static enum dr_code see(void *baton, const struct chunk *k, struct dr_error *e)
{
    struct seen *seen = baton;
    (void)e;
    CU_ASSERT_EQUAL(k->bytes[0], (uint8_t)k->first);
    seen->count++;
    seen->last = k->last;
    return DR_OK;
}

static struct seen replay(uint64_t stream, uint64_t seq, enum dr_code expected)
{
    struct seen seen = {0};
    CU_ASSERT_EQUAL(journal_replay(journal, stream, seq, see, &seen, &err), expected);
    return seen;
}

static void begin(size_t segment_bytes, unsigned chunks)
{
    scratch = scratch_make();
    CU_ASSERT_EQUAL_FATAL(open_it(segment_bytes), DR_OK);
    for (unsigned i = 1; i <= chunks; i++)
        append(7, i);
    journal_close(journal);
}

static void what_was_appended_is_replayed(void)
{
    begin(3000, 10); /* three chunks a segment */
    CU_ASSERT_EQUAL_FATAL(open_it(3000), DR_OK);
    struct seen all = replay(7, 0, DR_OK), some = replay(7, 4, DR_OK);
    CU_ASSERT_TRUE(all.count == 10 && all.last == 10);
    CU_ASSERT_TRUE(some.count == 6 && some.last == 10);
    CU_ASSERT_EQUAL(replay(8, 0, DR_OK).count, 0);
    CU_ASSERT_EQUAL(journal_drop(journal, 4, &err), DR_OK);
    CU_ASSERT_EQUAL(replay(7, 4, DR_OK).count, 6);
    CU_ASSERT_EQUAL(access(scratch_path(&scratch, "log/00000000000000000001.log"), F_OK), -1);
    append(7, 11);
    CU_ASSERT_EQUAL(replay(7, 4, DR_OK).last, 11);
    CU_ASSERT_EQUAL(journal_clear(journal, &err), DR_OK);
    CU_ASSERT_EQUAL(replay(7, 0, DR_OK).count, 0);
    journal_close(journal);
    scratch_remove(&scratch);
}

/* Wherever the last write stopped, all but its chunk is there, and the next one follows on. */
static void a_torn_tail_is_cut(void)
{
    for (size_t cut = 1; cut < CHUNK_HEAD + PAYLOAD; cut += 61) {
        begin(1 << 20, 3);
        const char *file = scratch_path(&scratch, "log/00000000000000000001.log");
        CU_ASSERT_EQUAL(truncate(file, 3 * (CHUNK_HEAD + PAYLOAD) - (off_t)cut), 0);
        CU_ASSERT_EQUAL_FATAL(open_it(1 << 20), DR_OK);
        CU_ASSERT_EQUAL(replay(7, 0, DR_OK).last, 2);
        append(7, 3);
        CU_ASSERT_EQUAL(replay(7, 0, DR_OK).last, 3);
        journal_close(journal);
        scratch_remove(&scratch);
    }
}

static void spoil(const char *relative, off_t at)
{
    int fd = open(scratch_path(&scratch, relative), O_RDWR);
    uint8_t byte = 0;
    CU_ASSERT_EQUAL(pread(fd, &byte, 1, at), 1);
    byte ^= 0x10;
    CU_ASSERT_EQUAL(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static void a_broken_middle_names_the_file(void)
{
    for (off_t at = 0; at < 2 * (CHUNK_HEAD + PAYLOAD); at += 41) {
        begin(1 << 20, 3);
        spoil("log/00000000000000000001.log", at);
        CU_ASSERT_EQUAL(open_it(1 << 20), DR_CORRUPT);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "00000000000000000001.log"));
        scratch_remove(&scratch);
    }
}

static void only_the_last_segment_may_be_torn(void)
{
    begin(3000, 6);
    CU_ASSERT_EQUAL(truncate(scratch_path(&scratch, "log/00000000000000000001.log"), 2500), 0);
    CU_ASSERT_EQUAL(open_it(3000), DR_CORRUPT);
    scratch_remove(&scratch);
}

static void a_missing_segment_is_named(void)
{
    begin(3000, 9);
    CU_ASSERT_EQUAL(unlink(scratch_path(&scratch, "log/00000000000000000004.log")), 0);
    CU_ASSERT_EQUAL_FATAL(open_it(3000), DR_OK);
    CU_ASSERT_EQUAL(replay(7, 0, DR_CORRUPT).last, 3);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "00000000000000000007.log"));
    journal_close(journal);
    scratch_remove(&scratch);
}

int main(void)
{
    CU_TestInfo cases[] = {{"what was appended is replayed", what_was_appended_is_replayed},
                           {"a torn tail is cut", a_torn_tail_is_cut},
                           {"a broken middle names the file", a_broken_middle_names_the_file},
                           {"only the last segment may be torn", only_the_last_segment_may_be_torn},
                           {"a missing segment is named", a_missing_segment_is_named},
                           CU_TEST_INFO_NULL};
    return unit_run("journal", cases);
}
