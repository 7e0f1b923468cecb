/* SPDX-License-Identifier: Apache-2.0
 * net/licence_sign.h - who signed a licence: Ed25519. The issuer keeps the private key; consoles have the public one.
 */
#ifndef DR_NET_LICENCE_SIGN_H
#define DR_NET_LICENCE_SIGN_H

#include "core/licence.h"

/* Makes an issuer's key: PRIVATE (0600) and PUBLIC, both PEM. DR_REFUSED: one of them is there. */
enum dr_code licence_keygen(const char *private_file, const char *public_file, struct dr_error *err) DR_MUST_USE;
/* The licence as a file's text. `size`: of the text, without its end. */
enum dr_code licence_sign(char text[LICENCE_TEXT_SIZE], size_t *size, const struct licence *licence,
                          const char *private_file, struct dr_error *err) DR_MUST_USE;
/* Reads it and checks that the issuer signed it. DR_PROTOCOL: it is no licence. DR_REFUSED: another signed it, or it
 * was changed. DR_NOT_FOUND: there is no issuer's key. */
enum dr_code licence_open(struct licence *licence, const char *text, size_t size, const char *public_file,
                          struct dr_error *err) DR_MUST_USE;

#endif
