/* SPDX-License-Identifier: Apache-2.0
 * agent/config.h - what lies in a node's etc/: who it is, its settings, its rules. */
#ifndef DR_AGENT_CONFIG_H
#define DR_AGENT_CONFIG_H

#include "core/model/group.h"
#include "core/model/node.h"
#include "core/model/rule.h"

#define CONFIG_PATH_SIZE  4096
#define CONFIG_RULES_MAX  1000
#define CONFIG_GROUPS_MAX 64

struct config {
    char root[CONFIG_PATH_SIZE];
    struct dr_id id;
    char cc_addr[RULE_HOST_SIZE]; /* empty: no console */
    struct node_settings node;
    const struct rule *rule[CONFIG_RULES_MAX]; /* agent/kept_rule.h */
    unsigned rules;
    struct group *group[CONFIG_GROUPS_MAX];
    unsigned groups;
    unsigned left_out; /* files of rules and groups that were bad */
};

/* Says one line about each thing that is wrong or was adapted. */
typedef void config_say(void *baton, const char *line);

/* Reads etc/drid.conf (DR_NOT_FOUND, DR_INVALID), etc/node.xml (defaults if missing) and the .xml files of etc/rules
 * and etc/groups. A bad file is told through `say` and left out; the others count. Two rules with the same id or name:
 * both are left out; of two groups the second. */
enum dr_code config_load(struct config **config, const char *root, config_say *say, void *baton,
                         struct dr_error *err) DR_MUST_USE;
void config_free(struct config *config);
/* Takes those rules from `former` that are the same: who works by them goes on with the one copy. */
void config_share(struct config *config, const struct config *former);

/* By id or name; NULL name: the only one. DR_NOT_FOUND / DR_INVALID names what there is. */
enum dr_code config_find(const struct rule **rule, const struct config *config, const char *name,
                         struct dr_error *err) DR_MUST_USE;

enum dr_code config_find_group(const struct group **group, const struct config *config, const char *name,
                               struct dr_error *err) DR_MUST_USE;

/* root/relative; false if it is too long. */
bool config_path(char path[CONFIG_PATH_SIZE], const char *root, const char *relative);

/* This member's folders exist and are folders, and the node's own root is in none of them. */
enum dr_code config_check_folders(const struct config *config, const struct rule *rule,
                                  struct dr_error *err) DR_MUST_USE;

/* Says what is wrong with the rule's scripts on this node. It may run without them until it has to use them, so this
 * keeps no rule from starting. */
void config_check_scripts(const struct config *config, const struct rule *rule, config_say *say, void *baton);

/* etc/drid.conf alone, for drcfg. */
enum dr_code config_read_identity(const char *root, struct dr_id *id, char *cc_addr, size_t cc_size,
                                  struct dr_error *err) DR_MUST_USE;
enum dr_code config_write_identity(const char *root, const struct dr_id *id, const char *cc_addr,
                                   struct dr_error *err) DR_MUST_USE;

#endif
