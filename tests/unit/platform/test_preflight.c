/* SPDX-License-Identifier: Apache-2.0
 * What would bypass or break capture is named, each in one line with what to do; what would not is not. */
#include "platform/capture.h"
#include "platform/host.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

static struct scratch scratch;
static char said[4096];

static void note(void *baton, const char *line)
{
    (void)baton;
    snprintf(said + strlen(said), sizeof said - strlen(said), "%s", line);
}

static unsigned look(void)
{
    said[0] = '\0';
    const char *folder[] = {scratch_path(&scratch, "data"), scratch_path(&scratch, "more")};
    return capture_preflight(folder, 2, 0, note, NULL);
}

static void set_up(void)
{
    scratch = scratch_make();
    scratch_folder(&scratch, "data/sub");
    scratch_folder(&scratch, "more");
    scratch_folder(&scratch, "else");
    scratch_write(&scratch, "data/file", "text");
}

/* One finding, which holds both words. */
static void found_one(const char *what, const char *advice)
{
    CU_ASSERT_EQUAL(look(), 1);
    unit_says(said, what);
    unit_says(said, advice);
}

static void found_none(void)
{
    CU_ASSERT_EQUAL(look(), 0);
    CU_ASSERT_STRING_EQUAL(said, "");
}

/* ---- processes ---- */

static bool opens(void)
{
    return open(scratch_path(&scratch, "data/file"), O_WRONLY | O_CLOEXEC) >= 0;
}

static bool works_in(void)
{
    return chdir(scratch_path(&scratch, "data/sub")) == 0;
}

static bool maps(void)
{
    int fd = open(scratch_path(&scratch, "data/file"), O_RDWR | O_CLOEXEC);
    bool is = mmap(NULL, 4, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED;
    close(fd);
    return is;
}

static bool writes_out(void)
{
    return dup2(open(scratch_path(&scratch, "data/file"), O_WRONLY | O_CLOEXEC), STDOUT_FILENO) == STDOUT_FILENO;
}

/* A process that does it and stays. */
static pid_t start(bool (*act)(void))
{
    int done[2];
    char byte = 0;
    CU_ASSERT_EQUAL_FATAL(pipe(done), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (act() && write(done[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    close(done[1]);
    CU_ASSERT_EQUAL(read(done[0], &byte, 1), 1);
    close(done[0]);
    return pid;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void a_process_is_named(void)
{
    static const struct {
        bool (*act)(void);
        const char *how;
    } ways[] = {{opens, "has open"}, {works_in, "works in"}, {maps, "has mapped"}};
    set_up();
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        pid_t pid = start(ways[i].act);
        char who[64];
        snprintf(who, sizeof who, "process %d (test_preflight) %s", pid, ways[i].how);
        found_one(who, "end it");
        end(pid);
        found_none();
    }
    scratch_remove(&scratch);
}

/* For this test alone, as all of its mount namespace: the drnode that lies beside it is a file that is this program. */
static void pretend_drnode(void)
{
    char program[PATH_MAX], self[PATH_MAX];
    struct dr_error err;
    CU_ASSERT_EQUAL_FATAL(host_program(self, sizeof self, "test_preflight", &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(host_program(program, sizeof program, "drnode", &err), DR_OK);
    int file = open(program, O_WRONLY | O_CREAT | O_CLOEXEC | O_EXCL, 0600);
    CU_ASSERT_FATAL(file >= 0);
    close(file);
    CU_ASSERT_EQUAL_FATAL(mount(self, program, NULL, MS_BIND, NULL), 0);
}

static void end_pretending(void)
{
    char program[PATH_MAX];
    struct dr_error err;
    CU_ASSERT_EQUAL_FATAL(host_program(program, sizeof program, "drnode", &err), DR_OK);
    CU_ASSERT_EQUAL(umount(program), 0);
    CU_ASSERT_EQUAL(unlink(program), 0);
}

/* What a drnode opens for other rules is not looked at; what it was started with is. */
static void of_our_own_programs_what_was_given_is_named(void)
{
    static const struct {
        bool (*act)(void);
        const char *how;
    } ways[] = {{writes_out, "has open"}, {works_in, "works in"}};
    set_up();
    pretend_drnode();
    pid_t pid = start(opens);
    found_none();
    end(pid);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        pid = start(ways[i].act);
        found_one(ways[i].how, "end it");
        end(pid);
    }
    end_pretending();
    scratch_remove(&scratch);
}

/* ---- mounts ---- */

static void a_mount_below_is_named(void)
{
    set_up();
    CU_ASSERT_EQUAL_FATAL(mount("none", scratch_path(&scratch, "data/sub"), "tmpfs", 0, NULL), 0);
    found_one("/data/sub is a mount below the folder", "unmount it");
    CU_ASSERT_EQUAL(umount(scratch_path(&scratch, "data/sub")), 0);
    found_none();
    scratch_remove(&scratch);
}

static void another_way_to_the_tree_is_named(void)
{
    static const char *const ways[] = {"data", "data/sub"};
    set_up();
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        CU_ASSERT_EQUAL_FATAL(
            mount(scratch_path(&scratch, ways[i]), scratch_path(&scratch, "else"), NULL, MS_BIND, NULL), 0);
        found_one("/else", "would bypass capture: unmount it");
        CU_ASSERT_EQUAL(umount(scratch_path(&scratch, "else")), 0);
        found_none();
    }
    scratch_remove(&scratch);
}

/* ---- links ---- */

static void a_link_out_is_named(void)
{
    set_up();
    CU_ASSERT_EQUAL_FATAL(symlink("../../else", scratch_path(&scratch, "data/sub/out")), 0);
    found_one("/data/sub/out leads out of the folder", "move it in");
    scratch_remove(&scratch);
}

static void links_that_lead_nowhere_else_are_not(void)
{
    set_up();
    CU_ASSERT_EQUAL_FATAL(symlink("../file", scratch_path(&scratch, "data/sub/in")), 0);
    CU_ASSERT_EQUAL_FATAL(symlink("/nowhere/at/all", scratch_path(&scratch, "data/sub/broken")), 0);
    CU_ASSERT_EQUAL_FATAL(symlink("/dev/null", scratch_path(&scratch, "data/sub/device")), 0);
    CU_ASSERT_EQUAL_FATAL(symlink("../../more", scratch_path(&scratch, "data/sub/protected too")), 0);
    found_none();
    scratch_remove(&scratch);
}

/* ---- swap ---- */

static void pretend_swap(const char *relative)
{
    char text[512];
    scratch_write(&scratch, "else/swaps", "");
    snprintf(text, sizeof text, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n%s%s\tfile\t\t64\t\t0\t\t-2\n",
             scratch_path(&scratch, "data"), relative);
    scratch_write(&scratch, "else/swaps", text);
}

/* The kernel's list as it would be: capture reads it where it always lies. */
static void swap_space_is_named(void)
{
    set_up();
    pretend_swap("base");
    CU_ASSERT_EQUAL_FATAL(mount(scratch_path(&scratch, "else/swaps"), "/proc/swaps", NULL, MS_BIND, NULL), 0);
    found_none(); /* "database" is another folder */
    pretend_swap("/sub/swap\\040space");
    found_one("/data/sub/swap space is in use as swap space", "run swapoff on it");
    CU_ASSERT_EQUAL(umount("/proc/swaps"), 0);
    found_none();
    scratch_remove(&scratch);
}

int main(void)
{
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
        fprintf(stderr, "test_preflight: cannot make a mount namespace: run as root\n");
        return 1;
    }
    CU_TestInfo cases[] = {
        {"a process with the folder in use is named", a_process_is_named},
        {"of our own programs what they were given is named", of_our_own_programs_what_was_given_is_named},
        {"a mount below is named", a_mount_below_is_named},
        {"another way to the tree is named", another_way_to_the_tree_is_named},
        {"a link out is named", a_link_out_is_named},
        {"links that lead nowhere else are not", links_that_lead_nowhere_else_are_not},
        {"swap space is named", swap_space_is_named},
        CU_TEST_INFO_NULL};
    return unit_run("preflight", cases);
}
