/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/drcapture.h - the drcapture of a rule: found running (it outlives drnode), or started. */
#ifndef DR_AGENT_RULE_DRCAPTURE_H
#define DR_AGENT_RULE_DRCAPTURE_H

#include "agent/config.h"
#include "platform/capture.h"

/* Where the drcapture of a rule is attached to. */
bool drcapture_socket(char path[CONFIG_PATH_SIZE], const char *root, const struct rule *rule);

/* Attaches; starts drcapture first if none runs, and waits until it has covered the folders. What keeps it from that is
 * in the error. */
enum dr_code drcapture_open(struct capture_link **link, const char *root, const struct rule *rule,
                            struct dr_error *err) DR_MUST_USE;

#endif
