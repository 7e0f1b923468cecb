/* SPDX-License-Identifier: Apache-2.0
 * What a script gets and what it leaves behind, on Linux; beside the contract (tests/contract). */
#include "platform/clock.h"
#include "platform/process.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/test_process.XXXXXX";

static void write_script(const char *name, const char *body, mode_t mode)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fprintf(file, "#!/bin/sh\n%s\n", body);
    fclose(file);
    chmod(path, mode);
}

static enum dr_code run(const char *name, msec limit, int stop, struct process_result *result)
{
    struct dr_error err;
    char path[128], output[128];
    enum dr_code code = process_script(path, sizeof path, folder, name, &err);
    if (code != DR_OK)
        return code;
    snprintf(output, sizeof output, "%s/%s.out", folder, name);
    const char *argv[] = {path, NULL}, *env[] = {"PATH=/usr/bin:/bin", "DRNODE_ROLE=master", NULL};
    struct process_spec spec = {.argv = argv, .env = env, .output = output, .limit = limit, .mercy = 200, .stop = stop};
    return process_run(&spec, result, &err);
}

/* The pid that the script wrote into `name`. */
static pid_t noted_pid(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    int pid = 0;
    CU_ASSERT_EQUAL_FATAL(fscanf(file, "%d", &pid), 1);
    fclose(file);
    return pid;
}

/* Killed children of a dead parent stay zombies until init reaps them: those are gone too. */
static bool lives(pid_t pid)
{
    char path[64], state = 'Z';
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    bool read = fscanf(file, "%*d (%*[^)]) %c", &state) == 1;
    fclose(file);
    return read && state != 'Z' && state != 'X';
}

static bool gone_soon(pid_t pid)
{
    for (int i = 0; i < 1000 && lives(pid); i++)
        clock_sleep(10);
    return !lives(pid);
}

static void test_output_and_status(void)
{
    struct process_result result;
    write_script("plain", "echo first; echo role $DRNODE_ROLE >&2; exit 3", 0755);
    CU_ASSERT_EQUAL_FATAL(run("plain", 60000, -1, &result), DR_OK);
    CU_ASSERT_EQUAL(result.status, 3);
    CU_ASSERT_STRING_EQUAL(result.tail, "first\nrole master");
    CU_ASSERT_FALSE(result.timed_out || result.stopped);
}

/* B5.1.5-02: a grandchild that ignores SIGTERM ends too. */
static void test_timeout_kills_grandchildren(void)
{
    struct process_result result;
    struct stat deep = {0};
    char body[256], path[128];
    snprintf(path, sizeof path, "%s/deep", folder);
    snprintf(body, sizeof body, "(trap '' TERM; sleep 1000 & echo $! > %s; wait) &\nwait", path);
    write_script("hangs", body, 0755);
    /* A machine on which the grandchild has not begun by then says nothing. */
    for (msec limit = 300; limit < 60000 && deep.st_size == 0; limit *= 4) {
        CU_ASSERT_EQUAL_FATAL(run("hangs", limit, -1, &result), DR_OK);
        CU_ASSERT_TRUE(result.timed_out && result.took >= limit);
        stat(path, &deep);
    }
    CU_ASSERT_TRUE(gone_soon(noted_pid("deep")));
}

/* An acquire script starts a server and leaves: the server must stay, and may go on writing. */
static void test_background_lives_on(void)
{
    struct process_result result;
    char body[256];
    snprintf(body, sizeof body, "sleep 1000 & echo $! > %s/server", folder);
    write_script("starts", body, 0755);
    CU_ASSERT_EQUAL_FATAL(run("starts", 60000, -1, &result), DR_OK);
    pid_t server = noted_pid("server");
    CU_ASSERT_EQUAL(result.status, 0);
    CU_ASSERT_TRUE(lives(server));
    kill(server, SIGKILL);
}

static void test_scripts_refused(void)
{
    struct process_result result;
    char link_path[128];
    write_script("noexec", "true", 0644);
    snprintf(link_path, sizeof link_path, "%s/link", folder);
    CU_ASSERT_EQUAL(symlink("/bin/true", link_path), 0);
    CU_ASSERT_EQUAL(run("noexec", 1000, -1, &result), DR_INVALID);
    CU_ASSERT_EQUAL(run("link", 1000, -1, &result), DR_INVALID);
    CU_ASSERT_EQUAL(run("../../bin/true", 1000, -1, &result), DR_INVALID);
    CU_ASSERT_EQUAL(run("below/plain", 1000, -1, &result), DR_INVALID);
    CU_ASSERT_EQUAL(run("missing", 1000, -1, &result), DR_NOT_FOUND);
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    CU_TestInfo cases[] = {{"output and status come back", test_output_and_status},
                           {"the time limit ends grandchildren (B5.1.5-02)", test_timeout_kills_grandchildren},
                           {"what it leaves in the background lives on", test_background_lives_on},
                           {"scripts that are refused (B5.1.2-56, -57, V6-04)", test_scripts_refused},
                           CU_TEST_INFO_NULL};
    int failed = unit_run("process", cases);
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) != 0 || failed;
}
