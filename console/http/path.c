/* SPDX-License-Identifier: Apache-2.0 */
#include "console/http/path.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define UUID_LENGTH 36

/* Words that a client puts before the id instead of behind it, without a slash: /node//driver_letterUUID. */
static const char *const misplaced[] = {"driver_letter", "download_lic_info", "orphan_list"};

static bool is_uuid(const char *text)
{
    if (strlen(text) != UUID_LENGTH)
        return false;
    for (unsigned i = 0; i < UUID_LENGTH; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    return true;
}

/* Copies with each run of slashes made one, and none at the end. */
static bool collapse(char out[PATH_SIZE], const char *in)
{
    size_t used = 0;
    for (; *in != '\0'; in++) {
        if (*in == '/' && used > 0 && out[used - 1] == '/')
            continue;
        if (used + 1 >= PATH_SIZE)
            return false;
        out[used++] = *in;
    }
    while (used > 1 && out[used - 1] == '/')
        used--;
    out[used] = '\0';
    return true;
}

static bool begins(const char *text, const char *with)
{
    size_t length = strlen(with);
    return strncmp(text, with, length) == 0 && (text[length] == '/' || text[length] == '\0');
}

static void put_id_first(char path[PATH_SIZE])
{
    char *last = strrchr(path, '/');
    char turned[PATH_SIZE];
    if (last == NULL)
        return;
    for (size_t i = 0; i < sizeof misplaced / sizeof *misplaced; i++) {
        size_t length = strlen(misplaced[i]);
        if (strncmp(last + 1, misplaced[i], length) != 0 || !is_uuid(last + 1 + length))
            continue;
        int size =
            snprintf(turned, sizeof turned, "%.*s/%s/%s", (int)(last - path), path, last + 1 + length, misplaced[i]);
        if (size > 0 && (size_t)size < sizeof turned)
            memcpy(path, turned, (size_t)size + 1);
        return;
    }
}

static void drop_suffix(char *path, const char *suffix)
{
    size_t length = strlen(path), cut = strlen(suffix);
    if (length > cut && strcmp(path + length - cut, suffix) == 0)
        path[length - cut] = '\0';
}

bool path_repair(char repaired[PATH_SIZE], const char *sent)
{
    char path[PATH_SIZE];
    if (!collapse(path, sent))
        return false;
    if (strcmp(path, "/healthz") == 0 || strcmp(path, "/metrics") == 0) /* where watchers look for them */
        return snprintf(repaired, PATH_SIZE, "%s", path) > 0;
    if (strncmp(path, "/api", 4) != 0)
        return false;
    const char *rest = path + 4;
    if (begins(rest, "/api"))
        rest += strlen("/api");
    if (begins(rest, "/vers/v3"))
        rest += strlen("/vers/v3");
    if (*rest == '\0')
        return false;
    int size = snprintf(repaired, PATH_SIZE, "%s%s", *rest == '/' ? "" : "/", rest);
    if (size < 0 || size >= PATH_SIZE)
        return false;
    drop_suffix(repaired, ".json");
    put_id_first(repaired);
    return true;
}

/* The next part of a path that begins with a slash; its end is returned. */
static const char *part_end(const char *part)
{
    return part + 1 + strcspn(part + 1, "/");
}

bool path_match(const char *path, const char *pattern, struct path_parts *parts)
{
    *parts = (struct path_parts){0};
    while (*path == '/' && *pattern == '/') {
        const char *end = part_end(path), *pattern_end = part_end(pattern);
        size_t length = (size_t)(end - path) - 1;
        if (pattern[1] == '*') {
            if (length == 0 || length >= sizeof parts->part[0] || parts->count == PATH_PARTS_MAX)
                return false;
            memcpy(parts->part[parts->count++], path + 1, length);
        } else if (end - path != pattern_end - pattern || memcmp(path, pattern, (size_t)(end - path)) != 0) {
            return false;
        }
        path = end, pattern = pattern_end;
    }
    return *path == '\0' && *pattern == '\0';
}
