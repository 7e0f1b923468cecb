/* SPDX-License-Identifier: Apache-2.0
 * net/ca.h - the certificate authority of one installation: a folder with ca.pem and ca.key. Whoever holds ca.key can
 * make nodes. Nothing that exists is ever overwritten. */
#ifndef DR_NET_CA_H
#define DR_NET_CA_H

#include "core/error.h"
#include "core/types.h"

#define CA_DAYS          3650
#define CA_NODE_DAYS     825 /* what browsers and systems take at most from a private CA */
#define CA_NODE_DAYS_MAX 3650
#define CA_DAY_S         86400
#define CA_CLOCK_SLACK_S 3600 /* certificates begin that much in the past: clocks differ */

/* Makes the folder (0700) if it is missing, a key (EC P-256, 0600) and a certificate for CA_DAYS. */
enum dr_code ca_init(const char *folder, struct dr_error *err) DR_MUST_USE;

/* Seconds from now; the CA itself must be valid until then. */
struct ca_span {
    int64_t from_s, until_s;
};

/* Writes ca.pem, node.pem and node.key (0600) for `node` to the folder `out`, made if missing. */
enum dr_code ca_issue(const char *folder, const struct dr_id *node, const struct ca_span *span, const char *out,
                      struct dr_error *err) DR_MUST_USE;

#endif
