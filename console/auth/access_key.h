/* SPDX-License-Identifier: Apache-2.0
 * console/auth/access_key.h - keys for scripts, in place of logging in. A secret is made from the key's name and the
 * console's own secret (a file, not the data base) each time that it is needed: it is kept nowhere. Consoles that share
 * a data base need the same file. */
#ifndef DR_CONSOLE_AUTH_ACCESS_KEY_H
#define DR_CONSOLE_AUTH_ACCESS_KEY_H

#include "console/http/request.h"
#include "console/store/store.h"

#define ACCESS_KEY_SIZE        33 /* 32 letters and digits */
#define ACCESS_KEY_SECRET_SIZE 41
#define ACCESS_KEYS_MAX        2 /* of one user */
#define ACCESS_KEY_MASTER_SIZE 65

/* Reads the console's secret, or makes it. */
enum dr_code access_key_master(char master[ACCESS_KEY_MASTER_SIZE], const char *file, struct dr_error *err) DR_MUST_USE;
bool access_key_secret(char secret[ACCESS_KEY_SECRET_SIZE], const char *master, const char *name);

/* Whose key it is. DR_NOT_FOUND: nobody's, or it or its user is not active. */
enum dr_code access_key_find(struct store *store, struct request_user *user, const char *name,
                             struct dr_error *err) DR_MUST_USE;

#endif
