/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/process.c - posix_spawn, pidfds and process groups. */
#include "platform/process.h"
#include "platform/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STUCK 2000 /* what is killed and still there after so long waits in the kernel, for storage mostly */

extern char **environ;

/* A session of its own, no signal blocked or ignored, nothing of ours open but 0, 1 and 2, as `files` says. */
static int spawn_with(pid_t *pid, const char *const *argv, const char *const *env, posix_spawn_file_actions_t *files)
{
    posix_spawnattr_t attr;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawn_file_actions_addclosefrom_np(files, 3);
    int why = posix_spawn(pid, argv[0], files, &attr, (char *const *)argv, env ? (char *const *)env : environ);
    posix_spawn_file_actions_destroy(files);
    posix_spawnattr_destroy(&attr);
    return why;
}

static int spawn(pid_t *pid, const struct process_spec *spec, int output_flags)
{
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    if (spec->input > 0)
        posix_spawn_file_actions_adddup2(&files, spec->input, 0);
    else
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, spec->output ? spec->output : "/dev/null",
                                     O_WRONLY | O_CREAT | O_APPEND | output_flags, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    return spawn_with(pid, spec->argv, spec->env, &files);
}

enum dr_code process_detach(const struct process_spec *spec, int64_t *pid, struct dr_error *err)
{
    pid_t child;
    int why = spawn(&child, spec, 0);
    if (why != 0)
        return dr_fail(err, DR_IO, "cannot start %s: %s: check the installation", spec->argv[0], strerror(why));
    *pid = child;
    return DR_OK;
}

enum dr_code process_helper(const char *const *argv, int64_t *pid, int *channel, struct dr_error *err)
{
    int pair[2];
    pid_t child;
    posix_spawn_file_actions_t files;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return dr_fail(err, DR_FULL, "cannot start %s: %s", argv[0], strerror(errno));
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, pair[1], 0);
    posix_spawn_file_actions_adddup2(&files, pair[1], 1);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    int why = spawn_with(&child, argv, NULL, &files);
    close(pair[1]);
    if (why != 0) {
        close(pair[0]);
        return dr_fail(err, DR_IO, "cannot start %s: %s: check the installation", argv[0], strerror(why));
    }
    *pid = child;
    *channel = pair[0];
    return DR_OK;
}

static int status_of(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool process_ended(int64_t pid, int *status)
{
    int raw;
    pid_t ended = waitpid((pid_t)pid, &raw, WNOHANG);
    *status = ended == (pid_t)pid ? status_of(raw) : -1;
    return ended == (pid_t)pid || (ended < 0 && errno == ECHILD);
}

/* Waits for the end of `pidfd`, a wish on `stop`, or the limit. True: it has ended. */
static bool wait_end(int pidfd, int stop, msec until, bool *stopped)
{
    struct pollfd wait[2] = {{.fd = pidfd, .events = POLLIN}, {.fd = stop, .events = POLLIN}};
    for (;;) {
        msec left = until - clock_now();
        int ready = poll(wait, 2, left > 0 ? (int)left : 0);
        if (wait[0].revents != 0 && ready > 0)
            return true;
        *stopped = ready > 0 && wait[1].revents != 0;
        if (*stopped || clock_now() >= until)
            return false;
    }
}

/* The group's leader is not reaped yet, so its number is still ours to signal. False: it is still there. */
static bool end_group(const struct process *process, msec mercy)
{
    bool unused;
    process_signal(process, false);
    (void)wait_end(process->ended, -1, clock_now() + mercy, &unused);
    process_signal(process, true); /* the leader may have gone and left a child that ignores SIGTERM */
    return wait_end(process->ended, -1, clock_now() + STUCK, &unused);
}

static int reap(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status_of(status);
}

static void read_tail(char *tail, size_t size, const char *file)
{
    tail[0] = '\0';
    int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return; /* no output is no error: the exit status speaks */
    off_t end = lseek(fd, 0, SEEK_END), from = end >= (off_t)size ? end - (off_t)size + 1 : 0;
    ssize_t got = pread(fd, tail, size - 1, from);
    close(fd);
    while (got > 0 && tail[got - 1] == '\n')
        got--;
    tail[got > 0 ? got : 0] = '\0';
}

enum dr_code process_begin(struct process *process, const struct process_spec *spec, struct dr_error *err)
{
    pid_t pid;
    process->began = clock_now();
    int why = spawn(&pid, spec, O_TRUNC);
    if (why != 0)
        return dr_fail(err, DR_IO, "cannot start %s: %s", spec->argv[0], strerror(why));
    process->pid = pid;
    process->ended = (int)syscall(SYS_pidfd_open, pid, 0);
    if (process->ended >= 0)
        return DR_OK;
    why = errno;
    process_signal(process, true);
    (void)reap(pid);
    return dr_fail(err, DR_IO, "cannot watch %s: %s: Linux 5.3 or later is needed", spec->argv[0], strerror(why));
}

void process_signal(const struct process *process, bool kill_it)
{
    kill(-(pid_t)process->pid, kill_it ? SIGKILL : SIGTERM);
}

void process_finish(struct process *process, const char *output, struct process_result *result)
{
    close(process->ended);
    result->status = result->stuck ? 128 + SIGKILL : reap((pid_t)process->pid);
    result->took = clock_now() - process->began;
    read_tail(result->tail, sizeof result->tail, output);
}

enum dr_code process_run(const struct process_spec *spec, struct process_result *result, struct dr_error *err)
{
    struct process process;
    memset(result, 0, sizeof *result);
    enum dr_code code = process_begin(&process, spec, err);
    if (code != DR_OK)
        return code;
    if (!wait_end(process.ended, spec->stop, process.began + spec->limit, &result->stopped)) {
        result->timed_out = !result->stopped;
        if (result->stopped && spec->ending != NULL)
            spec->ending(spec->baton);
        result->stuck = !end_group(&process, spec->mercy);
    }
    process_finish(&process, spec->output, result);
    return DR_OK;
}

enum dr_code process_script(char *path, size_t size, const char *folder, const char *name, struct dr_error *err)
{
    struct stat facts;
    if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL)
        return dr_fail(err, DR_INVALID, "script '%s': give a plain file name in %s", name, folder);
    if ((size_t)snprintf(path, size, "%s/%s", folder, name) >= size)
        return dr_fail(err, DR_INVALID, "script '%s': the path is too long", name);
    if (lstat(path, &facts) < 0)
        return dr_fail(err, DR_NOT_FOUND, "script %s: %s: put it there on both members", path, strerror(errno));
    if (!S_ISREG(facts.st_mode))
        return dr_fail(err, DR_INVALID, "script %s is not a regular file: links and folders are not followed", path);
    if ((facts.st_mode & S_IXUSR) == 0 || (facts.st_mode & S_IWOTH) != 0)
        return dr_fail(err, DR_INVALID, "script %s must be executable and not writable for others: chmod 0755", path);
    return DR_OK;
}
