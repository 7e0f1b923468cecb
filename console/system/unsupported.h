/* SPDX-License-Identifier: Apache-2.0
 * console/system/unsupported.h - calls of the contract about features that this product does not have. They are
 * answered with one code, so that a client sees the reason and not a missing page. */
#ifndef DR_CONSOLE_SYSTEM_UNSUPPORTED_H
#define DR_CONSOLE_SYSTEM_UNSUPPORTED_H

#include "console/route.h"

#include <stdio.h>

struct unsupported {
    const char *path; /* of the calls: this, and all below it */
    const char *what;
};
/* NULL behind the last. */
const struct unsupported *unsupported_at(unsigned index);

/* The route that answers this path, if no other does; NULL: it is no call at all. */
const struct route *unsupported_route(const char *path);

/* docs/reference/not-supported.md */
void unsupported_page(FILE *out);

#endif
