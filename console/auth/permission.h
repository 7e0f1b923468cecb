/* SPDX-License-Identifier: Apache-2.0
 * console/auth/permission.h - what each role may: one table. */
#ifndef DR_CONSOLE_AUTH_PERMISSION_H
#define DR_CONSOLE_AUTH_PERMISSION_H

#include <stdbool.h>

/* Numbers and names are those of the contract. */
struct role {
    int id;
    const char *name, *display, *display_zh;
    const char *may; /* names of permissions between blanks; "*": all */
};

/* NULL: there is no such role. */
const struct role *role_by_id(int id);
const struct role *role_by_name(const char *name);
/* From 0; NULL behind the last. */
const struct role *role_at(unsigned index);

/* An empty permission is everybody's. */
bool role_may(const char *role, const char *permission);
/* Whether `role` may all that `other` may: only then may it make, change or delete such a user. */
bool role_covers(const char *role, const char *other);

#endif
