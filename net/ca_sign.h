/* SPDX-License-Identifier: Apache-2.0
 * net/ca_sign.h - certificates and keys of the CA in memory. */
#ifndef DR_NET_CA_SIGN_H
#define DR_NET_CA_SIGN_H

#include "net/ca.h"

#include <openssl/x509.h>

struct ca_pair {
    X509 *certificate;
    EVP_PKEY *key;
};

/* A new key and its certificate: of `node` signed by `ca`, or (both NULL) of a new CA. Free with ca_pair_free(). */
enum dr_code ca_pair_make(struct ca_pair *made, const struct ca_pair *ca, const struct dr_id *node,
                          const struct ca_span *span, struct dr_error *err) DR_MUST_USE;
void ca_pair_free(struct ca_pair *pair);

#endif
