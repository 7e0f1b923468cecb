/* SPDX-License-Identifier: Apache-2.0 */
#include "console/auth/account.h"

#include "console/auth/password.h"
#include "console/auth/random.h"

#include <stdio.h>
#include <string.h>

/* What is checked when there is no such user, so that the answer takes as long: the hash of a text that nobody has. */
#define NOBODY                                                                                                         \
    "scrypt:32768:8:1:00000000000000000000000000000000:"                                                               \
    "0000000000000000000000000000000000000000000000000000000000000000"

enum column { ID, NAME, ROLE, PASSWORD, ACTIVE, FAILURES, LOCKED_UNTIL };
#define COLUMNS "id, name, role, password, active, failures, locked_until"

static enum dr_code add(struct store *store, const char *name, const char *role, const char *password, const char *now,
                        struct dr_error *err)
{
    char uuid[RANDOM_UUID_SIZE], kept[PASSWORD_KEPT_SIZE];
    const char *value[] = {uuid, name, role, kept, now};
    if (!random_uuid(uuid) || !password_keep(kept, password))
        return dr_fail(err, DR_FULL, "no memory or no random numbers for a password");
    return store_run(store, NULL,
                     "INSERT INTO account (id, uuid, name, role, password, active, builtin, failures, locked_until,"
                     " created_at) SELECT COALESCE(MAX(id), 0) + 1, %s, %s, %s, %s, 1, 1, 0, 0, %lld FROM account",
                     value, 5, err);
}

enum dr_code account_make_first(struct store *store, long long now_s, struct dr_error *err)
{
    struct store_rows rows;
    char now[24];
    enum dr_code code = store_select(store, &rows, "SELECT COUNT(*) FROM account", NULL, 0, err);
    bool some = store_number(&rows, 0, 0) > 0;
    store_rows_free(&rows);
    snprintf(now, sizeof now, "%lld", now_s);
    return code != DR_OK || some ? code : add(store, ACCOUNT_FIRST, "admin", ACCOUNT_FIRST_PASSWORD, now, err);
}

/* A success forgets the failures; the last one that is allowed locks. */
static enum dr_code count(struct store *store, const struct store_rows *rows, bool fits, long long now_s,
                          struct dr_error *err)
{
    char until[24], failures[24];
    long long failed = fits ? 0 : store_number(rows, 0, FAILURES) + 1;
    bool locks = failed >= ACCOUNT_FAILURES_MAX;
    const char *value[] = {failures, until, store_cell(rows, 0, ID)};
    snprintf(failures, sizeof failures, "%lld", locks ? 0 : failed);
    snprintf(until, sizeof until, "%lld", locks ? now_s + ACCOUNT_LOCK_S : 0);
    return store_run(store, NULL, "UPDATE account SET failures = %lld, locked_until = %lld WHERE id = %lld", value, 3,
                     err);
}

static enum dr_code judge(struct store *store, const struct store_rows *rows, struct request_user *user,
                          const char *password, long long now_s, struct dr_error *err)
{
    if (rows->rows == 0)
        return password_fits(NOBODY, password), dr_fail(err, DR_REFUSED, "no such user, or not this password");
    if (store_number(rows, 0, LOCKED_UNTIL) > now_s)
        return dr_fail(err, DR_BUSY, "locked for %lld s", store_number(rows, 0, LOCKED_UNTIL) - now_s);
    bool fits = password_fits(store_cell(rows, 0, PASSWORD), password) && store_number(rows, 0, ACTIVE) != 0;
    if (count(store, rows, fits, now_s, err) != DR_OK)
        return err->code;
    if (!fits)
        return dr_fail(err, DR_REFUSED, "no such user, or not this password");
    *user = (struct request_user){.id = store_number(rows, 0, ID)};
    snprintf(user->name, sizeof user->name, "%s", store_cell(rows, 0, NAME));
    snprintf(user->role, sizeof user->role, "%s", store_cell(rows, 0, ROLE));
    return DR_OK;
}

enum dr_code account_check(struct store *store, struct request_user *user, const char *name, const char *password,
                           long long now_s, struct dr_error *err)
{
    struct store_rows rows;
    const char *value[] = {name};
    enum dr_code code = store_select(store, &rows, "SELECT " COLUMNS " FROM account WHERE name = %s", value, 1, err);
    if (code == DR_OK)
        code = judge(store, &rows, user, password, now_s, err);
    store_rows_free(&rows);
    return code;
}

bool account_may(const char *role, const char *permission)
{
    return strcmp(role, "admin") == 0 || permission[0] == '\0';
}
