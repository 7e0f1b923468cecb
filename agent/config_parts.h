/* SPDX-License-Identifier: Apache-2.0
 * agent/config_parts.h - shared by the config*.c files. */
#ifndef DR_AGENT_CONFIG_PARTS_H
#define DR_AGENT_CONFIG_PARTS_H

#include "agent/config.h"

#include <dirent.h>

/* The .xml files of a folder below the root, in the order of their names, so that what is said does not change from run
 * to run. No such folder: none. Each entry and the array are the caller's to free. */
enum dr_code config_list(struct dirent ***entry, unsigned *count, const char *root, const char *folder,
                         struct dr_error *err) DR_MUST_USE;

/* The files of etc/groups, when the rules are known. */
enum dr_code config_load_groups(struct config *config, config_say *say, void *baton, struct dr_error *err) DR_MUST_USE;

#endif
