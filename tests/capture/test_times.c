/* SPDX-License-Identifier: Apache-2.0
 * mtimes of files that are written again and again: their records may be a tick off, until they are idle or frozen. */
#include "platform/clock.h"
#include "tests/capture/stand.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES   400 /* more than are settled later at once */
#define WRITES  40
#define WAIT_MS 20000

static void name_of(char path[32], unsigned file)
{
    snprintf(path, 32, "file%u", file);
}

/* The times are looked at after each write, so the next one gets a time that no coarse clock shows. */
static void write_again(const struct stand *s, unsigned file, unsigned times)
{
    char path[128], name[32];
    struct stat st;
    name_of(name, file);
    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    for (unsigned i = 0; i < times; i++) {
        CU_ASSERT_EQUAL(pwrite(fd, path, 10, (off_t)i * 10), 10);
        CU_ASSERT_EQUAL(fstatat(capture_info(s->link)->root[0], name, &st, 0), 0);
    }
    close(fd);
}

/* What the records up to `seq` say; 0: none says anything. */
static int64_t told(const struct stand *s, const struct stat *st, uint64_t seq)
{
    const struct ring *ring = stand_ring(s);
    int64_t last = 0;
    for (uint64_t i = ring_head(ring) + 1; i <= seq; i++) {
        const struct record *r = ring_record(ring, i);
        bool tells = r->op == RECORD_WRITE || r->op == RECORD_CREATE || (r->set & RECORD_SET_MTIME);
        if (tells && r->file.ino == st->st_ino)
            last = r->mtime_ns;
    }
    return last;
}

static bool true_is_told(const struct stand *s, unsigned file, uint64_t seq)
{
    char name[32];
    struct stat st;
    name_of(name, file);
    CU_ASSERT_EQUAL(fstatat(capture_info(s->link)->root[0], name, &st, 0), 0);
    return told(s, &st, seq) == st.st_mtim.tv_sec * 1000000000ll + st.st_mtim.tv_nsec;
}

static void idle_ones_come_by_themselves(void)
{
    struct stand s;
    stand_open(&s, 16);
    stand_flip(&s, CAPTURE_READ_WRITE, 1);
    for (unsigned round = 0; round < 2; round++) {
        write_again(&s, 0, WRITES);
        msec end = clock_now() + WAIT_MS;
        while (!true_is_told(&s, 0, ring_tail(stand_ring(&s))) && clock_now() < end)
            clock_sleep(10);
        CU_ASSERT_TRUE(true_is_told(&s, 0, ring_tail(stand_ring(&s))));
    }
    stand_close(&s);
}

static void all_are_true(struct stand *s, uint64_t seq)
{
    unsigned wrong = 0;
    for (unsigned i = 0; i < FILES; i++)
        wrong += !true_is_told(s, i, seq);
    CU_ASSERT_EQUAL(wrong, 0);
}

static void freezes_and_flips_are_exact(void)
{
    struct stand s;
    struct dr_error err;
    uint64_t seq;
    stand_open(&s, 16);
    stand_flip(&s, CAPTURE_READ_WRITE, 1);
    for (unsigned i = 0; i < FILES; i++)
        write_again(&s, i, 3);
    CU_ASSERT_EQUAL(capture_freeze(s.link, 10000, &seq, &err), DR_OK);
    all_are_true(&s, seq);
    CU_ASSERT_EQUAL(capture_thaw(s.link, &err), DR_OK);
    for (unsigned i = 0; i < FILES; i++)
        write_again(&s, i, 3);
    all_are_true(&s, stand_flip(&s, CAPTURE_READ_ONLY, 1));
    stand_close(&s);
}

/* The object and its descriptor are kept until then, and no longer. */
static void nameless_ones_end(void)
{
    struct stand s;
    char path[128];
    stand_open(&s, 16);
    stand_flip(&s, CAPTURE_READ_WRITE, 1);
    for (unsigned i = 0; i < FILES; i++) {
        write_again(&s, i, 3);
        snprintf(path, sizeof path, "%s/file%u", s.folder, i);
        CU_ASSERT_EQUAL(unlink(path), 0);
    }
    stand_flip(&s, CAPTURE_READ_ONLY, 1);
    char why[160];
    CU_ASSERT_FALSE(ring_broken(stand_ring(&s), why, sizeof why));
    stand_close(&s);
}

int main(void)
{
    CU_TestInfo cases[] = {{"a file that is idle: its mtime comes by itself", idle_ones_come_by_themselves},
                           {"freezes and flips: every mtime is exact", freezes_and_flips_are_exact},
                           {"files without a name", nameless_ones_end},
                           CU_TEST_INFO_NULL};
    return unit_run("capture times", cases);
}
