/* SPDX-License-Identifier: Apache-2.0
 * What drnode asks of a capture process: flips, freezes, broken streams, stops; and what it outlives. Terms and leases:
 * tests/contract. */
#include "platform/clock.h"
#include "tests/capture/stand.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

static char path_room[256];

static const char *in(const struct stand *s, const char *name)
{
    snprintf(path_room, sizeof path_room, "%s/%s", s->folder, name);
    return path_room;
}

/* 0 or errno. */
static int try_create(const struct stand *s, const char *name)
{
    int fd = open(in(s, name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static void below_write(const struct stand *s, const char *name, const char *text)
{
    int fd = openat(capture_info(s->link)->root[0], name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    CU_ASSERT_EQUAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static bool reads(const struct stand *s, const char *name, const char *text)
{
    char got[64] = "";
    int fd = open(in(s, name), O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, got, sizeof got - 1);
    if (fd >= 0)
        close(fd);
    return n == (ssize_t)strlen(text) && strcmp(got, text) == 0;
}

static void read_only_is_for_everybody(void)
{
    struct stand s;
    stand_open(&s, 16);
    CU_ASSERT_EQUAL(capture_info(s.link)->mode, CAPTURE_READ_ONLY);
    CU_ASSERT_EQUAL(try_create(&s, "new"), EROFS);
    below_write(&s, "file", "one");
    CU_ASSERT_TRUE(reads(&s, "file", "one"));
    CU_ASSERT_EQUAL(open(in(&s, "file"), O_RDWR | O_CLOEXEC), -1);
    CU_ASSERT_EQUAL(errno, EROFS);
    CU_ASSERT_EQUAL(chmod(in(&s, "file"), 0600) == 0 ? 0 : errno, EROFS);
    CU_ASSERT_EQUAL(unlink(in(&s, "file")) == 0 ? 0 : errno, EROFS);
    /* What the applier does below is seen at once. */
    below_write(&s, "file", "other");
    CU_ASSERT_TRUE(reads(&s, "file", "other"));
    CU_ASSERT_EQUAL(unlinkat(capture_info(s.link)->root[0], "file", 0), 0);
    CU_ASSERT_FALSE(reads(&s, "file", "other"));
    CU_ASSERT_EQUAL(ring_tail(stand_ring(&s)), 0);
    stand_close(&s);
}

static void flips_fence_and_forget(void)
{
    struct stand s;
    struct stat st;
    stand_open(&s, 16);
    stand_flip(&s, CAPTURE_READ_WRITE, 3);
    CU_ASSERT_EQUAL(try_create(&s, "file"), 0);
    int fd = open(in(&s, "file"), O_RDWR | O_CLOEXEC);
    CU_ASSERT_EQUAL(write(fd, "cached", 6), 6);
    CU_ASSERT_TRUE(reads(&s, "file", "cached"));
    CU_ASSERT_EQUAL(stat(in(&s, "gone"), &st), -1);
    uint64_t last = stand_flip(&s, CAPTURE_READ_ONLY, 0);
    CU_ASSERT_EQUAL(last, ring_tail(stand_ring(&s)));
    CU_ASSERT_EQUAL(write(fd, "x", 1), -1);
    CU_ASSERT_EQUAL(errno, EROFS);
    close(fd);
    below_write(&s, "file", "beneath");
    CU_ASSERT_TRUE(reads(&s, "file", "beneath"));
    CU_ASSERT_EQUAL(renameat(capture_info(s.link)->root[0], "file", capture_info(s.link)->root[0], "moved"), 0);
    CU_ASSERT_EQUAL(stat(in(&s, "file"), &st), -1);
    CU_ASSERT_TRUE(reads(&s, "moved", "beneath"));
    CU_ASSERT_EQUAL(ring_tail(stand_ring(&s)), last);
    stand_flip(&s, CAPTURE_READ_WRITE, 5);
    CU_ASSERT_TRUE(reads(&s, "moved", "beneath"));
    CU_ASSERT_EQUAL(try_create(&s, "again"), 0);
    CU_ASSERT_EQUAL(ring_record(stand_ring(&s), last + 1)->term, 5);
    stand_close(&s);
}

/* ---- freeze ---- */

struct writer {
    const struct stand *s;
    char name[32];
    _Atomic bool done;
};

static void *create_one(void *baton)
{
    struct writer *w = baton;
    char path[256];
    snprintf(path, sizeof path, "%s/%s", w->s->folder, w->name);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    CU_ASSERT_EQUAL(write(fd, "x", 1), 1);
    close(fd);
    atomic_store(&w->done, true);
    return NULL;
}

#define WRITERS 24 /* more than there are threads at rest */

static unsigned done_count(struct writer *writers)
{
    unsigned done = 0;
    for (unsigned i = 0; i < WRITERS; i++)
        done += atomic_load(&writers[i].done);
    return done;
}

static void frozen_changes_wait_and_reads_do_not(void)
{
    struct stand s;
    struct writer writers[WRITERS] = {0};
    pthread_t threads[WRITERS];
    struct dr_error err;
    uint64_t seq;
    stand_open(&s, 16);
    stand_flip(&s, CAPTURE_READ_WRITE, 3);
    below_write(&s, "file", "text");
    for (int round = 0; round < 2; round++) {
        msec thaws = clock_now() + (round ? 400 : 10000); /* not before */
        CU_ASSERT_EQUAL(capture_freeze(s.link, round ? 400 : 10000, &seq, &err), DR_OK);
        for (unsigned i = 0; i < WRITERS; i++) {
            /* A folder holds back those who create in it: each writer has its own. */
            writers[i] = (struct writer){.s = &s};
            snprintf(writers[i].name, sizeof writers[i].name, "w%d.%u", round, i);
            pthread_create(&threads[i], NULL, create_one, &writers[i]);
        }
        usleep(200000);
        unsigned done = done_count(writers);
        uint64_t tail = ring_tail(stand_ring(&s));
        if (clock_now() < thaws) {
            CU_ASSERT_EQUAL(done, 0);
            CU_ASSERT_EQUAL(tail, seq);
        }
        if (round == 0) {
            CU_ASSERT_TRUE(reads(&s, "file", "text"));
            CU_ASSERT_EQUAL(capture_thaw(s.link, &err), DR_OK);
        }
        for (unsigned i = 0; i < WRITERS; i++)
            pthread_join(threads[i], NULL); /* the second time nobody thaws */
        CU_ASSERT_TRUE(ring_tail(stand_ring(&s)) >= seq + 2 * WRITERS);
    }
    stand_close(&s);
}

struct held_write {
    int fd;
    _Atomic bool done;
};

static void *write_one(void *baton)
{
    struct held_write *w = baton;
    CU_ASSERT_EQUAL(write(w->fd, "x", 1), 1);
    atomic_store(&w->done, true);
    return NULL;
}

/* A write that comes alone is carried out by whoever leads. It blocks at the gate: somebody else has to lead. */
static void who_blocks_is_relieved(void)
{
    struct stand s;
    struct dr_error err;
    uint64_t seq;
    pthread_t thread;
    stand_open(&s, 16);
    stand_flip(&s, CAPTURE_READ_WRITE, 3);
    below_write(&s, "file", "text");
    for (int round = 0; round < 3; round++) {
        struct held_write held = {.fd = open(in(&s, "held"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644)};
        usleep(300000); /* nothing is in hand, and a relief is long over */
        CU_ASSERT_EQUAL(capture_freeze(s.link, 10000, &seq, &err), DR_OK);
        pthread_create(&thread, NULL, write_one, &held);
        usleep(100000);
        msec before = clock_now();
        CU_ASSERT_TRUE(reads(&s, "file", "text"));
        CU_ASSERT_TRUE(clock_now() - before < 5000);
        CU_ASSERT_FALSE(atomic_load(&held.done));
        CU_ASSERT_EQUAL(capture_thaw(s.link, &err), DR_OK);
        pthread_join(thread, NULL);
        close(held.fd);
    }
    stand_close(&s);
}

/* ---- the ring ---- */

static void full_breaks_the_stream_and_not_the_application(void)
{
    struct stand s;
    struct dr_error err;
    char why[160];
    stand_open(&s, 16);
    stand_flip(&s, CAPTURE_READ_WRITE, 3);
    char *data = calloc(1, 1 << 20);
    int fd = open(in(&s, "big"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    for (int i = 0; i < 40; i++)
        CU_ASSERT_EQUAL(write(fd, data, 1 << 20), 1 << 20);
    CU_ASSERT_TRUE(ring_broken(stand_ring(&s), why, sizeof why));
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "16 MiB is full"));
    CU_ASSERT_EQUAL(capture_restart(s.link, 4711, &err), DR_OK);
    CU_ASSERT_EQUAL(ring_stream(stand_ring(&s)), 4711);
    CU_ASSERT_EQUAL(write(fd, data, 1 << 20), 1 << 20);
    CU_ASSERT_FALSE(ring_broken(stand_ring(&s), why, sizeof why));
    const struct record *r = ring_record(stand_ring(&s), 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    CU_ASSERT_EQUAL(r->stream, 4711);
    CU_ASSERT_TRUE(r->file_size > 40u << 20);
    close(fd);
    free(data);
    stand_close(&s);
}

static void records_can_be_appended_and_ring_the_bell(void)
{
    struct stand s;
    struct dr_error err;
    uint64_t seq, rung;
    stand_open(&s, 16);
    struct ring *ring = stand_ring(&s);
    struct pollfd bell = {.fd = capture_info(s.link)->wake, .events = POLLIN};
    CU_ASSERT_TRUE(ring_sleep(ring, 0));
    CU_ASSERT_EQUAL(poll(&bell, 1, 0), 0);
    CU_ASSERT_EQUAL(capture_append(s.link, RECORD_MARK, "here", &seq, &err), DR_OK);
    CU_ASSERT_EQUAL(poll(&bell, 1, 2000), 1);
    CU_ASSERT_EQUAL(read(bell.fd, &rung, sizeof rung), (ssize_t)sizeof rung);
    const struct record *r = ring_record(ring, seq);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    CU_ASSERT_EQUAL(r->name2_len, 4);
    CU_ASSERT_EQUAL(memcmp(record_name2(r), "here", 4), 0);
    CU_ASSERT_EQUAL(capture_append(s.link, RECORD_WRITE, "", &seq, &err), DR_INVALID);
    stand_close(&s);
}

/* ---- lives and deaths ---- */

static void it_outlives_those_who_attach(void)
{
    struct stand s;
    struct dr_error err;
    stand_open(&s, 16);
    stand_flip(&s, CAPTURE_READ_WRITE, 3);
    CU_ASSERT_EQUAL(try_create(&s, "one"), 0);
    capture_detach(s.link);
    CU_ASSERT_EQUAL(try_create(&s, "two"), 0);
    CU_ASSERT_EQUAL_FATAL(capture_attach(&s.link, s.socket, &err), DR_OK);
    CU_ASSERT_EQUAL(capture_info(s.link)->mode, CAPTURE_READ_WRITE);
    CU_ASSERT_EQUAL(capture_info(s.link)->term, 3);
    CU_ASSERT_EQUAL(ring_tail(stand_ring(&s)), 2);
    CU_ASSERT_EQUAL(ring_record(stand_ring(&s), 1)->op, RECORD_CREATE);
    stand_close(&s);
}

static void a_dead_mount_is_taken_away(void)
{
    struct stand s;
    struct stat st;
    struct statfs fs;
    struct dr_error err;
    stand_open(&s, 16);
    CU_ASSERT_EQUAL(stat(s.folder, &st), 0); /* from now on the kernel knows the attributes, and may answer for it */
    CU_ASSERT_TRUE(capture_lives(s.link));
    kill(s.server, SIGKILL);
    waitpid(s.server, NULL, 0);
    CU_ASSERT_FALSE(capture_lives(s.link));
    CU_ASSERT_EQUAL(statfs(s.folder, &fs), -1);
    CU_ASSERT_EQUAL(errno, ENOTCONN);
    capture_detach(s.link);
    CU_ASSERT_EQUAL(capture_attach(&s.link, s.socket, &err), DR_NOT_FOUND);
    stand_serve(&s, 16);
    stand_flip(&s, CAPTURE_READ_WRITE, 3);
    CU_ASSERT_EQUAL(try_create(&s, "new"), 0);
    stand_close(&s);
}

static void one_cover_is_enough(void)
{
    struct stand s;
    const struct capture_config second = {
        .rule = "second", .socket = "/nowhere/socket", .paths = 1, .folder = {s.folder}, .memory = RING_MEMORY_MIN};
    struct dr_error err;
    stand_open(&s, 16);
    CU_ASSERT_EQUAL(capture_serve(&second, NULL, NULL, &err), DR_BUSY);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "another drcapture"));
    stand_close(&s);
}

static void a_stop_uncovers_even_a_busy_folder(void)
{
    struct stand s;
    char text[8];
    stand_open(&s, 16);
    below_write(&s, "file", "text");
    int fd = open(in(&s, "file"), O_RDONLY | O_CLOEXEC);
    stand_stop(&s);
    CU_ASSERT_EQUAL(read(fd, text, sizeof text), -1);
    CU_ASSERT_EQUAL(errno, ENOTCONN);
    close(fd);
    CU_ASSERT_TRUE(reads(&s, "file", "text")); /* the bare folder */
    stand_serve(&s, 16);
    stand_close(&s);
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"read-only is for everybody, and caches nothing", read_only_is_for_everybody},
        {"flips fence open files and forget what was cached", flips_fence_and_forget},
        {"frozen changes wait, reads do not", frozen_changes_wait_and_reads_do_not},
        {"who blocks while it leads is relieved", who_blocks_is_relieved},
        {"full breaks the stream and not the application", full_breaks_the_stream_and_not_the_application},
        {"records can be appended and ring the bell", records_can_be_appended_and_ring_the_bell},
        {"it outlives those who attach", it_outlives_those_who_attach},
        {"a dead mount is taken away", a_dead_mount_is_taken_away},
        {"one cover is enough", one_cover_is_enough},
        {"a stop uncovers even a busy folder", a_stop_uncovers_even_a_busy_folder},
        CU_TEST_INFO_NULL};
    return unit_run("capture commands", cases);
}
