/* SPDX-License-Identifier: Apache-2.0
 * console/auth/account.h - users of the console: one row each, what they may do by their role. */
#ifndef DR_CONSOLE_AUTH_ACCOUNT_H
#define DR_CONSOLE_AUTH_ACCOUNT_H

#include "console/http/request.h"
#include "console/store/store.h"

#define ACCOUNT_FIRST          "admin"
#define ACCOUNT_FIRST_PASSWORD "Info1234" /* what existing scripts expect of a new console */
#define ACCOUNT_FAILURES_MAX   5
#define ACCOUNT_LOCK_S         600

/* Makes the first user if there is none yet. */
enum dr_code account_make_first(struct store *store, long long now_s, struct dr_error *err) DR_MUST_USE;

/* DR_OK: it is that user's password. DR_REFUSED: it is not, or there is no such user, or he is not active: which of
 * them is not told, and takes as long. DR_BUSY: locked after ACCOUNT_FAILURES_MAX failures, for ACCOUNT_LOCK_S from the
 * last. */
enum dr_code account_check(struct store *store, struct request_user *user, const char *name, const char *password,
                           long long now_s, struct dr_error *err) DR_MUST_USE;

/* Whether a role may; the administrator may everything. */
bool account_may(const char *role, const char *permission);

#endif
