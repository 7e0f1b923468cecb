/* SPDX-License-Identifier: Apache-2.0
 * console/http/certificate.h - how browsers and scripts know this console: the certificate that an operator put there,
 * or one that signs itself, made at the first start. TLS 1.3, and 1.2 where it is switched on. */
#ifndef DR_CONSOLE_HTTP_CERTIFICATE_H
#define DR_CONSOLE_HTTP_CERTIFICATE_H

#include "core/error.h"

#include <openssl/ssl.h>
#include <stdbool.h>

#define CERTIFICATE_DAYS 825 /* what browsers take at most */

/* FOLDER/console.pem and console.key (0600); both are made if neither is there. */
enum dr_code certificate_load(SSL_CTX **tls, const char *folder, bool also_tls12, struct dr_error *err) DR_MUST_USE;

#endif
