/* SPDX-License-Identifier: Apache-2.0
 * Covers B5.1.3-23. */
#include "base/log.h"
#include "base/log_file.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct dr_error err;
static const struct dr_id rule_one = {"00000000000000000000000000000001"};
static const struct dr_id rule_two = {"00000000000000000000000000000002"};

static struct log *start(const char *folder, uint64_t bytes)
{
    struct log *log;
    struct log_config config = {
        .folder = folder, .name = "drnode.log", .least = LOG_LEVEL_INFO, .file_bytes = bytes, .files = 3};
    CU_ASSERT_EQUAL_FATAL(log_open(&log, &config, &err), DR_OK);
    return log;
}

static unsigned count_lines(const char *text)
{
    unsigned lines = 0;
    for (; text && *text; text++)
        lines += *text == '\n';
    return lines;
}

static void a_line_says_when_what_and_of_whom(void)
{
    struct scratch s = scratch_make();
    struct log *log = start(s.root, 1 << 20);
    log_write(log, LOG_LEVEL_DEBUG, NULL, "noise", "not logged");
    log_write(log, LOG_LEVEL_INFO, NULL, "start", "drnode %d", 1);
    log_write(log, LOG_LEVEL_ERROR, &rule_one, "line_down", "two\nlines\tand a tab");
    log_close(log);
    const char *text = scratch_read(&s, "drnode.log");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_EQUAL(count_lines(text), 2);
    int year, month, day, hour, minute, second, ms, used = 0;
    CU_ASSERT_EQUAL(
        sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &year, &month, &day, &hour, &minute, &second, &ms, &used), 7);
    CU_ASSERT_EQUAL_FATAL(used, 24);
    CU_ASSERT_EQUAL(strncmp(text + used, " info - start drnode 1\n", 23), 0);
    CU_ASSERT_STRING_EQUAL(strchr(text, '\n') + 1 + used,
                           " error 00000000000000000000000000000001 line_down two lines and a tab\n");
    text = scratch_read(&s, "rule-00000000000000000000000000000001.log");
    CU_ASSERT_EQUAL(count_lines(text), 1);
    scratch_remove(&s);
}

static void files_are_rotated_by_size(void)
{
    struct scratch s = scratch_make();
    struct log *log = start(s.root, 1000);
    for (unsigned i = 0; i < 100; i++)
        log_write(log, LOG_LEVEL_INFO, NULL, "tick", "number %03u", i);
    log_close(log);
    CU_ASSERT_PTR_NOT_NULL(strstr(scratch_read(&s, "drnode.log"), "number 099"));
    for (unsigned i = 0; i <= 3; i++) {
        char name[32];
        struct stat st;
        snprintf(name, sizeof name, i ? "drnode.log.%u" : "drnode.log", i);
        CU_ASSERT_EQUAL(stat(scratch_path(&s, name), &st), 0);
        CU_ASSERT_TRUE(st.st_size <= 1000);
    }
    CU_ASSERT_PTR_NULL(scratch_read(&s, "drnode.log.4"));
    scratch_remove(&s);
}

/* A limit on the file's size stands for the full disk: no torn line, no death, and the loss is told afterwards. */
static void a_full_disk_costs_lines_but_nothing_else(void)
{
    struct scratch s = scratch_make();
    struct rlimit before, tight;
    struct log_file file;
    char line[64];
    signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT_TRUE(log_file_init(&file, s.root, "x.log", 1 << 20, 1));
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    getrlimit(RLIMIT_FSIZE, &before);
    tight = before;
    tight.rlim_cur = 100;
    setrlimit(RLIMIT_FSIZE, &tight);
    CU_ASSERT_TRUE(log_file_append(&file, line, sizeof line));
    CU_ASSERT_FALSE(log_file_append(&file, line, sizeof line));
    CU_ASSERT_EQUAL(strlen(scratch_read(&s, "x.log")), sizeof line);
    setrlimit(RLIMIT_FSIZE, &before);
    CU_ASSERT_TRUE(log_file_append(&file, line, sizeof line));
    CU_ASSERT_EQUAL(strlen(scratch_read(&s, "x.log")), 2 * sizeof line);
    log_file_close(&file);
    scratch_remove(&s);
}

/* Three lines before their folder is there, one after. False: the thread of the log had not tried the three by then. */
static bool lost_three(struct scratch *s, useconds_t pause)
{
    char folder[512];
    struct log_line line[8];
    snprintf(folder, sizeof folder, "%s", scratch_path(s, "later"));
    struct log *log = start(folder, 1 << 20);
    for (unsigned i = 0; i < 3; i++)
        log_write(log, LOG_LEVEL_INFO, NULL, "tick", "number %u", i);
    usleep(pause);
    CU_ASSERT_EQUAL(log_recent(log, NULL, 0, line, 8), 3);
    scratch_folder(s, "later");
    log_write(log, LOG_LEVEL_INFO, NULL, "tick", "number 3");
    log_close(log);
    const char *text = scratch_read(s, "later/drnode.log");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "number 3\n"));
    if (strstr(text, "number 2\n"))
        return false;
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "log_lost 3 lines are missing here: the log folder was full or too slow\n"));
    return true;
}

static void lost_lines_are_counted(void)
{
    bool lost = false;
    for (useconds_t pause = 200000; !lost && pause < 20000000; pause *= 4) {
        struct scratch s = scratch_make();
        lost = lost_three(&s, pause);
        scratch_remove(&s);
    }
    CU_ASSERT_TRUE(lost);
}

static void recent_lines_can_be_asked_for(void)
{
    struct log_line line[8];
    struct log *log = start(NULL, 1 << 20);
    for (unsigned i = 0; i < 4; i++)
        log_write(log, LOG_LEVEL_INFO, i % 2 ? &rule_one : &rule_two, "tick", "%u", i);
    log_write(log, LOG_LEVEL_INFO, NULL, "node", "all rules");
    CU_ASSERT_EQUAL_FATAL(log_recent(log, &rule_one, 0, line, 8), 3);
    CU_ASSERT_STRING_EQUAL(line[0].text, "1");
    CU_ASSERT_EQUAL(line[0].number, 2);
    CU_ASSERT_STRING_EQUAL(line[2].event, "node");
    CU_ASSERT_EQUAL(log_recent(log, NULL, 4, line, 8), 1);
    CU_ASSERT_EQUAL(log_recent(log, NULL, 0, line, 2), 2);
    CU_ASSERT_EQUAL(log_recent(log, NULL, 999, line, 8), 5); /* asked by somebody who saw a former life */
    for (unsigned i = 0; i < LOG_KEPT; i++)
        log_write(log, LOG_LEVEL_INFO, NULL, "tick", "again %u", i);
    CU_ASSERT_EQUAL(log_recent(log, NULL, 0, line, 1), 1);
    CU_ASSERT_STRING_EQUAL(line[0].text, "again 0");
    log_close(log);
}

#define WRITERS 4
#define EACH    200

static void *write_many(void *baton)
{
    for (unsigned i = 0; i < EACH; i++)
        log_write(baton, LOG_LEVEL_INFO, &rule_one, "tick", "line");
    return NULL;
}

static void threads_do_not_mix_lines(void)
{
    struct scratch s = scratch_make();
    struct log *log = start(s.root, 1 << 20);
    pthread_t thread[WRITERS];
    for (unsigned i = 0; i < WRITERS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, write_many, log), 0);
    for (unsigned i = 0; i < WRITERS; i++)
        pthread_join(thread[i], NULL);
    log_close(log);
    const char *text = scratch_read(&s, "drnode.log");
    CU_ASSERT_EQUAL(count_lines(text), WRITERS * EACH);
    CU_ASSERT_EQUAL(strlen(text), (size_t)WRITERS * EACH *
                                      strlen("2026-11-23T14:00:00.000Z info "
                                             "00000000000000000000000000000001 tick line\n"));
    scratch_remove(&s);
}

int main(void)
{
    CU_TestInfo cases[] = {{"a line says when, what and of whom", a_line_says_when_what_and_of_whom},
                           {"files are rotated by size", files_are_rotated_by_size},
                           {"a full disk costs lines but nothing else", a_full_disk_costs_lines_but_nothing_else},
                           {"lost lines are counted", lost_lines_are_counted},
                           {"recent lines can be asked for", recent_lines_can_be_asked_for},
                           {"threads do not mix lines", threads_do_not_mix_lines},
                           CU_TEST_INFO_NULL};
    return unit_run("log", cases);
}
