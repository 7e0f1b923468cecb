/* SPDX-License-Identifier: Apache-2.0
 * agent/node.h - a running drnode: its rules, its ports, its one decision thread. */
#ifndef DR_AGENT_NODE_H
#define DR_AGENT_NODE_H

#include "core/error.h"

#include <stdbool.h>

struct node;

struct node_options {
    const char *root;
    bool foreground; /* log to stderr too */
};

/* Reads the configuration and starts everything. What keeps the node from running is the error; what keeps one rule
 * from running is logged, and the others run. */
enum dr_code node_start(struct node **node, const struct node_options *options, struct dr_error *err) DR_MUST_USE;
/* Reads the configuration again: rules that are new, gone or changed start and end; the others are not touched. One bad
 * file, and all stays as it was: a slip in an editor must not end a rule that runs. The log says what came of it. */
void node_reload(struct node *node);
/* Ends drnode, not what it protects: folders, addresses and capture stay until their leases run out, so that a restart
 * in time is not noticed. To let go of the rules first: `drctl --local stop`. */
void node_stop(struct node *node);

#endif
