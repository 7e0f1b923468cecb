/* SPDX-License-Identifier: Apache-2.0
 * The child that takes an address: not after its instant, and not behind the end of the drnode that wanted it. */
#include "agent/guarded.h"
#include "platform/clock.h"
#include "tests/unit/unit.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define AMPLE 600000

static bool held(const char *address)
{
    struct dr_error err;
    struct vip vip;
    bool is = false;
    CU_ASSERT_EQUAL_FATAL(vip_parse(&vip, address, "left", &err), DR_OK);
    CU_ASSERT_EQUAL(vip_held(&vip, &is, &err), DR_OK);
    return is;
}

/* The child's status, as a shell tells it, for `argv` as guarded_run() makes it. */
static int child(const char *address, msec until, pid_t parent)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        char instant[24], owner[24];
        char program[] = "drnode", word[] = GUARDED_WORD, act[] = "add", card[] = "left", life[] = "30",
             quiet[] = "quiet";
        snprintf(instant, sizeof instant, "%" PRId64, until);
        snprintf(owner, sizeof owner, "%d", (int)parent);
        char *argv[] = {program, word, instant, owner, act, life, quiet, (char *)(uintptr_t)address, card, NULL};
        _exit(guarded_main(9, argv));
    }
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void it_takes(void)
{
    CU_ASSERT_EQUAL(child("10.99.7.50/24", clock_now() + AMPLE, getpid()), 0);
    CU_ASSERT_TRUE(held("10.99.7.50/24"));
}

static void nothing_after_its_instant(void)
{
    CU_ASSERT_EQUAL(child("10.99.7.51/24", clock_now() - 1, getpid()), 128 + SIGKILL);
    CU_ASSERT_NOT_EQUAL(child("10.99.7.51/24", 0, getpid()), 0);
    CU_ASSERT_FALSE(held("10.99.7.51/24"));
}

static void nothing_behind_the_end_of_who_wanted_it(void)
{
    pid_t ended = fork();
    if (ended == 0)
        _exit(0);
    CU_ASSERT_EQUAL(waitpid(ended, NULL, 0), ended);
    CU_ASSERT_NOT_EQUAL(child("10.99.7.52/24", clock_now() + AMPLE, ended), 0);
    CU_ASSERT_FALSE(held("10.99.7.52/24"));
}

int main(void)
{
    if (unshare(CLONE_NEWNET) != 0 ||
        system("ip link add left type veth peer name right && ip link set left up && ip link set right up") != 0) {
        fprintf(stderr, "test_guarded: cannot make a network namespace: run as root\n");
        return 1;
    }
    CU_TestInfo cases[] = {{"it takes an address", it_takes},
                           {"nothing after its instant", nothing_after_its_instant},
                           {"nothing behind the end of who wanted it", nothing_behind_the_end_of_who_wanted_it},
                           CU_TEST_INFO_NULL};
    return unit_run("guarded", cases);
}
