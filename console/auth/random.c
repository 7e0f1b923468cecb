/* SPDX-License-Identifier: Apache-2.0 */
#include "console/auth/random.h"

#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 256

/* One character a random byte: an alphabet of 16 or 64 takes each value as often as any other. */
static bool random_of(char *text, size_t size, const char *alphabet, unsigned letters)
{
    unsigned char bytes[TEXT_MAX];
    if (size > sizeof bytes || RAND_bytes(bytes, (int)size) != 1)
        return false;
    for (size_t i = 0; i + 1 < size; i++)
        text[i] = alphabet[bytes[i] % letters];
    text[size - 1] = '\0';
    return true;
}

bool random_hex(char *text, size_t size)
{
    return random_of(text, size, "0123456789abcdef", 16);
}

bool random_url(char *text, size_t size)
{
    return random_of(text, size, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 64);
}

bool random_uuid(char uuid[RANDOM_UUID_SIZE])
{
    if (!random_of(uuid, RANDOM_UUID_SIZE, "0123456789ABCDEF", 16))
        return false;
    uuid[8] = uuid[13] = uuid[18] = uuid[23] = '-';
    uuid[14] = '4';
    return true;
}

void random_hex_of(char *text, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

void random_sha(char hex[RANDOM_SHA_SIZE], const char *token)
{
    unsigned char sum[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)token, strlen(token), sum);
    random_hex_of(hex, sum, sizeof sum);
}
