/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/survival/survival.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

void survival_fail(const char *why)
{
    fprintf(stderr, "survival: %s\n", why);
    exit(2);
}

void branch(void (*play)(const void *story, void *result), const void *story, void *result, size_t size)
{
    int ends[2], status;
    fflush(stdout);
    if (pipe(ends) != 0)
        survival_fail("no pipe for a branch of a story");
    pid_t child = fork();
    if (child < 0)
        survival_fail("no process for a branch of a story");
    if (child == 0) {
        play(story, result);
        _exit(write(ends[1], result, size) != (ssize_t)size);
    }
    close(ends[1]);
    bool told = read(ends[0], result, size) == (ssize_t)size;
    close(ends[0]);
    if (waitpid(child, &status, 0) != child || status != 0 || !told)
        survival_fail("a branch of a story ended without a result");
}
