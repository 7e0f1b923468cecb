/* SPDX-License-Identifier: Apache-2.0
 * preflight.h - the parts of capture_preflight(): each names what it finds and counts it in `found`. */
#ifndef DR_CAPTURE_PREFLIGHT_H
#define DR_CAPTURE_PREFLIGHT_H

#include "platform/capture.h"

#include <limits.h>
#include <sys/stat.h>

#define PREFLIGHT_OWN 2

struct preflight {
    const char *folder;
    char (*all)[PATH_MAX]; /* the rule's folders, this one among them */
    unsigned count;
    const char *advice; /* to whoever uses it */
    void (*say)(void *baton, const char *line);
    void *baton;
    unsigned found;
    struct stat own[PREFLIGHT_OWN]; /* the programs of drnode that know the rules' folders */
    unsigned owns;
};

void preflight_name(struct preflight *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Is `path` the folder or below it? */
bool preflight_within(const struct preflight *p, const char *path);
/* ... or another one of the rule? */
bool preflight_within_any(const struct preflight *p, const char *path);
/* The kernel's lists write white space in paths as \\ooo. */
void preflight_unescape(char *text);
/* Calls `visit` with each process but this one. */
void preflight_processes(void (*visit)(void *baton, int pid), void *baton);
void preflight_comm(int pid, char comm[32]);

void preflight_mounts(struct preflight *p);
/* Files, working folders, roots and maps of processes, by the links in /proc: the folder itself is not touched. */
void preflight_users(struct preflight *p);
void preflight_links(struct preflight *p);

#endif
