/* SPDX-License-Identifier: Apache-2.0
 * console/rule/rule_node.h - what a rule has to know of the nodes that it names. */
#ifndef DR_CONSOLE_RULE_RULE_NODE_H
#define DR_CONSOLE_RULE_RULE_NODE_H

#include "console/store/store.h"
#include "core/model/rule.h"

#define RULE_NODE_ROOT "/usr/drbksoft/drnode"

struct rule_node {
    struct dr_id id;
    char name[RULE_NAME_SIZE];
    char address[RULE_HOST_SIZE]; /* of its data side */
    char addresses[4096];         /* all that it has said: ",a,b," */
    char root[RULE_FOLDER_SIZE];  /* where drnode lies there; empty: not said yet */
};

/* DR_NOT_FOUND: no node has this id, or address. */
enum dr_code rule_node_by_id(struct store *store, struct rule_node *node, const struct dr_id *id,
                             struct dr_error *err) DR_MUST_USE;
enum dr_code rule_node_by_address(struct store *store, struct rule_node *node, const char *address,
                                  struct dr_error *err) DR_MUST_USE;

#endif
