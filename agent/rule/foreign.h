/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/foreign.h - data in the folders of a target that did not come from this rule. */
#ifndef DR_AGENT_RULE_FOREIGN_H
#define DR_AGENT_RULE_FOREIGN_H

#include "core/error.h"
#include "core/model/rule.h"

/* `root`: this member's folders, below what covers them. DR_REFUSED names the first thing that a mirror would replace
 * or remove, unless the rule says that it may. */
enum dr_code foreign_check(const struct rule *rule, enum member self, const int *root,
                           struct dr_error *err) DR_MUST_USE;

#endif
