/* SPDX-License-Identifier: Apache-2.0
 * console/auth/password.h - passwords as they are kept: scrypt (RFC 7914) with a salt of their own and the cost that
 * they were made with, so that a later console can raise it. */
#ifndef DR_CONSOLE_AUTH_PASSWORD_H
#define DR_CONSOLE_AUTH_PASSWORD_H

#include <stdbool.h>

#define PASSWORD_KEPT_SIZE 160
#define PASSWORD_MAX       256

/* False: no memory or no random numbers. Takes some 60 ms and 32 MiB. */
bool password_keep(char kept[PASSWORD_KEPT_SIZE], const char *password);
/* In constant time for a given cost. */
bool password_fits(const char *kept, const char *password);

#endif
