/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/process_list.c - the processes of this host, from /proc. Kernel threads and zombies have no command
 * line. */
#include "platform/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t read_command(const char *pid, char *bytes, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%.32s/cmdline", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0; /* it has ended meanwhile */
    size_t used = 0;
    for (ssize_t got; used < size && (got = read(fd, bytes + used, size - used)) > 0;)
        used += (size_t)got;
    close(fd);
    return used;
}

static bool is_another(const char *name)
{
    char *end;
    long pid = strtol(name, &end, 10);
    return *end == '\0' && pid > 0 && pid != (long)getpid();
}

/* A thread has a folder of its number too, which only no listing of /proc shows. */
bool process_lives(int64_t pid)
{
    char path[64], line[128], state = 'X';
    long long group = 0;
    snprintf(path, sizeof path, "/proc/%lld/status", (long long)pid);
    FILE *status = fopen(path, "re");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        (void)sscanf(line, "State: %c", &state);
        (void)sscanf(line, "Tgid: %lld", &group);
    }
    if (status != NULL)
        fclose(status);
    return group == (long long)pid && strchr("ZXx", state) == NULL;
}

enum dr_code process_each(void (*each)(void *baton, const char *cmdline, size_t size), void *baton,
                          struct dr_error *err)
{
    char cmdline[PROCESS_COMMAND];
    DIR *all = opendir("/proc");
    if (all == NULL)
        return dr_fail(err, DR_IO, "cannot list the processes in /proc: %s", strerror(errno));
    for (struct dirent *entry; (entry = readdir(all)) != NULL;) {
        size_t size = is_another(entry->d_name) ? read_command(entry->d_name, cmdline, sizeof cmdline) : 0;
        if (size > 0)
            each(baton, cmdline, size);
    }
    closedir(all);
    return DR_OK;
}
