/* SPDX-License-Identifier: Apache-2.0
 * console/auth/random.h - unguessable texts: tokens, keys, salts, ids. */
#ifndef DR_CONSOLE_AUTH_RANDOM_H
#define DR_CONSOLE_AUTH_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

#define RANDOM_UUID_SIZE 37
#define RANDOM_SHA_SIZE  65

/* Fill `text` to its end: `size` counts the NUL. False: the system has no random numbers. */
bool random_hex(char *text, size_t size);
bool random_url(char *text, size_t size); /* A-Z a-z 0-9 - _ */
bool random_uuid(char uuid[RANDOM_UUID_SIZE]);

/* Lower-case digits of the bytes, 2 * size + 1 with the NUL. */
void random_hex_of(char *text, const unsigned char *bytes, size_t size);
/* SHA-256 of a token: what is kept of it. */
void random_sha(char hex[RANDOM_SHA_SIZE], const char *token);

#endif
