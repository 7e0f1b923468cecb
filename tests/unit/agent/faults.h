/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/agent/faults.h - counts the calls that change files or make them durable, and makes the n-th one fail, or
 * be the last thing that the process did. Defines those calls for the program: include it in one file of it. */
#ifndef DR_TESTS_FAULTS_H
#define DR_TESTS_FAULTS_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static struct {
    long countdown; /* 0: off */
    bool kills;
    bool sticks; /* every later one fails too */
    int error;
    bool fired;
} faults;

static pthread_mutex_t faults_lock = PTHREAD_MUTEX_INITIALIZER;

static bool fault(void)
{
    pthread_mutex_lock(&faults_lock);
    bool now = faults.countdown > 0 && --faults.countdown == 0;
    if (now && faults.sticks)
        faults.countdown = 1;
    faults.fired = faults.fired || now;
    pthread_mutex_unlock(&faults_lock);
    if (now && faults.kills)
        kill(getpid(), SIGKILL);
    if (now)
        errno = faults.error;
    return now;
}

/* The next call is the one that the process dies in. */
static bool faults_die_now(void)
{
    pthread_mutex_lock(&faults_lock);
    bool now = faults.countdown == 1 && faults.kills;
    pthread_mutex_unlock(&faults_lock);
    return now;
}

static void faults_after(long calls, bool kills, int error, bool sticks)
{
    pthread_mutex_lock(&faults_lock);
    faults.countdown = calls;
    faults.kills = kills;
    faults.error = error;
    faults.sticks = sticks;
    faults.fired = false;
    pthread_mutex_unlock(&faults_lock);
}

static bool faults_fired(void)
{
    pthread_mutex_lock(&faults_lock);
    bool fired = faults.fired;
    pthread_mutex_unlock(&faults_lock);
    return fired;
}

#define FAULTY(number, ...) (fault() ? -1 : syscall(number, __VA_ARGS__))

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    /* Half of it may get there before the end comes. */
    if (size > 1 && faults_die_now())
        (void)!syscall(SYS_pwrite64, fd, bytes, size / 2, offset);
    return FAULTY(SYS_pwrite64, fd, bytes, size, offset);
}
int fdatasync(int fd)
{
    return (int)FAULTY(SYS_fdatasync, fd);
}
int fsync(int fd)
{
    return (int)FAULTY(SYS_fsync, fd);
}
int syncfs(int fd)
{
    (void)fd; /* the process dies, not the machine */
    return fault() ? -1 : 0;
}
int ftruncate(int fd, off_t size)
{
    return (int)FAULTY(SYS_ftruncate, fd, size);
}
int fallocate(int fd, int mode, off_t offset, off_t length)
{
    return (int)FAULTY(SYS_fallocate, fd, mode, offset, length);
}
int rename(const char *from, const char *to)
{
    return (int)FAULTY(SYS_rename, from, to);
}
int renameat(int from, const char *name, int to, const char *name2)
{
    return (int)FAULTY(SYS_renameat2, from, name, to, name2, 0);
}
int renameat2(int from, const char *name, int to, const char *name2, unsigned flags)
{
    return (int)FAULTY(SYS_renameat2, from, name, to, name2, flags);
}
int linkat(int from, const char *name, int to, const char *name2, int flags)
{
    return (int)FAULTY(SYS_linkat, from, name, to, name2, flags);
}
int unlinkat(int folder, const char *name, int flags)
{
    return (int)FAULTY(SYS_unlinkat, folder, name, flags);
}
int unlink(const char *name)
{
    return (int)FAULTY(SYS_unlink, name);
}
int mkdirat(int folder, const char *name, mode_t mode)
{
    return (int)FAULTY(SYS_mkdirat, folder, name, mode);
}
int symlinkat(const char *target, int folder, const char *name)
{
    return (int)FAULTY(SYS_symlinkat, target, folder, name);
}
int fchmod(int fd, mode_t mode)
{
    return (int)FAULTY(SYS_fchmod, fd, mode);
}
int fchownat(int folder, const char *name, uid_t uid, gid_t gid, int flags)
{
    return (int)FAULTY(SYS_fchownat, folder, name, uid, gid, flags);
}
int utimensat(int folder, const char *name, const struct timespec times[2], int flags)
{
    return (int)FAULTY(SYS_utimensat, folder, name, times, flags);
}
int setxattr(const char *path, const char *name, const void *value, size_t size, int flags)
{
    return (int)FAULTY(SYS_setxattr, path, name, value, size, flags);
}
int openat(int folder, const char *name, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    if (flags & O_CREAT && fault())
        return -1;
    return (int)syscall(SYS_openat, folder, name, flags, mode);
}

#endif
