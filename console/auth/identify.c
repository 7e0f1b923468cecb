/* SPDX-License-Identifier: Apache-2.0 */
#include "console/auth/identify.h"

#include "console/auth/session.h"
#include "console/console.h"
#include "console/http/sign.h"

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
static bool signature_fits(const struct request *request, const char *key)
{
    if (strcmp(request->method, "GET") == 0 && !request->has_rand)
        return true;
    return signed_by(request, key) && enhanced_by(request, key);
}

enum dr_code identify(struct console *console, struct store *store, struct request *request, struct dr_error *err)
{
    const char *token = request->header.authorization;
    if (token == NULL)
        return dr_fail(err, DR_REFUSED, "no token: log in first");
    enum dr_code code = session_find(store, &request->user, token, console->now_s(), err);
    if (code == DR_NOT_FOUND)
        return dr_fail(err, DR_REFUSED, "token invalid or run out: log in again");
    if (code == DR_OK && console->check_signatures && !signature_fits(request, token))
        return dr_fail(err, DR_REFUSED, "the signature does not fit the request");
    return code;
}
