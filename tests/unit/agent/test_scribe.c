/* SPDX-License-Identifier: Apache-2.0
 * No verdict before a record is durable, each its own, and a group of them costs few waits. What makes things durable
 * is replaced here, so that it can be slow, and can fail. */
#include "agent/scribe.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RULES 200

static pthread_mutex_t disk = PTHREAD_MUTEX_INITIALIZER; /* who holds it holds up the disk */
static atomic_uint begun, synced, folders;
static atomic_long full; /* inode of a file that has no room, once; 0: none */

static bool is_full(int fd)
{
    struct stat facts;
    long inode = fstat(fd, &facts) == 0 ? (long)facts.st_ino : 0;
    return inode != 0 && atomic_compare_exchange_strong(&full, &inode, 0);
}

int fdatasync(int fd)
{
    atomic_fetch_add(&begun, 1);
    pthread_mutex_lock(&disk);
    pthread_mutex_unlock(&disk);
    atomic_fetch_add(&synced, 1);
    if (!is_full(fd))
        return (int)syscall(SYS_fdatasync, fd);
    errno = ENOSPC;
    return -1;
}

int fsync(int fd)
{
    atomic_fetch_add(&folders, 1);
    return (int)syscall(SYS_fsync, fd);
}

struct stand {
    struct scratch scratch;
    struct scribe *scribe;
    atomic_uint woken;
    struct {
        struct scribe_note note;
        char file[300], text[16];
        bool told;
    } rule[RULES];
};

static struct dr_error err;

static void wake(void *baton)
{
    struct stand *s = baton;
    atomic_fetch_add(&s->woken, 1);
}

static void verdict(void *baton)
{
    bool *told = baton;
    CU_ASSERT_FALSE(*told);
    *told = true;
}

static struct stand *set_up(void)
{
    struct stand *s = calloc(1, sizeof *s);
    s->scratch = scratch_make();
    atomic_store(&begun, 0);
    atomic_store(&synced, 0);
    atomic_store(&folders, 0);
    atomic_store(&full, 0);
    CU_ASSERT_EQUAL_FATAL(scribe_create(&s->scribe, wake, s, &err), DR_OK);
    return s;
}

static void tear_down(struct stand *s)
{
    scribe_destroy(s->scribe);
    scratch_remove(&s->scratch);
    free(s);
}

static void write_one(struct stand *s, unsigned i)
{
    struct scribe_note *note = &s->rule[i].note;
    char name[32];
    snprintf(name, sizeof name, "rule%u", i);
    scratch_folder(&s->scratch, name);
    snprintf(s->rule[i].file, sizeof s->rule[i].file, "%s/ha", scratch_path(&s->scratch, name));
    snprintf(s->rule[i].text, sizeof s->rule[i].text, "state %u", i);
    s->rule[i].told = false;
    *note = (struct scribe_note){.verdict = verdict, .baton = &s->rule[i].told};
    note->record =
        (struct store_record){.file = s->rule[i].file, .bytes = s->rule[i].text, .size = strlen(s->rule[i].text)};
    scribe_write(s->scribe, note);
}

static bool is_there(const struct stand *s, unsigned i)
{
    char bytes[64];
    size_t size;
    return store_read(s->rule[i].file, bytes, sizeof bytes, &size, &err) == DR_OK && size == strlen(s->rule[i].text) &&
           memcmp(bytes, s->rule[i].text, size) == 0;
}

static void until_told(struct stand *s, unsigned i)
{
    while (!s->rule[i].told) {
        usleep(500);
        scribe_tell(s->scribe);
    }
}

static void nothing_is_said_before_it_is_durable(void)
{
    struct stand *s = set_up();
    pthread_mutex_lock(&disk);
    write_one(s, 0);
    while (atomic_load(&begun) == 0)
        usleep(500);
    write_one(s, 1);
    usleep(20000);
    scribe_tell(s->scribe);
    CU_ASSERT_FALSE(s->rule[0].told || s->rule[1].told);
    CU_ASSERT_EQUAL(atomic_load(&s->woken), 0);
    pthread_mutex_unlock(&disk);
    until_told(s, 0);
    until_told(s, 1);
    CU_ASSERT_EQUAL(s->rule[0].note.record.err.code, DR_OK);
    CU_ASSERT_EQUAL(atomic_load(&folders), 2);
    CU_ASSERT_TRUE(is_there(s, 0) && is_there(s, 1));
    tear_down(s);
}

/* Those that come while one is written: each gets its verdict, and all of a group are on their way before one is
 * waited for. */
static void many_are_written_together(void)
{
    struct stand *s = set_up();
    pthread_mutex_lock(&disk);
    write_one(s, 0);
    while (atomic_load(&begun) == 0)
        usleep(500);
    for (unsigned i = 1; i < RULES; i++)
        write_one(s, i);
    pthread_mutex_unlock(&disk);
    for (unsigned i = 0; i < RULES; i++) {
        until_told(s, i);
        CU_ASSERT_TRUE(is_there(s, i));
    }
    unsigned groups = 1 + (RULES - 1 + SCRIBE_TOGETHER - 1) / SCRIBE_TOGETHER;
    CU_ASSERT_EQUAL(atomic_load(&s->woken), groups);
    CU_ASSERT_EQUAL(atomic_load(&synced), RULES);
    tear_down(s);
}

/* The record of one finds no room: it is told so, keeps what it had, and the others of its group do not suffer. */
static void one_that_fails_fails_alone(void)
{
    struct stand *s = set_up();
    struct stat facts;
    char temporary[310];
    write_one(s, 1);
    until_told(s, 1);
    pthread_mutex_lock(&disk);
    write_one(s, 0);
    while (atomic_load(&begun) < 2)
        usleep(500);
    for (unsigned i = 1; i < 4; i++)
        write_one(s, i);
    snprintf(temporary, sizeof temporary, "%s.new", s->rule[0].file);
    CU_ASSERT_EQUAL_FATAL(stat(temporary, &facts), 0);
    atomic_store(&full, (long)facts.st_ino);
    pthread_mutex_unlock(&disk);
    for (unsigned i = 0; i < 4; i++)
        until_told(s, i);
    CU_ASSERT_EQUAL(s->rule[0].note.record.err.code, DR_IO);
    unit_says(s->rule[0].note.record.err.text, "No space left on device: the former record is kept");
    CU_ASSERT_FALSE(is_there(s, 0));
    CU_ASSERT_NOT_EQUAL(stat(temporary, &facts), 0);
    for (unsigned i = 1; i < 4; i++)
        CU_ASSERT_TRUE(s->rule[i].note.record.err.code == DR_OK && is_there(s, i));
    tear_down(s);
}

static void who_waits_hears_nothing_afterwards(void)
{
    struct stand *s = set_up();
    for (unsigned i = 0; i < 3; i++)
        write_one(s, i);
    scribe_wait(s->scribe, &s->rule[1].note);
    CU_ASSERT_TRUE(is_there(s, 1));
    until_told(s, 0);
    until_told(s, 2);
    CU_ASSERT_FALSE(s->rule[1].told);
    scribe_wait(s->scribe, &s->rule[1].note); /* it is not out: nothing to wait for */
    tear_down(s);
}

int main(void)
{
    CU_TestInfo cases[] = {{"nothing is said before it is durable", nothing_is_said_before_it_is_durable},
                           {"many are written together", many_are_written_together},
                           {"one that fails fails alone", one_that_fails_fails_alone},
                           {"who waits hears nothing afterwards", who_waits_hears_nothing_afterwards},
                           CU_TEST_INFO_NULL};
    return unit_run("scribe", cases);
}
