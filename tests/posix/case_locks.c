/* SPDX-License-Identifier: Apache-2.0
 * Locks between processes, and a program that runs from the folder. */
#include "tests/posix/posix.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static int lock_range(int fd, int command, short type, off_t start, off_t length)
{
    struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    return fcntl(fd, command, &l);
}

static void other_process(void)
{
    int fd = must("open", open("f", O_RDWR | O_CLOEXEC));
    said("same range", lock_range(fd, F_SETLK, F_WRLCK, 50, 10));
    said("other range", lock_range(fd, F_SETLK, F_WRLCK, 200, 10));
    struct flock l = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
    said("who holds it", fcntl(fd, F_GETLK, &l));
    say("type %d from %lld for %lld, by the parent: %d", l.l_type, (long long)l.l_start, (long long)l.l_len,
        l.l_pid == getppid());
    said("flock shared", flock(fd, LOCK_SH | LOCK_NB));
    said("flock exclusive", flock(fd, LOCK_EX | LOCK_NB));
    close(fd);
}

static void locks(void)
{
    make_file("f", 1000, 0644);
    int fd = must("open", open("f", O_RDWR | O_CLOEXEC));
    said("lock", lock_range(fd, F_SETLK, F_WRLCK, 0, 100));
    said("flock", flock(fd, LOCK_SH));
    in_child(other_process);
    said("unlock", lock_range(fd, F_SETLK, F_UNLCK, 0, 0));
    said("unflock", flock(fd, LOCK_UN));
    in_child(other_process);
    close(fd);
}

static void open_description(void)
{
    make_file("f", 1000, 0644);
    int a = must("open", open("f", O_RDWR | O_CLOEXEC)), b = must("open", open("f", O_RDWR | O_CLOEXEC));
    said("first", lock_range(a, F_OFD_SETLK, F_WRLCK, 0, 10));
    said("second", lock_range(b, F_OFD_SETLK, F_WRLCK, 0, 10));
    close(a);
    said("after close", lock_range(b, F_OFD_SETLK, F_WRLCK, 0, 10));
    close(b);
}

static void waits(void)
{
    make_file("f", 10, 0644);
    int ready[2];
    must("pipe", pipe(ready));
    fflush(stdout);
    pid_t child = must("fork", fork());
    if (child == 0) {
        int fd = must("open", open("f", O_RDWR | O_CLOEXEC));
        must("lock", lock_range(fd, F_SETLK, F_WRLCK, 0, 0));
        must("tell", write(ready[1], "x", 1));
        usleep(100000);
        must("write", pwrite(fd, "done", 4, 0));
        _exit(0);
    }
    char c;
    must("wait", read(ready[0], &c, 1));
    int fd = must("open", open("f", O_RDWR | O_CLOEXEC));
    said("wait for the lock", lock_range(fd, F_SETLKW, F_WRLCK, 0, 0));
    char back[5] = "";
    must("pread", pread(fd, back, 4, 0));
    say("then it says %s", back);
    int status;
    must("waitpid", waitpid(child, &status, 0));
    close(ready[0]);
    close(ready[1]);
    close(fd);
}

static void run_copy(void)
{
    execl("./true", "true", (char *)NULL);
    said("exec", -1);
}

static void programs(void)
{
    must("copy", system("cp /bin/true ./true && chmod 755 ./true")); /* the shell's cp, as an operator would */
    in_child(run_copy);
    say("ran");
    int fd = must("open", open("true", O_RDONLY | O_CLOEXEC));
    char magic[5] = "";
    must("read", read(fd, magic, 4));
    say("magic %.3s", magic + 1);
    close(fd);
    must("chmod", chmod("true", 0644));
    in_child(run_copy);
}

const struct posix_case cases_locks[] = {
    {"locks", locks}, {"open_description", open_description}, {"waits", waits}, {"programs", programs}, {NULL, NULL}};
