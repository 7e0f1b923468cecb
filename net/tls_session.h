/* SPDX-License-Identifier: Apache-2.0
 * net/tls_session.h - what only net/ needs of tls.h: one TLS session, and why it failed in words. */
#ifndef DR_NET_TLS_SESSION_H
#define DR_NET_TLS_SESSION_H

#include "net/tls.h"

#include <openssl/ssl.h>

/* A session that will check its peer; NULL when memory is short. */
SSL *tls_session(struct tls *tls, bool dialling);

/* The node id in the peer's certificate, after the handshake. */
enum dr_code tls_peer(struct dr_id *peer, SSL *session, const char *name, struct dr_error *err) DR_MUST_USE;

/* The calling thread's last OpenSSL call on `session` failed: what that means, and what to do. `name` is the peer's. */
enum dr_code tls_explain(struct dr_error *err, SSL *session, const char *name);

/* The node id that is a certificate's common name. */
bool tls_common_name(struct dr_id *id, X509 *certificate);
/* OpenSSL's own words for the first thing that went wrong in this thread. */
const char *tls_words(void);

#endif
