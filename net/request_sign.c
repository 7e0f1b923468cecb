/* SPDX-License-Identifier: Apache-2.0 */
#include "net/request_sign.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool sign_text(char hex[SIGN_HEX_SIZE], const char *key, const char *text, size_t size)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)text, size, sum, &length) == NULL)
        return false;
    for (unsigned i = 0; i < length; i++)
        snprintf(hex + 2 * i, 3, "%02x", sum[i]);
    return true;
}

bool sign_make(char hex[SIGN_HEX_SIZE], const char *key, const struct sign_request *request)
{
    char *text = NULL;
    int size = asprintf(&text, "%s\n%s\n%s\n%s\n%s", request->method, request->path, request->rand, request->timestamp,
                        request->nonce);
    bool made = size >= 0 && sign_text(hex, key, text, (size_t)size);
    free(text);
    return made;
}
