/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/process_holders.c - who has files of a folder open, by the links in /proc: a stat() of such a file
 * could wait for the very server that is being looked after. */
#include "platform/process.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static bool link_says(const char *link, char *target, size_t size)
{
    ssize_t length = readlink(link, target, size - 1);
    target[length > 0 ? length : 0] = '\0';
    return length > 0;
}

static bool holds(const char *pid, const char *folder)
{
    char path[320], target[4096];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%s/fd", pid);
    DIR *files = opendir(path);
    if (files == NULL)
        return false; /* it has ended meanwhile */
    for (struct dirent *file; !found && (file = readdir(files)) != NULL;) {
        snprintf(path, sizeof path, "/proc/%.32s/fd/%.64s", pid, file->d_name);
        found = link_says(path, target, sizeof target) && below(target, folder);
    }
    closedir(files);
    return found;
}

/* 0: not the folder of a process. */
static pid_t pid_of(const char *name)
{
    char *end;
    long pid = strtol(name, &end, 10);
    return *end == '\0' && pid > 0 ? (pid_t)pid : 0;
}

static bool is_spared(const char *pid, const char *spare)
{
    char path[320], target[4096];
    snprintf(path, sizeof path, "/proc/%s/exe", pid);
    return pid_of(pid) == getpid() ||
           (spare != NULL && link_says(path, target, sizeof target) && strcmp(target, spare) == 0);
}

unsigned process_holders(const char *folder, const char *spare, bool kill_them)
{
    unsigned count = 0;
    DIR *all = opendir("/proc");
    for (struct dirent *entry; all != NULL && (entry = readdir(all)) != NULL;) {
        if (pid_of(entry->d_name) == 0 || is_spared(entry->d_name, spare) || !holds(entry->d_name, folder))
            continue;
        count++;
        if (kill_them)
            kill(pid_of(entry->d_name), SIGKILL);
    }
    if (all != NULL)
        closedir(all);
    return count;
}
