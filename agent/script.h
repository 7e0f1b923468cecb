/* SPDX-License-Identifier: Apache-2.0
 * agent/script.h - a script of etc/scripts made ready: as which user it runs, and what its environment tells it. */
#ifndef DR_AGENT_SCRIPT_H
#define DR_AGENT_SCRIPT_H

#include "agent/config.h"

#define SCRIPT_AS_WORD "--as"
#define SCRIPT_NOT_RUN 125 /* status of a script that could not be run as its user */
#define SCRIPT_ENTRIES 10

/* Large, and points into itself: filled in place, never copied. */
struct script {
    char path[CONFIG_PATH_SIZE], program[CONFIG_PATH_SIZE], user[NODE_USER_SIZE];
    const char *argv[5], *env[SCRIPT_ENTRIES + 1];
    char rule[64], name[RULE_NAME_SIZE + 32], role[32], term[40], vip[RULE_ADDRESS_SIZE + 32];
    char vips[RULE_VIPS_MAX * RULE_ADDRESS_SIZE + 32], volumes[RULE_VOLUMES_MAX * RULE_FOLDER_SIZE + 32];
    char folder[RULE_FOLDER_SIZE + 32], folders[RULE_PATHS_MAX * RULE_FOLDER_SIZE + 64];
};

/* The plain name `name` in root/etc/scripts; `user`: empty or NULL = the one that drnode runs as. The error tells what
 * is wrong with the file. */
enum dr_code script_find(struct script *script, const char *root, const char *name, const char *user,
                         struct dr_error *err) DR_MUST_USE;
/* Its environment; `term` 0: none. */
void script_tell(struct script *script, const struct rule *rule, enum member self, const char *role, term_no term);

/* The child: `drnode --as USER PATH` becomes the user, then the script. Returns SCRIPT_NOT_RUN if it cannot. */
int script_become(int argc, char **argv);

#endif
