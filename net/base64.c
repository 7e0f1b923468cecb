/* SPDX-License-Identifier: Apache-2.0 */
#include "net/base64.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define GROUP   4 /* characters that stand for .. */
#define DECODED 3 /* .. so many bytes */

size_t base64_decode(unsigned char *bytes, size_t room, const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length % GROUP != 0 || length / GROUP * DECODED > room)
        return 0;
    int size = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)length);
    size_t padding = strcspn(text, "=");
    return size < 0 || length - padding >= DECODED ? 0 : (size_t)size - (length - padding);
}

char *base64_encode(const unsigned char *bytes, size_t size)
{
    char *text = size < INT_MAX / 2 ? malloc((size + DECODED - 1) / DECODED * GROUP + 1) : NULL;
    if (text != NULL)
        EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);
    return text;
}
