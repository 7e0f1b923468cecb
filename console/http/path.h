/* SPDX-License-Identifier: Apache-2.0
 * console/http/path.h - paths as clients send them, and the routes that they mean. Existing clients build some of them
 * wrongly (a missing slash after /api, a doubled one, an id behind its word): all those are known, and mean one route.
 */
#ifndef DR_CONSOLE_HTTP_PATH_H
#define DR_CONSOLE_HTTP_PATH_H

#include <stdbool.h>
#include <stddef.h>

#define PATH_SIZE      512
#define PATH_PARTS_MAX 4

/* What follows /api, or /api/vers/v3, with its wrong turns repaired: "/auth/token". For routing only: a signature
 * covers the path as it was sent. /healthz and /metrics need no /api. False: not below it, or longer than PATH_SIZE. */
bool path_repair(char repaired[PATH_SIZE], const char *sent);

struct path_parts {
    char part[PATH_PARTS_MAX][64];
    unsigned count;
};

/* Whether the path fits a pattern ("/ha/group/ * /task" without the blanks); each * is one part, kept in order. */
bool path_match(const char *path, const char *pattern, struct path_parts *parts);

#endif
