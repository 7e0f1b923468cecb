/* SPDX-License-Identifier: Apache-2.0
 * agent/witness/etcd.h - the two records of a rule in an etcd cluster (3.4 or later) that the user runs already. A
 * claim is one transaction that compares both records' revisions, so it is written only if nothing has changed. */
#ifndef DR_AGENT_WITNESS_ETCD_H
#define DR_AGENT_WITNESS_ETCD_H

#include "agent/witness/witness.h"

#define ETCD_ENDPOINTS_MAX 7

extern const struct witness_store etcd_store;

struct etcd_config {
    struct dr_id rule;
    enum member self;
    const char *endpoint[ETCD_ENDPOINTS_MAX]; /* http://HOST:PORT or https://HOST:PORT; copied */
    unsigned endpoints;
    const char *ca, *cert, *key; /* PEM files, for https; copied */
    msec limit;                  /* for one question, over all endpoints that are tried */
};

/* For witness_config.store. Nothing is asked yet. */
enum dr_code etcd_create(void **store, const struct etcd_config *config, struct dr_error *err) DR_MUST_USE;

#endif
