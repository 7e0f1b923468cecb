/* SPDX-License-Identifier: Apache-2.0
 * agent/monitor/monitors.h - checks the monitored objects of every rule of this node: one thread, children for what can
 * hang. What the checks come to goes to core/ha.h as facts. README.md. */
#ifndef DR_AGENT_MONITOR_MONITORS_H
#define DR_AGENT_MONITOR_MONITORS_H

#include "agent/rule/status.h"
#include "base/log.h"

struct monitors;
struct monitor_set; /* those of one rule */

struct monitors_config {
    const char *root, *script_user;
    const char *program; /* drnode: also the program of the children that look (probe.h) */
    struct log *log;
};

enum dr_code monitors_create(struct monitors **monitors, const struct monitors_config *config,
                             struct dr_error *err) DR_MUST_USE;
/* Ends every check that runs. The sets have been removed. */
void monitors_destroy(struct monitors *monitors);

/* Nothing is watched until the first monitors_follow(). `rule` outlives the set. */
enum dr_code monitors_add(struct monitor_set **set, struct monitors *monitors, const struct rule *rule,
                          enum member self, struct dr_error *err) DR_MUST_USE;
/* Its scripts that run are killed. NULL: nothing. */
void monitors_remove(struct monitor_set *set);

/* These take a lock that is never held while something waits; NULL: a rule without monitors. */
/* The role of this member: who is watched follows from it, and every count begins anew when it changes. */
void monitors_follow(struct monitor_set *set, enum ha_role role);
struct ha_monitors monitors_verdict(struct monitor_set *set);
/* How each object is; those that failed are told in status->ha.why too. */
void monitors_report(struct monitor_set *set, struct rule_status *status);

#endif
