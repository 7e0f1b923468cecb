/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/volume/table.c - what is mounted where, as the kernel lists it (proc(5), mountinfo). Looks at no mount
 * itself. */
#include "platform/linux/volume/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

struct line {
    dev_t number;
    char mount[PATH_MAX], source[PATH_MAX];
};

/* Blanks, tabs, newlines and backslashes are written as three octal digits. */
static void unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from; to++)
        if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] && from[3]) {
            *to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
            from += 4;
        } else {
            *to = *from++;
        }
    *to = '\0';
}

/* "36 35 98:0 /root /mount options [optional...] - type source super-options" */
static bool read_line(FILE *list, char *text, size_t size, struct line *line)
{
    unsigned major, minor;
    for (;;) {
        if (fgets(text, (int)size, list) == NULL)
            return false;
        const char *rest = strstr(text, " - ");
        if (rest == NULL || sscanf(text, "%*u %*u %u:%u %*s %4095s", &major, &minor, line->mount) != 3 ||
            sscanf(rest, " - %*s %4095s", line->source) != 1)
            continue;
        unescape(line->mount);
        unescape(line->source);
        line->number = makedev(major, minor);
        return true;
    }
}

/* Calls `fits` for each mount, in the kernel's order; the last one that fits is left in `found`. */
static bool last_that(bool (*fits)(const struct line *line, const void *baton), const void *baton, struct line *found)
{
    FILE *list = fopen("/proc/self/mountinfo", "re");
    struct line line;
    char text[4 * PATH_MAX];
    bool any = false;
    while (list != NULL && read_line(list, text, sizeof text, &line))
        if (fits(&line, baton)) {
            *found = line;
            any = true;
        }
    if (list != NULL)
        fclose(list);
    return any;
}

static bool is_at(const struct line *line, const void *mount)
{
    return strcmp(line->mount, mount) == 0;
}

static bool is_of(const struct line *line, const void *number)
{
    return line->number == *(const dev_t *)number;
}

bool mounted_at(const char *mount, struct mounted *found)
{
    struct line line;
    if (!last_that(is_at, mount, &line))
        return false;
    found->number = line.number;
    memcpy(found->source, line.source, sizeof found->source);
    return true;
}

bool mounted_where(dev_t number, char *mount, size_t size)
{
    struct line line;
    if (!last_that(is_of, &number, &line))
        return false;
    snprintf(mount, size, "%s", line.mount);
    return true;
}

bool volume_held(const char *mount)
{
    struct mounted found;
    return mounted_at(mount, &found) && strncmp(found.source, "/dev/", 5) == 0;
}
