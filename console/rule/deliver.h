/* SPDX-License-Identifier: Apache-2.0
 * console/rule/deliver.h - which nodes shall have a rule or a group. A rule: its members and arbiters, and the runners
 * of each group that it is in. A group: its runners, and the members of its rules. */
#ifndef DR_CONSOLE_RULE_DELIVER_H
#define DR_CONSOLE_RULE_DELIVER_H

#include "console/rule/kept.h"

#define DELIVER_MEMBER  "member" /* parts of kept_link() */
#define DELIVER_ARBITER "arbiter"
#define DELIVER_RUNNER  "runner"
#define DELIVER_RULE    "rule"

/* Whoever shall have it gets this version, whoever shall not any more loses it. After its links have been written, in
 * the caller's transaction. */
enum dr_code deliver(struct store *store, const struct kept *kept, const char *kind, struct dr_error *err) DR_MUST_USE;
/* Everybody loses it. */
enum dr_code deliver_drop(struct store *store, const struct dr_id *id, const char *kind,
                          struct dr_error *err) DR_MUST_USE;

#endif
