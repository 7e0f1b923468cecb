/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/tool.c - fsck, lsof, nft. By fork, not posix_spawn as elsewhere: they must die with us, which
 * only the child itself can ask for; nothing but system calls lies between fork and exec. */
#include "platform/linux/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

bool tool_find(char path[PATH_MAX], const char *name)
{
    static const char *const folders[] = {"/usr/sbin", "/usr/bin",        "/sbin",
                                          "/bin",      "/usr/local/sbin", "/usr/local/bin"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, PATH_MAX, "%s/%s", folders[i], name);
        if (access(path, X_OK) == 0)
            return true;
    }
    return false;
}

static _Noreturn void become(const char *const *argv, int output, pid_t parent)
{
    int nothing = open("/dev/null", O_RDONLY);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || nothing < 0 || dup2(nothing, 0) < 0 ||
        dup2(output, 1) < 0 || dup2(output, 2) < 0)
        _exit(127);
    execv(argv[0], (char *const *)argv);
    _exit(127);
}

/* Keeps the last part; what is thrown away ends with a line. */
static void read_all(int fd, char *output, size_t size)
{
    size_t used = 0;
    ssize_t got;
    while ((got = read(fd, output + used, size - 1 - used)) > 0 || (got < 0 && errno == EINTR)) {
        used += got > 0 ? (size_t)got : 0;
        if (used == size - 1) {
            memmove(output, output + size / 2, used - size / 2);
            used -= size / 2;
        }
    }
    output[used] = '\0';
}

int tool_run(const char *const *argv, char *output, size_t size)
{
    int ends[2], status;
    pid_t self = getpid();
    output[0] = '\0';
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    pid_t child = fork();
    if (child == 0)
        become(argv, ends[1], self);
    close(ends[1]);
    if (child > 0)
        read_all(ends[0], output, size);
    close(ends[0]);
    if (child < 0 || waitpid(child, &status, 0) != child)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
