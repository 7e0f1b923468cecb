/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void need(int ok, const char *what)
{
    if (ok)
        return;
    perror(what);
    exit(1);
}

struct scratch scratch_make(void)
{
    struct scratch s = {.root = "/tmp/drnode-test-XXXXXX"};
    need(mkdtemp(s.root) != NULL, s.root);
    return s;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

void scratch_remove(const struct scratch *s)
{
    nftw(s->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *scratch_path(const struct scratch *s, const char *relative)
{
    static _Thread_local char path[4][512];
    static _Thread_local unsigned next;
    char *at = path[next++ % 4];
    snprintf(at, sizeof path[0], "%s/%s", s->root, relative);
    return at;
}

void scratch_folder(const struct scratch *s, const char *relative)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s/", s->root, relative);
    for (char *slash = path + strlen(s->root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(path, 0755);
        *slash = '/';
    }
    need(access(path, F_OK) == 0, path);
}

void scratch_write(const struct scratch *s, const char *relative, const char *text)
{
    const char *slash = strrchr(relative, '/');
    char folder[256];
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - relative) : 0, relative);
    if (slash)
        scratch_folder(s, folder);
    FILE *out = fopen(scratch_path(s, relative), "w");
    need(out && fputs(text, out) >= 0 && fclose(out) == 0, relative);
}

const char *scratch_read(const struct scratch *s, const char *relative)
{
    static char text[1 << 20];
    FILE *in = fopen(scratch_path(s, relative), "r");
    if (!in)
        return NULL;
    size_t length = fread(text, 1, sizeof text - 1, in);
    text[length] = '\0';
    fclose(in);
    return text;
}
