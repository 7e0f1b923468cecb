/* SPDX-License-Identifier: Apache-2.0
 * net/pem_file.h - certificates and keys as files. What is there is never overwritten. */
#ifndef DR_NET_PEM_FILE_H
#define DR_NET_PEM_FILE_H

#include "core/error.h"

#include <openssl/x509.h>

/* One PEM file: the key (0600) if there is one, else the certificate. Synced, since a key that is lost cannot be made
 * again. DR_REFUSED: the file exists. */
enum dr_code pem_file_write(const char *path, X509 *certificate, EVP_PKEY *key, struct dr_error *err) DR_MUST_USE;

#endif
