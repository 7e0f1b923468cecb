/* SPDX-License-Identifier: Apache-2.0
 * platform/process.h: scripts end, by themselves or at their limit, and a guarded child does not outlive its instant.
 */
#include "platform/clock.h"
#include "platform/process.h"
#include "tests/contract/contract.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MERCY 200

static struct dr_error err;

static unsigned endings; /* by a wish: what must not wait for them has been called */

static void count_ending(void *baton)
{
    (void)baton;
    endings++;
}

static struct process_result run(const char *name, msec limit, int stop)
{
    struct process_result result = {0};
    char path[256], output[280];
    CU_ASSERT_EQUAL_FATAL(process_script(path, sizeof path, on_scripts, name, &err), DR_OK);
    snprintf(output, sizeof output, "%s/%s.out", on_scripts, name);
    const char *argv[] = {path, NULL};
    struct process_spec spec = {
        .argv = argv, .output = output, .limit = limit, .mercy = MERCY, .stop = stop, .ending = count_ending};
    CU_ASSERT_EQUAL_FATAL(process_run(&spec, &result, &err), DR_OK);
    return result;
}

#define AMPLE 60000 /* a limit that is never reached */

static void output_and_status_come_back(void)
{
    on_script("plain", &(struct on_script){.says = "first\nsecond", .status = 3});
    struct process_result result = run("plain", AMPLE, -1);
    CU_ASSERT_EQUAL(result.status, 3);
    CU_ASSERT_STRING_EQUAL(result.tail, "first\nsecond");
    CU_ASSERT_FALSE(result.timed_out || result.stopped);
    on_script("silent", &(struct on_script){0});
    result = run("silent", AMPLE, -1);
    CU_ASSERT_EQUAL(result.status, 0);
    CU_ASSERT_STRING_EQUAL(result.tail, "");
}

static void the_tail_is_the_end(void)
{
    char long_text[5001];
    for (unsigned i = 0; i < 5000; i++)
        long_text[i] = (char)('a' + i % 26);
    long_text[5000] = '\0';
    on_script("long", &(struct on_script){.says = long_text});
    struct process_result result = run("long", AMPLE, -1);
    size_t length = strlen(result.tail);
    CU_ASSERT_TRUE(length >= PROCESS_TAIL - 2 && length < PROCESS_TAIL);
    CU_ASSERT_STRING_EQUAL(result.tail, long_text + 5000 - length);
}

static void the_limit_ends_it(void)
{
    on_script("hangs", &(struct on_script){.hangs = true});
    struct process_result result = run("hangs", 300, -1);
    CU_ASSERT_TRUE(result.timed_out && !result.stopped);
    CU_ASSERT_EQUAL(endings, 0);
    CU_ASSERT_EQUAL(result.status, 128 + SIGTERM);
    CU_ASSERT_TRUE(result.took >= 300);
}

static void the_mercy_ends_who_is_deaf(void)
{
    on_script("deaf", &(struct on_script){.says = "listens no more", .hangs = true, .deaf = true});
    struct process_result result = {0};
    /* A machine on which the script has not even begun after the limit says nothing. */
    for (msec limit = 300; limit < 60000 && strcmp(result.tail, "listens no more") != 0; limit *= 4) {
        result = run("deaf", limit, -1);
        CU_ASSERT_TRUE(result.timed_out);
    }
    CU_ASSERT_EQUAL(result.status, 128 + SIGKILL);
    CU_ASSERT_TRUE(result.took >= 300 + MERCY);
}

static void a_wish_ends_it(void)
{
    on_script("waits", &(struct on_script){.hangs = true});
    int stop = eventfd(1, EFD_CLOEXEC);
    unsigned before = endings;
    struct process_result result = run("waits", AMPLE, stop);
    close(stop);
    CU_ASSERT_EQUAL(endings, before + 1);
    CU_ASSERT_TRUE(result.stopped && !result.timed_out);
    CU_ASSERT_EQUAL(result.status, 128 + SIGTERM);
}

static void what_is_not_there_is_an_error(void)
{
    char path[256];
    struct process_result result;
    const char *argv[] = {"/no/such/program", NULL};
    struct process_spec spec = {.argv = argv, .limit = AMPLE, .stop = -1};
    CU_ASSERT_EQUAL(process_run(&spec, &result, &err), DR_IO);
    unit_says(err.text, "/no/such/program");
    CU_ASSERT_EQUAL(process_script(path, sizeof path, on_scripts, "missing", &err), DR_NOT_FOUND);
    CU_ASSERT_EQUAL(process_script(path, sizeof path, on_scripts, "../plain", &err), DR_INVALID);
    CU_ASSERT_EQUAL(process_script(path, sizeof path, on_scripts, ".plain", &err), DR_INVALID);
    CU_ASSERT_EQUAL(process_script(path, sizeof path, on_scripts, "", &err), DR_INVALID);
}

/* ---- a child that the kernel kills ---- */

struct child {
    msec until, sleeps;
};

static void sleep_guarded(void *baton)
{
    const struct child *child = baton;
    struct dr_error why;
    if (process_die_at(child->until, &why) == DR_OK)
        clock_sleep(child->sleeps);
}

static void it_dies_at_its_instant(void)
{
    msec began = clock_now();
    CU_ASSERT_TRUE(on_child(sleep_guarded, &(struct child){.until = began + 200, .sleeps = AMPLE}));
    CU_ASSERT_TRUE(clock_now() >= began + 200);
    CU_ASSERT_TRUE(clock_now() < began + AMPLE);
    CU_ASSERT_TRUE(on_child(sleep_guarded, &(struct child){.until = began, .sleeps = AMPLE}));
    CU_ASSERT_FALSE(on_child(sleep_guarded, &(struct child){.until = clock_now() + AMPLE, .sleeps = 10}));
    CU_ASSERT_EQUAL(process_die_at(0, &err), DR_TIMEOUT);
    CU_ASSERT_EQUAL(process_die_at(-1, &err), DR_TIMEOUT);
}

int main(void)
{
    if (!on_set_up())
        return 1;
    CU_TestInfo cases[] = {{"output and status come back", output_and_status_come_back},
                           {"the tail is the end of the output", the_tail_is_the_end},
                           {"the limit ends it", the_limit_ends_it},
                           {"the end of mercy ends who is deaf to it", the_mercy_ends_who_is_deaf},
                           {"stop script ends it (B5.1.3-21)", a_wish_ends_it},
                           {"what is not there is an error (B5.1.2-56)", what_is_not_there_is_an_error},
                           {"a guarded child dies at its instant", it_dies_at_its_instant},
                           CU_TEST_INFO_NULL};
    int failed = unit_run("contract: process", cases);
    on_tear_down();
    return failed;
}
