/* SPDX-License-Identifier: Apache-2.0
 * console/rule/rule_kept.h - rules among what is kept (kept.h): found, put with everything that follows, removed. */
#ifndef DR_CONSOLE_RULE_RULE_KEPT_H
#define DR_CONSOLE_RULE_RULE_KEPT_H

#include "console/rule/kept.h"

/* The rule of this uuid, if the caller may see it: both are filled. DR_NOT_FOUND: also for what is no uuid. */
enum dr_code rule_kept_find(const struct call *call, struct kept *kept, struct rule *rule, const char *uuid,
                            struct dr_error *err) DR_MUST_USE;
/* Makes or changes it, and has it go to its nodes. DR_REFUSED: the name is taken. DR_INVALID: another rule protects one
 * of its folders. */
enum dr_code rule_kept_put(const struct call *call, struct kept *kept, const struct rule *rule,
                           struct dr_error *err) DR_MUST_USE;
/* DR_INVALID: a group has it. */
enum dr_code rule_kept_remove(const struct call *call, const struct kept *kept, struct dr_error *err) DR_MUST_USE;

/* A new id. False: the system has no random numbers. */
bool rule_kept_new_id(struct dr_id *id);

#endif
