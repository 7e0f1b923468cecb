/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/preflight.h"
#include "platform/host.h"

#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void preflight_name(struct preflight *p, const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    p->say(p->baton, line);
    p->found++;
}

static bool is_within(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

bool preflight_within(const struct preflight *p, const char *path)
{
    return is_within(path, p->folder);
}

bool preflight_within_any(const struct preflight *p, const char *path)
{
    for (unsigned i = 0; i < p->count; i++)
        if (is_within(path, p->all[i]))
            return true;
    return false;
}

void preflight_unescape(char *text)
{
    char *to = text;
    for (const char *at = text; *at; at++) {
        unsigned code;
        if (*at == '\\' && sscanf(at + 1, "%3o", &code) == 1) {
            *to++ = (char)code;
            at += 3;
        } else {
            *to++ = *at;
        }
    }
    *to = '\0';
}

void preflight_comm(int pid, char comm[32])
{
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/comm", pid);
    FILE *file = fopen(path, "r");
    if (!file || !fgets(comm, 32, file))
        snprintf(comm, 32, "?");
    comm[strcspn(comm, "\n")] = '\0';
    if (file)
        fclose(file);
}

void preflight_processes(void (*visit)(void *baton, int pid), void *baton)
{
    DIR *all = opendir("/proc");
    for (const struct dirent *entry; all && (entry = readdir(all));) {
        long pid = strtol(entry->d_name, NULL, 10); /* 0: no process */
        if (pid > 0 && pid != getpid())
            visit(baton, (int)pid);
    }
    if (all)
        closedir(all);
}

/* ---- who uses the folder ---- */

static void note_own(struct preflight *p)
{
    static const char *const names[PREFLIGHT_OWN] = {"drcapture", "drnode"};
    char program[PATH_MAX];
    struct dr_error err;
    for (unsigned i = 0; i < PREFLIGHT_OWN; i++)
        if (host_program(program, sizeof program, names[i], &err) == DR_OK && stat(program, &p->own[p->owns]) == 0)
            p->owns++;
}

static bool is_own(const struct preflight *p, int pid)
{
    char path[32];
    struct stat program;
    snprintf(path, sizeof path, "/proc/%d/exe", pid);
    bool known = stat(path, &program) == 0;
    for (unsigned i = 0; known && i < p->owns; i++)
        if (program.st_ino == p->own[i].st_ino && program.st_dev == p->own[i].st_dev)
            return true;
    return false;
}

/* The first of /proc/PID/`list`'s links that leads into the folder. */
static bool list_leads_in(const struct preflight *p, int pid, const char *list, char target[PATH_MAX])
{
    char path[64];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/%s", pid, list);
    DIR *links = opendir(path);
    for (const struct dirent *entry; links && !found && (entry = readdir(links));) {
        ssize_t length = readlinkat(dirfd(links), entry->d_name, target, PATH_MAX - 1);
        target[length > 0 ? length : 0] = '\0';
        found = length > 0 && preflight_within(p, target);
    }
    if (links)
        closedir(links);
    return found;
}

static bool link_leads_in(const struct preflight *p, int pid, const char *name, char target[PATH_MAX])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    ssize_t length = readlink(path, target, PATH_MAX - 1);
    target[length > 0 ? length : 0] = '\0';
    return length > 0 && preflight_within(p, target);
}

static bool maps_lead_in(const struct preflight *p, int pid, char target[PATH_MAX])
{
    char path[64], line[PATH_MAX + 128];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/maps", pid);
    FILE *maps = fopen(path, "r");
    while (maps && !found && fgets(line, sizeof line, maps)) {
        const char *file = strchr(line, '/');
        if (!file)
            continue;
        snprintf(target, PATH_MAX, "%.*s", (int)strcspn(file, "\n"), file);
        found = preflight_within(p, target);
    }
    if (maps)
        fclose(maps);
    return found;
}

/* Of the programs of drnode only what who started them gave them can lead in: what they open themselves lies in the
 * folders of other rules, which are not in this one. On a host with a thousand rules that is nearly all there is to
 * look at, and each of a thousand drcaptures would look at it. */
static bool has_open(const struct preflight *p, int pid, bool own, char target[PATH_MAX])
{
    static const char *const given[] = {"fd/0", "fd/1", "fd/2"};
    if (!own)
        return list_leads_in(p, pid, "fd", target);
    bool found = false;
    for (unsigned i = 0; !found && i < sizeof given / sizeof given[0]; i++)
        found = link_leads_in(p, pid, given[i], target);
    return found;
}

static void visit_user(void *baton, int pid)
{
    struct preflight *p = baton;
    char target[PATH_MAX], comm[32];
    const char *how = NULL;
    bool own = is_own(p, pid);
    if (has_open(p, pid, own, target))
        how = "has open";
    else if (link_leads_in(p, pid, "cwd", target))
        how = "works in";
    else if (link_leads_in(p, pid, "root", target))
        how = "has as its root";
    else if (!own && maps_lead_in(p, pid, target))
        how = "has mapped";
    if (!how)
        return;
    preflight_comm(pid, comm);
    preflight_name(p, "process %d (%s) %s %.500s: %s", pid, comm, how, target, p->advice);
}

void preflight_users(struct preflight *p)
{
    note_own(p);
    preflight_processes(visit_user, p);
}

static void name_swap(struct preflight *p)
{
    char line[PATH_MAX];
    FILE *swaps = fopen("/proc/swaps", "r");
    while (swaps && fgets(line, sizeof line, swaps)) {
        line[strcspn(line, " \t\n")] = '\0';
        preflight_unescape(line);
        if (preflight_within(p, line))
            preflight_name(p, "%s is in use as swap space: run swapoff on it", line);
    }
    if (swaps)
        fclose(swaps);
}

unsigned capture_preflight(const char *const *folder, unsigned folders, unsigned which,
                           void (*say)(void *baton, const char *line), void *baton)
{
    char all[CAPTURE_PATHS_MAX][PATH_MAX];
    for (unsigned i = 0; i < folders; i++)
        if (!realpath(folder[i], all[i]))
            snprintf(all[i], sizeof all[i], "%s", folder[i]);
    struct preflight p = {.folder = all[which],
                          .all = all,
                          .count = folders,
                          .advice = "end it, and start it again once the folder is protected",
                          .say = say,
                          .baton = baton};
    preflight_users(&p);
    preflight_mounts(&p);
    preflight_links(&p);
    name_swap(&p);
    return p.found;
}
