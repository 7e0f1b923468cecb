/* SPDX-License-Identifier: Apache-2.0 */
#include "console/auth/session.h"

#include "console/auth/random.h"

#include <stdio.h>

#define NUMBER_SIZE 24

enum column { ACCOUNT, SESSION, NAME, ROLE };
#define FIND                                                                                                           \
    "SELECT account.id, session.id, account.name, account.role FROM session, account"                                  \
    " WHERE account.id = session.account AND account.active = 1 AND "

static void number(char text[NUMBER_SIZE], long long value)
{
    snprintf(text, NUMBER_SIZE, "%lld", value);
}

static enum dr_code draw(struct session_tokens *tokens, struct dr_error *err)
{
    if (random_hex(tokens->token, sizeof tokens->token) && random_url(tokens->sso_token, sizeof tokens->sso_token))
        return DR_OK;
    return dr_fail(err, DR_IO, "the system has no random numbers");
}

enum dr_code session_create(struct store *store, struct session_tokens *tokens, const struct request_user *user,
                            long long now_s, struct dr_error *err)
{
    char account[NUMBER_SIZE], expires[NUMBER_SIZE], until[NUMBER_SIZE], now[NUMBER_SIZE];
    char token[RANDOM_SHA_SIZE], sso[RANDOM_SHA_SIZE], refresh[RANDOM_SHA_SIZE];
    const char *value[] = {account, token, sso, refresh, expires, until, now};
    if (draw(tokens, err) != DR_OK)
        return err->code;
    if (!random_url(tokens->refresh_token, sizeof tokens->refresh_token))
        return dr_fail(err, DR_IO, "the system has no random numbers");
    number(account, user->id);
    number(expires, now_s + SESSION_TOKEN_S);
    number(until, now_s + SESSION_REFRESH_S);
    number(now, now_s);
    random_sha(token, tokens->token);
    random_sha(sso, tokens->sso_token);
    random_sha(refresh, tokens->refresh_token);
    return store_run(store, NULL,
                     "INSERT INTO session (account, token, sso_token, refresh_token, expires_at, refresh_until,"
                     " created_at) VALUES (%lld, %s, %s, %s, %lld, %lld, %lld)",
                     value, 7, err);
}

static enum dr_code find(struct store *store, struct request_user *user, const char *sql, const char *token,
                         long long now_s, struct dr_error *err)
{
    char sha[RANDOM_SHA_SIZE], now[NUMBER_SIZE];
    const char *value[] = {sha, now};
    struct store_rows rows;
    random_sha(sha, token);
    number(now, now_s);
    *user = (struct request_user){0};
    enum dr_code code = store_select(store, &rows, sql, value, 2, err);
    if (code == DR_OK && rows.rows == 0)
        code = dr_fail(err, DR_NOT_FOUND, "no session has this token");
    if (code == DR_OK) {
        user->id = store_number(&rows, 0, ACCOUNT);
        user->session = store_number(&rows, 0, SESSION);
        snprintf(user->name, sizeof user->name, "%s", store_cell(&rows, 0, NAME));
        snprintf(user->role, sizeof user->role, "%s", store_cell(&rows, 0, ROLE));
    }
    store_rows_free(&rows);
    return code;
}

enum dr_code session_find(struct store *store, struct request_user *user, const char *token, long long now_s,
                          struct dr_error *err)
{
    return find(store, user, FIND "session.token = %s AND session.expires_at > %lld", token, now_s, err);
}

enum dr_code session_find_sso(struct store *store, struct request_user *user, const char *sso_token, long long now_s,
                              struct dr_error *err)
{
    return find(store, user, FIND "session.sso_token = %s AND session.expires_at > %lld", sso_token, now_s, err);
}

enum dr_code session_find_refresh(struct store *store, struct request_user *user, const char *refresh_token,
                                  long long now_s, struct dr_error *err)
{
    return find(store, user, FIND "session.refresh_token = %s AND session.refresh_until > %lld", refresh_token, now_s,
                err);
}

enum dr_code session_renew(struct store *store, struct session_tokens *tokens, const struct request_user *user,
                           long long now_s, struct dr_error *err)
{
    char token[RANDOM_SHA_SIZE], sso[RANDOM_SHA_SIZE], expires[NUMBER_SIZE], session[NUMBER_SIZE];
    const char *value[] = {token, sso, expires, session};
    if (draw(tokens, err) != DR_OK)
        return err->code;
    random_sha(token, tokens->token);
    random_sha(sso, tokens->sso_token);
    number(expires, now_s + SESSION_TOKEN_S);
    number(session, user->session);
    return store_run(store, NULL, "UPDATE session SET token = %s, sso_token = %s, expires_at = %lld WHERE id = %lld",
                     value, 4, err);
}

enum dr_code session_close(struct store *store, const struct request_user *user, struct dr_error *err)
{
    char session[NUMBER_SIZE];
    const char *value[] = {session};
    number(session, user->session);
    return store_run(store, NULL, "DELETE FROM session WHERE id = %lld", value, 1, err);
}

enum dr_code session_sweep(struct store *store, long long now_s, struct dr_error *err)
{
    char now[NUMBER_SIZE];
    const char *value[] = {now};
    number(now, now_s);
    return store_run(store, NULL, "DELETE FROM session WHERE refresh_until <= %lld", value, 1, err);
}
