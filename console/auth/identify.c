/* SPDX-License-Identifier: Apache-2.0 */
#include "console/auth/identify.h"

#include "console/auth/access_key.h"
#include "console/auth/session.h"
#include "console/console.h"
#include "console/http/sign.h"

#include <openssl/crypto.h>
#include <string.h>

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

/* The Java client signs from the first /api/ on, the others the whole path: the same unless a prefix stands before it.
 */
static bool signed_by(const struct request *request, const char *key)
{
    char hex[SIGN_HEX_SIZE], room[32];
    const char *inner = strstr(request->sent_path, "/api/");
    struct sign_request what = {request->method, request->sent_path, request_text(request, "_", room),
                                or_empty(request->header.timestamp), or_empty(request->header.nonce)};
    if (sign_make(hex, key, &what) && sign_equal(hex, request->header.signature))
        return true;
    what.path = inner;
    return inner != NULL && sign_make(hex, key, &what) && sign_equal(hex, request->header.signature);
}

static bool enhanced_by(const struct request *request, const char *key)
{
    char hex[SIGN_HEX_SIZE];
    return request->header.enhanced == NULL ||
           (sign_make_enhanced(hex, key, request->parameters) && sign_equal(hex, request->header.enhanced));
}

/* A GET without `_` passes on its token alone: an existing client signs a random text there that it never sends. */
static bool token_fits(const struct request *request, const char *token)
{
    if (strcmp(request->method, "GET") == 0 && !request->has_rand)
        return true;
    return signed_by(request, token) && enhanced_by(request, token);
}

static enum dr_code by_token(struct console *console, struct store *store, struct request *request,
                             struct dr_error *err)
{
    const char *token = request->header.authorization;
    enum dr_code code = session_find(store, &request->user, token, console->now_s(), err);
    if (code == DR_NOT_FOUND)
        return dr_fail(err, DR_REFUSED, "token invalid or run out: log in again");
    if (code == DR_OK && console->check_signatures && !token_fits(request, token))
        return dr_fail(err, DR_REFUSED, "the signature does not fit the request");
    return code;
}

/* The signature is all that shows who it is, so it is never left out. */
static enum dr_code by_access_key(struct console *console, struct store *store, struct request *request,
                                  struct dr_error *err)
{
    char secret[ACCESS_KEY_SECRET_SIZE];
    enum dr_code code = access_key_find(store, &request->user, request->header.access_key, err);
    if (code == DR_NOT_FOUND)
        return dr_fail(err, DR_REFUSED, "no such access key");
    if (code == DR_OK && !(access_key_secret(secret, console->master, request->header.access_key) &&
                           signed_by(request, secret) && enhanced_by(request, secret)))
        code = dr_fail(err, DR_REFUSED, "the signature does not fit the request and the key");
    OPENSSL_cleanse(secret, sizeof secret);
    return code;
}

enum dr_code identify(struct console *console, struct store *store, struct request *request, struct dr_error *err)
{
    enum dr_code code = DR_REFUSED;
    if (request->header.authorization != NULL)
        code = by_token(console, store, request, err);
    else if (request->header.access_key != NULL)
        code = by_access_key(console, store, request, err);
    else
        dr_fail(err, DR_REFUSED, "no token: log in first");
    if (code != DR_OK)
        request->user = (struct request_user){0};
    return code;
}
