/* SPDX-License-Identifier: Apache-2.0 */
#include "console/base64.h"

#include <openssl/evp.h>
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
