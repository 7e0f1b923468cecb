/* SPDX-License-Identifier: Apache-2.0
 * net/request_sign.h - the signature of a call to the console: an HMAC-SHA256 as 64 lower-case hexadecimal digits. The
 * key is the token, or the secret of an access key. */
#ifndef DR_NET_REQUEST_SIGN_H
#define DR_NET_REQUEST_SIGN_H

#include <stdbool.h>
#include <stddef.h>

#define SIGN_HEX_SIZE 65

/* Header `Signature`: over method (upper case), path as sent without its query, the parameter `_`, and the headers
 * timestamp and nonce, joined by newlines. */
struct sign_request {
    const char *method, *path, *rand, *timestamp, *nonce;
};
bool sign_make(char hex[SIGN_HEX_SIZE], const char *key, const struct sign_request *request);

/* Of any text. False: no memory. */
bool sign_text(char hex[SIGN_HEX_SIZE], const char *key, const char *text, size_t size);

#endif
