/* SPDX-License-Identifier: Apache-2.0
 * posix --list | posix CASE FOLDER: runs one case below FOLDER and prints what it observes. */
#include "tests/posix/posix.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct posix_case *const groups[] = {cases_names,   cases_permissions, cases_data,      cases_times,
                                                  cases_folders, cases_locks,       cases_attributes};

void say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

int said(const char *what, long result)
{
    say("%s: %s", what, result < 0 ? strerrorname_np(errno) : "ok");
    return (int)result;
}

int must(const char *what, long result)
{
    if (result < 0) {
        fprintf(stderr, "posix: %s: %s\n", what, strerror(errno));
        exit(3);
    }
    return (int)result;
}

void say_stat(const char *name)
{
    struct stat st;
    if (lstat(name, &st) < 0) {
        say("%s: %s", name, strerrorname_np(errno));
        return;
    }
    /* A folder's size is the file system's own business, and so is its number of links on some. */
    say("%s: mode %o links %lu owner %u:%u size %lld", name, st.st_mode, (unsigned long)st.st_nlink, st.st_uid,
        st.st_gid, S_ISDIR(st.st_mode) ? 0LL : (long long)st.st_size);
}

void say_contents(const char *name)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (said(name, fd) < 0)
        return;
    unsigned long sum = 5381, length = 0;
    unsigned char buffer[65536];
    ssize_t n;
    while ((n = read(fd, buffer, sizeof buffer)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            sum = sum * 33 + buffer[i];
        length += (unsigned long)n;
    }
    say("%s: %lu bytes, sum %lx%s", name, length, sum, n < 0 ? ", read failed" : "");
    close(fd);
}

void make_file(const char *name, size_t size, mode_t mode)
{
    int fd = must(name, open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    must("fchmod", fchmod(fd, mode));
    char block[4096];
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (char)('a' + i % 26);
    for (size_t done = 0; done < size;) {
        size_t n = size - done < sizeof block ? size - done : sizeof block;
        done += (size_t)must("write", write(fd, block, n));
    }
    close(fd);
}

static void wait_for(pid_t child)
{
    int status = 0;
    must("waitpid", waitpid(child, &status, 0));
    if (!WIFEXITED(status) || WEXITSTATUS(status) == 3) {
        fprintf(stderr, "posix: a child ended with status %x\n", (unsigned)status);
        exit(3);
    }
}

void as_user(uid_t uid, gid_t gid, void (*body)(void))
{
    fflush(stdout);
    pid_t child = must("fork", fork());
    if (child == 0) {
        must("setgroups", setgroups(0, NULL));
        must("setgid", setgid(gid));
        must("setuid", setuid(uid));
        body();
        fflush(stdout);
        _exit(0);
    }
    wait_for(child);
}

void in_child(void (*body)(void))
{
    fflush(stdout);
    pid_t child = must("fork", fork());
    if (child == 0) {
        body();
        fflush(stdout);
        _exit(0);
    }
    wait_for(child);
}

static const struct posix_case *find(const char *name)
{
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
        for (const struct posix_case *c = groups[g]; c->name; c++)
            if (strcmp(c->name, name) == 0)
                return c;
    return NULL;
}

static int list(void)
{
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
        for (const struct posix_case *c = groups[g]; c->name; c++)
            say("%s", c->name);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--list") == 0)
        return list();
    const struct posix_case *c = argc == 3 ? find(argv[1]) : NULL;
    if (!c) {
        fprintf(stderr, "usage: posix --list | posix CASE FOLDER\n");
        return 2;
    }
    umask(022);
    must(argv[2], chdir(argv[2]));
    must(c->name, mkdir(c->name, 0777));
    must(c->name, chmod(c->name, 0777));
    must(c->name, chdir(c->name));
    c->run();
    return 0;
}
