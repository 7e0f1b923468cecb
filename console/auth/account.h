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

#define ACCOUNT_NAME_SIZE    65
#define ACCOUNT_EMAIL_SIZE   129
#define ACCOUNT_MOBILE_SIZE  33
#define ACCOUNT_COMMENT_SIZE 513

struct account {
    const char *name, *password, *email, *mobile, *comment;
    const char *role;   /* NULL: as it is */
    const char *active; /* "1", "0"; NULL: as it is */
};

/* `active` is not NULL. DR_REFUSED: there is a user of this name. */
enum dr_code account_add(struct store *store, const struct account *account, long long now_s,
                         struct dr_error *err) DR_MUST_USE;
/* What is empty or NULL stays as it is; the name always does. DR_NOT_FOUND; DR_INVALID: it would
 * leave nobody who may everything. Who may no longer log in, or has a new password, loses his sessions. */
enum dr_code account_change(struct store *store, const char *id, const struct account *account, long long now_s,
                            struct dr_error *err) DR_MUST_USE;
enum dr_code account_set_password(struct store *store, const char *id, const char *password, long long now_s,
                                  struct dr_error *err) DR_MUST_USE;
/* As account_change(). */
enum dr_code account_remove(struct store *store, const char *id, struct dr_error *err) DR_MUST_USE;

/* Makes the first user if there is none yet. */
enum dr_code account_make_first(struct store *store, long long now_s, struct dr_error *err) DR_MUST_USE;

/* DR_OK: it is that user's password. DR_REFUSED: it is not, or there is no such user, or he is not active: which of
 * them is not told, and takes as long. DR_BUSY: locked after ACCOUNT_FAILURES_MAX failures, for ACCOUNT_LOCK_S from the
 * last. */
enum dr_code account_check(struct store *store, struct request_user *user, const char *name, const char *password,
                           long long now_s, struct dr_error *err) DR_MUST_USE;

#endif
