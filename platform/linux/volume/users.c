/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/volume/users.c - lsof knows of open files, working folders, roots, maps and running programs, in every
 * mount namespace. */
#include "platform/linux/volume/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add(struct users *users, pid_t pid, const char *name)
{
    size_t used = strlen(users->names);
    users->pid[users->count++] = pid;
    snprintf(users->names + used, sizeof users->names - used, "%s%.32s (%d)", used ? ", " : "", name, (int)pid);
}

/* With -F pc each process is a line "pNUMBER" and a line "cNAME"; its files follow as "fNUMBER". */
static void parse(struct users *users, char *output)
{
    pid_t pid = 0;
    for (char *line = output, *next; line != NULL && users->count < USERS_MAX; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        if (line[0] == 'p')
            pid = (pid_t)strtol(line + 1, NULL, 10);
        else if (line[0] == 'c' && pid > 1 && pid != getpid())
            add(users, pid, line + 1);
    }
}

void users_find(struct users *users, const char *mount)
{
    char lsof[PATH_MAX], output[65536];
    memset(users, 0, sizeof *users);
    if (!tool_find(lsof, "lsof"))
        return;
    const char *argv[] = {lsof, "-w", "-n", "-P", "-S", "2", "-F", "pc", "--", mount, NULL};
    (void)tool_run(argv, output, sizeof output); /* 1: nobody was found */
    parse(users, output);
}

enum dr_code volume_tools(struct dr_error *err)
{
    char path[PATH_MAX];
    if (tool_find(path, "lsof"))
        return DR_OK;
    return dr_fail(err, DR_NOT_FOUND,
                   "error %d: lsof is missing on this node, so nobody could be named who keeps a volume busy: install "
                   "the package lsof",
                   VOLUME_NO_LSOF);
}
