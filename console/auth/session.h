/* SPDX-License-Identifier: Apache-2.0
 * console/auth/session.h - who has logged in: three tokens a session, of which only hashes are kept. The token goes
 * with each call, the sign-on token tells another page who it is, the refresh token gets a new token; it stays good for
 * the life of its session, since an existing client sends its first one again. */
#ifndef DR_CONSOLE_AUTH_SESSION_H
#define DR_CONSOLE_AUTH_SESSION_H

#include "console/http/request.h"
#include "console/store/store.h"

#define SESSION_TOKEN_SIZE 41    /* 40 hexadecimal digits */
#define SESSION_LONG_SIZE  161   /* 160 characters that need no escape in a URL */
#define SESSION_TOKEN_S    14400 /* existing clients keep one for 7200 s without asking */
#define SESSION_REFRESH_S  (30 * 86400)

struct session_tokens {
    char token[SESSION_TOKEN_SIZE], sso_token[SESSION_LONG_SIZE], refresh_token[SESSION_LONG_SIZE];
};

enum dr_code session_create(struct store *store, struct session_tokens *tokens, const struct request_user *user,
                            long long now_s, struct dr_error *err) DR_MUST_USE;

/* DR_NOT_FOUND: no such token, run out, or its user is gone or not active. */
enum dr_code session_find(struct store *store, struct request_user *user, const char *token, long long now_s,
                          struct dr_error *err) DR_MUST_USE;
enum dr_code session_find_sso(struct store *store, struct request_user *user, const char *sso_token, long long now_s,
                              struct dr_error *err) DR_MUST_USE;
enum dr_code session_find_refresh(struct store *store, struct request_user *user, const char *refresh_token,
                                  long long now_s, struct dr_error *err) DR_MUST_USE;

/* A new token and sign-on token for that session; the old ones are void. tokens->refresh_token is left alone. */
enum dr_code session_renew(struct store *store, struct session_tokens *tokens, const struct request_user *user,
                           long long now_s, struct dr_error *err) DR_MUST_USE;
enum dr_code session_close(struct store *store, const struct request_user *user, struct dr_error *err) DR_MUST_USE;
/* Forgets those that nobody can use any more. */
enum dr_code session_sweep(struct store *store, long long now_s, struct dr_error *err) DR_MUST_USE;

#endif
