/* SPDX-License-Identifier: Apache-2.0
 * Other ways to the same tree. In our own mount namespace every mount that shows it under another path counts. In the
 * others those count that show a part of its file system; one of the whole of it (every service with a namespace of
 * its own has that) gets our mount too, by propagation. */
#include "platform/linux/capture/preflight.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMESPACES_MAX 512

/* One line of mountinfo. */
struct mount_line {
    char device[32];
    char root[PATH_MAX]; /* within its file system */
    char point[PATH_MAX];
};

static bool parse(const char *line, struct mount_line *m)
{
    if (sscanf(line, "%*d %*d %31s %4095s %4095s", m->device, m->root, m->point) != 3)
        return false;
    preflight_unescape(m->root);
    preflight_unescape(m->point);
    return true;
}

/* What follows `prefix` in `path`, at a boundary of names; NULL if it is not below. */
static const char *below(const char *path, const char *prefix)
{
    size_t length = strcmp(prefix, "/") == 0 ? 0 : strlen(prefix);
    if (strncmp(path, prefix, length) != 0 || (path[length] != '/' && path[length] != '\0'))
        return NULL;
    return path + length;
}

static void each_mount(int pid, void (*visit)(void *baton, const struct mount_line *m), void *baton)
{
    char path[64], line[3 * PATH_MAX];
    struct mount_line m;
    snprintf(path, sizeof path, pid ? "/proc/%d/mountinfo" : "/proc/self/mountinfo", pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        if (parse(line, &m))
            visit(baton, &m);
    }
    if (file)
        fclose(file);
}

/* ---- where the folder lies in its file system ---- */

struct place {
    struct preflight *p;
    int pid; /* whose namespace is looked at; 0 = ours */
    char device[32];
    char path[2 * PATH_MAX]; /* within the file system */
    size_t best;             /* length of the mount point it was found under */
};

static void find_place(void *baton, const struct mount_line *m)
{
    struct place *place = baton;
    const char *rest = below(place->p->folder, m->point);
    if (!rest || strlen(m->point) < place->best)
        return; /* the longest is the one, and of those the last: it lies on top */
    place->best = strlen(m->point);
    memcpy(place->device, m->device, sizeof place->device);
    snprintf(place->path, sizeof place->path, "%s%s", strcmp(m->root, "/") == 0 ? "" : m->root, rest);
}

static void look_at(void *baton, const struct mount_line *m)
{
    struct place *place = baton;
    struct preflight *p = place->p;
    const char *rest = below(m->point, p->folder);
    if (place->pid == 0 && rest && *rest) {
        preflight_name(p, "%.400s is a mount below the folder and would be hidden: unmount it, or move it out",
                       m->point);
        return;
    }
    if (strcmp(m->device, place->device) != 0 || (place->pid && strcmp(m->root, "/") == 0))
        return;
    char alias[2 * PATH_MAX];
    const char *inside = below(place->path, m->root);
    snprintf(alias, sizeof alias, "%s%s", strcmp(m->point, "/") == 0 ? "" : m->point, inside ? inside : "");
    if (!inside && !below(m->root, place->path))
        return;
    if (place->pid == 0 && strcmp(alias, p->folder) == 0)
        return;
    char comm[32] = "";
    if (place->pid)
        preflight_comm(place->pid, comm);
    preflight_name(p, "%.400s%s%s shows the same files and would bypass capture: unmount it", alias,
                   place->pid ? " in the mount namespace of " : "", comm);
}

/* ---- the namespaces ---- */

struct seen {
    struct place *place;
    ino_t namespace[NAMESPACES_MAX];
    unsigned count;
};

static ino_t namespace_of(const char *pid)
{
    char path[64];
    struct stat st;
    snprintf(path, sizeof path, "/proc/%s/ns/mnt", pid);
    return stat(path, &st) == 0 ? st.st_ino : 0;
}

static void visit_namespace(void *baton, int pid)
{
    struct seen *seen = baton;
    char text[16];
    snprintf(text, sizeof text, "%d", pid);
    ino_t namespace = namespace_of(text);
    for (unsigned i = 0; i < seen->count; i++) {
        if (seen->namespace[i] == namespace)
            return;
    }
    if (namespace == 0 || seen->count == NAMESPACES_MAX)
        return;
    seen->namespace[seen->count++] = namespace;
    seen->place->pid = pid;
    each_mount(pid, look_at, seen->place);
}

void preflight_mounts(struct preflight *p)
{
    struct place place = {.p = p};
    each_mount(0, find_place, &place);
    each_mount(0, look_at, &place);
    struct seen *seen = calloc(1, sizeof *seen);
    if (!seen)
        return;
    *seen = (struct seen){.place = &place, .namespace = {namespace_of("self")}, .count = 1};
    preflight_processes(visit_namespace, seen);
    free(seen);
}
