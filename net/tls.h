/* SPDX-License-Identifier: Apache-2.0
 * net/tls.h - who we are and whom we trust: TLS 1.3 only, both certificates checked against the one CA, the peer's CN
 * is its node id. */
#ifndef DR_NET_TLS_H
#define DR_NET_TLS_H

#include "core/error.h"
#include "core/types.h"

struct tls; /* shared by all connections of a node; safe for several threads */

/* PEM files: the CA's certificate, ours, our key (must not be readable by others). Errors name the file. */
enum dr_code tls_create(struct tls **tls, const char *ca_file, const char *cert_file, const char *key_file,
                        struct dr_error *err) DR_MUST_USE;
void tls_destroy(struct tls *tls);

/* The node id in our own certificate. */
const struct dr_id *tls_self(const struct tls *tls);

#endif
