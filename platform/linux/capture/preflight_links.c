/* SPDX-License-Identifier: Apache-2.0
 * Symbolic links that lead out of the protected folders: what an application writes through them is not protected
 * (PostgreSQL's table spaces). */
#include "platform/clock.h"
#include "platform/linux/capture/preflight.h"

#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define LINKS_LIMIT ((msec)10000)

static void look_at(struct preflight *p, const char *link)
{
    char target[PATH_MAX];
    struct stat st;
    if (!realpath(link, target) || preflight_within_any(p, target) || stat(target, &st) != 0)
        return; /* a link to nothing lets nothing out */
    if (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode))
        preflight_name(p, "%.400s leads out of the folder, to %.400s: protect that as well, or move it in", link,
                       target);
}

void preflight_links(struct preflight *p)
{
    char *roots[] = {(char *)(uintptr_t)p->folder, NULL};
    char line[PATH_MAX];
    msec until = clock_now() + LINKS_LIMIT;
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOSTAT | FTS_XDEV, NULL);
    for (FTSENT *entry; walk && (entry = fts_read(walk));) {
        if (entry->fts_info == FTS_SL || entry->fts_info == FTS_NSOK) {
            struct stat st;
            if (lstat(entry->fts_accpath, &st) == 0 && S_ISLNK(st.st_mode))
                look_at(p, entry->fts_path);
        }
        if (clock_now() > until) {
            snprintf(line, sizeof line, "note: %s has too many files to look for links that lead out", p->folder);
            p->say(p->baton, line);
            break;
        }
    }
    if (walk)
        fts_close(walk);
}
