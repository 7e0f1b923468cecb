/* SPDX-License-Identifier: Apache-2.0
 * console/http/sign.h - the two signatures that existing clients put on a request, each an HMAC-SHA256 as 64 lower-case
 * hexadecimal digits. The key is the token, or the secret of an access key. */
#ifndef DR_CONSOLE_HTTP_SIGN_H
#define DR_CONSOLE_HTTP_SIGN_H

#include <jansson.h>
#include <stdbool.h>

#define SIGN_HEX_SIZE 65

/* Header `Signature`: over method (upper case), path as sent without its query, the parameter `_`, and the headers
 * timestamp and nonce, joined by newlines. */
struct sign_request {
    const char *method, *path, *rand, *timestamp, *nonce;
};
bool sign_make(char hex[SIGN_HEX_SIZE], const char *key, const struct sign_request *request);

/* Header `enhanceStr`: over the parameters themselves, in the byte order of their names. */
bool sign_make_enhanced(char hex[SIGN_HEX_SIZE], const char *key, const json_t *parameters);

/* In constant time. */
bool sign_equal(const char *ours, const char *theirs);

#endif
