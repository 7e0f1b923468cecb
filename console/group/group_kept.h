/* SPDX-License-Identifier: Apache-2.0
 * console/group/group_kept.h - groups among what is kept: found, put with everything that follows, removed. */
#ifndef DR_CONSOLE_GROUP_GROUP_KEPT_H
#define DR_CONSOLE_GROUP_GROUP_KEPT_H

#include "console/rule/kept.h"
#include "core/model/group.h"

enum dr_code group_kept_find(const struct call *call, struct kept *kept, struct group *group, const char *uuid,
                             struct dr_error *err) DR_MUST_USE;
/* Chooses the runners: arbiters of its rules, then members. The group goes to them and to the members of its rules, its
 * rules to the runners. DR_REFUSED: the name is taken. DR_INVALID: what is wrong. */
enum dr_code group_kept_put(const struct call *call, struct kept *kept, struct group *group,
                            struct dr_error *err) DR_MUST_USE;
enum dr_code group_kept_remove(const struct call *call, const struct kept *kept, struct dr_error *err) DR_MUST_USE;

#endif
