/* SPDX-License-Identifier: Apache-2.0
 * Times: which calls move which, said as before/after, never as a clock reading. */
#include "tests/posix/posix.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static struct stat before;

static long long ns(const struct timespec *t)
{
    return (long long)t->tv_sec * 1000000000LL + t->tv_nsec;
}

static void mark(const char *name)
{
    must(name, lstat(name, &before));
    /* Longer than the kernel's tick, so that a change of time is seen. */
    must("sleep", nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL));
}

static void say_moved(const char *what, const char *name)
{
    struct stat after;
    must(name, lstat(name, &after));
    say("%s: mtime %s ctime %s", what, ns(&after.st_mtim) > ns(&before.st_mtim) ? "moved" : "same",
        ns(&after.st_ctim) > ns(&before.st_ctim) ? "moved" : "same");
}

static void moves(void)
{
    make_file("f", 10, 0644);
    must("mkdir", mkdir("d", 0755));
    mark("f");
    int fd = must("open", open("f", O_RDWR | O_CLOEXEC));
    say_moved("open", "f");
    must("write", write(fd, "x", 1));
    say_moved("write", "f");
    mark("f");
    must("truncate", ftruncate(fd, 5));
    say_moved("truncate", "f");
    close(fd);
    mark("f");
    must("chmod", chmod("f", 0600));
    say_moved("chmod", "f");
    mark("f");
    must("link", link("f", "d/l"));
    say_moved("link", "f");
    mark("d");
    must("rename", rename("d/l", "d/m"));
    say_moved("rename inside", "d");
    mark("d");
    make_file("d/n", 1, 0644);
    say_moved("create inside", "d");
    mark("d");
    must("unlink", unlink("d/n"));
    say_moved("unlink inside", "d");
    mark("d");
    must("chmod", chmod("d/m", 0644));
    say_moved("chmod inside", "d");
}

static void say_times(const char *name)
{
    struct stat st;
    must(name, lstat(name, &st));
    say("%s: mtime %lld atime %lld", name, ns(&st.st_mtim), ns(&st.st_atim));
}

static void set_times(void)
{
    make_file("f", 10, 0644);
    struct timespec t[2] = {{.tv_sec = 1000000000, .tv_nsec = 123456789}, {.tv_sec = 1100000000, .tv_nsec = 987654321}};
    said("utimensat", utimensat(AT_FDCWD, "f", t, 0));
    say_times("f");
    t[0].tv_nsec = UTIME_OMIT;
    t[1] = (struct timespec){.tv_sec = 5, .tv_nsec = 6};
    said("mtime only", utimensat(AT_FDCWD, "f", t, 0));
    say_times("f");
    mark("f");
    t[1].tv_nsec = UTIME_NOW;
    said("now", utimensat(AT_FDCWD, "f", t, 0));
    say_moved("now", "f");
    must("symlink", symlink("f", "s"));
    t[0] = t[1] = (struct timespec){.tv_sec = 77, .tv_nsec = 88};
    said("of a link", utimensat(AT_FDCWD, "s", t, AT_SYMLINK_NOFOLLOW));
    struct stat st;
    must("lstat", lstat("s", &st));
    say("link mtime %lld", ns(&st.st_mtim));
    must("mkdir", mkdir("d", 0755));
    said("of a folder", utimensat(AT_FDCWD, "d", t, 0));
    must("lstat", lstat("d", &st));
    say("folder mtime %lld", ns(&st.st_mtim));
}

static void touch(void)
{
    said("now, of another's 0666", utimensat(AT_FDCWD, "open", NULL, 0));
    said("now, of another's 0644", utimensat(AT_FDCWD, "shut", NULL, 0));
    struct timespec t[2] = {{.tv_sec = 9}, {.tv_sec = 9}};
    said("set, of another's 0666", utimensat(AT_FDCWD, "open", t, 0));
}

static void times_and_rights(void)
{
    make_file("open", 1, 0666);
    make_file("shut", 1, 0644);
    as_user(4242, 4242, touch);
}

const struct posix_case cases_times[] = {
    {"time_moves", moves}, {"set_times", set_times}, {"times_and_rights", times_and_rights}, {NULL, NULL}};
