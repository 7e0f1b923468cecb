/* SPDX-License-Identifier: Apache-2.0
 * console/node/documents.h - configuration that a node shall have: rules and groups as XML, each with a version. Kept
 * in the data base until the node says that it runs. Nothing sends it yet: that is the node channel's. */
#ifndef DR_CONSOLE_NODE_DOCUMENTS_H
#define DR_CONSOLE_NODE_DOCUMENTS_H

#include "console/store/store.h"

#include <stdbool.h>

#define DOCUMENT_RULE  "rule"  /* etc/rules/ID.xml of the node */
#define DOCUMENT_GROUP "group" /* etc/groups/ID.xml */

/* Within the caller's transaction. `id` is the rule's or group's (32 digits, or with dashes); a version that is there
 * already is replaced. */
enum dr_code documents_want(struct store *store, const char *node_uuid, const char *kind, const char *id,
                            long long version, const char *xml, struct dr_error *err) DR_MUST_USE;
/* The node shall not have it any more. Not there: nothing to do. */
enum dr_code documents_drop(struct store *store, const char *node_uuid, const char *kind, const char *id,
                            struct dr_error *err) DR_MUST_USE;

/* What a node made of a document. */
struct document_state {
    long long version, running_version; /* 0: none */
    bool dropped;                       /* shall go, and has not gone yet */
    char error[512];                    /* why `version` does not run there; empty: it does, or nobody knows yet */
};
/* DR_NOT_FOUND: the node shall not have it, and has not. */
enum dr_code documents_state(struct store *store, struct document_state *state, const char *node_uuid, const char *kind,
                             const char *id, struct dr_error *err) DR_MUST_USE;

#endif
