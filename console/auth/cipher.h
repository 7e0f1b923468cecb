/* SPDX-License-Identifier: Apache-2.0
 * console/auth/cipher.h - passwords on their way here: base64 of RSA under the console's public key (OAEP with SHA-1,
 * or PKCS#1 v1.5), as clients encrypt them below TLS; or under the key pair of an older console, where one is
 * configured; or clear text. */
#ifndef DR_CONSOLE_AUTH_CIPHER_H
#define DR_CONSOLE_AUTH_CIPHER_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>

struct cipher; /* unchanging once it is made: any thread */

/* Reads the private key of `file` (PEM), made if there is none: RSA 3072, 0600. `older` may be NULL. */
enum dr_code cipher_create(struct cipher **cipher, const char *file, const char *older,
                           struct dr_error *err) DR_MUST_USE;
void cipher_destroy(struct cipher *cipher);

/* PEM, "BEGIN PUBLIC KEY". */
const char *cipher_public_key(const struct cipher *cipher);

/* What the sender meant: decrypted with the first key that fits, else the text as it is. False: longer than `room`. */
bool cipher_open(const struct cipher *cipher, char *plain, size_t room, const char *sent);

#endif
