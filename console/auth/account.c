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

#define TEXT_OF(number)   #number
#define TEXT_OF_M(number) TEXT_OF(number)
#define MOST              TEXT_OF_M(ACCOUNT_FAILURES_MAX)

enum column { ID, NAME, ROLE, PASSWORD, ACTIVE, FAILURES, LOCKED_UNTIL };
#define COLUMNS "id, name, role, password, active, failures, locked_until"

static enum dr_code count_of(struct store *store, long long *count, const char *sql, const char *value,
                             struct dr_error *err)
{
    struct store_rows rows;
    enum dr_code code = store_select(store, &rows, sql, &value, value != NULL ? 1 : 0, err);
    *count = store_number(&rows, 0, 0);
    store_rows_free(&rows);
    return code;
}

enum dr_code account_add(struct store *store, const struct account *account, long long now_s, struct dr_error *err)
{
    char uuid[RANDOM_UUID_SIZE], kept[PASSWORD_KEPT_SIZE], now[24];
    const char *value[] = {uuid,           account->name,   account->role,    kept, account->active,
                           account->email, account->mobile, account->comment, now,  now};
    long long same;
    if (count_of(store, &same, "SELECT COUNT(*) FROM account WHERE name = %s", account->name, err) != DR_OK)
        return err->code;
    if (same > 0)
        return dr_fail(err, DR_REFUSED, "there is a user %s", account->name);
    snprintf(now, sizeof now, "%lld", now_s);
    if (!random_uuid(uuid) || !password_keep(kept, account->password))
        return dr_fail(err, DR_FULL, "no memory or no random numbers for a password");
    return store_run(
        store, NULL,
        "INSERT INTO account (uuid, name, role, password, active, builtin, failures, locked_until,"
        " email, mobile, comment, created_at, password_at) VALUES (%s, %s, %s, %s, %d, 0, 0, 0, %s, %s, %s, %lld,"
        " %lld)",
        value, 10, err);
}

enum dr_code account_make_first(struct store *store, long long now_s, struct dr_error *err)
{
    static const struct account first = {.name = ACCOUNT_FIRST,
                                         .password = ACCOUNT_FIRST_PASSWORD,
                                         .role = "admin",
                                         .email = "",
                                         .mobile = "",
                                         .comment = "",
                                         .active = "1"};
    long long accounts;
    if (count_of(store, &accounts, "SELECT COUNT(*) FROM account", NULL, err) != DR_OK)
        return err->code;
    if (accounts > 0)
        return DR_OK;
    if (account_add(store, &first, now_s, err) != DR_OK) {
        struct dr_error again; /* another console of the same data base may have been first */
        if (count_of(store, &accounts, "SELECT COUNT(*) FROM account", NULL, &again) == DR_OK && accounts > 0)
            return DR_OK;
        return err->code;
    }
    return store_run(store, NULL, "UPDATE account SET builtin = 1", NULL, 0, err);
}

static enum dr_code end_sessions(struct store *store, const char *id, struct dr_error *err)
{
    return store_run(store, NULL, "DELETE FROM session WHERE account = %lld", &id, 1, err);
}

/* Until the transaction ends nobody else changes one of them: of two that remove each other the second sees it. */
static enum dr_code lock_administrators(struct store *store, struct dr_error *err)
{
    return store_run(store, NULL, "UPDATE account SET failures = failures WHERE role = 'admin'", NULL, 0, err);
}

/* Without one that may everything, nobody could mend anything. */
static enum dr_code somebody_is_left(struct store *store, struct dr_error *err)
{
    long long left;
    if (count_of(store, &left, "SELECT COUNT(*) FROM account WHERE role = 'admin' AND active = 1", NULL, err) != DR_OK)
        return err->code;
    return left > 0 ? DR_OK : dr_fail(err, DR_INVALID, "it would leave no active administrator");
}

enum dr_code account_set_password(struct store *store, const char *id, const char *password, long long now_s,
                                  struct dr_error *err)
{
    char kept[PASSWORD_KEPT_SIZE], now[24];
    const char *value[] = {kept, now, id};
    snprintf(now, sizeof now, "%lld", now_s);
    if (!password_keep(kept, password))
        return dr_fail(err, DR_FULL, "no memory or no random numbers for a password");
    if (store_run(store, NULL, "UPDATE account SET password = %s, password_at = %lld WHERE id = %lld", value, 3, err) !=
        DR_OK)
        return err->code;
    return end_sessions(store, id, err);
}

enum dr_code account_change(struct store *store, const char *id, const struct account *account, long long now_s,
                            struct dr_error *err)
{
    const char *value[] = {account->email,  account->email,   account->mobile,
                           account->mobile, account->comment, account->comment,
                           account->active, account->role,    id};
    int changed = 0;
    if (lock_administrators(store, err) != DR_OK ||
        store_run(store, &changed,
                  "UPDATE account SET email = CASE WHEN %s = '' THEN email ELSE %s END,"
                  " mobile = CASE WHEN %s = '' THEN mobile ELSE %s END,"
                  " comment = CASE WHEN %s = '' THEN comment ELSE %s END, active = COALESCE(%d, active),"
                  " role = COALESCE(%s, role)"
                  " WHERE id = %lld",
                  value, 9, err) != DR_OK)
        return err->code;
    if (changed == 0)
        return dr_fail(err, DR_NOT_FOUND, "no user %s", id);
    if (somebody_is_left(store, err) != DR_OK)
        return err->code;
    if (account->password[0] != '\0')
        return account_set_password(store, id, account->password, now_s, err);
    bool ended = account->active != NULL && strcmp(account->active, "0") == 0;
    return ended ? end_sessions(store, id, err) : DR_OK;
}

enum dr_code account_remove(struct store *store, const char *id, struct dr_error *err)
{
    int changed = 0;
    if (lock_administrators(store, err) != DR_OK || end_sessions(store, id, err) != DR_OK ||
        store_run(store, NULL, "DELETE FROM access_key WHERE account = %lld", &id, 1, err) != DR_OK ||
        store_run(store, &changed, "DELETE FROM account WHERE id = %lld", &id, 1, err) != DR_OK)
        return err->code;
    if (changed == 0)
        return dr_fail(err, DR_NOT_FOUND, "no user %s", id);
    return somebody_is_left(store, err);
}

/* A success forgets the failures; the last one that is allowed locks. In one statement: guesses that come at once all
 * count. */
static enum dr_code count(struct store *store, const struct store_rows *rows, bool fits, long long now_s,
                          struct dr_error *err)
{
    char until[24];
    const char *id = store_cell(rows, 0, ID), *value[] = {until, id};
    snprintf(until, sizeof until, "%lld", now_s + ACCOUNT_LOCK_S);
    if (fits)
        return store_run(store, NULL, "UPDATE account SET failures = 0, locked_until = 0 WHERE id = %lld", &id, 1, err);
    return store_run(store, NULL,
                     "UPDATE account SET locked_until = CASE WHEN failures + 1 >= " MOST
                     " THEN %lld ELSE locked_until END,"
                     " failures = CASE WHEN failures + 1 >= " MOST " THEN 0 ELSE failures + 1 END WHERE id = %lld",
                     value, 2, err);
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
