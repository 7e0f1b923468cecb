/* SPDX-License-Identifier: Apache-2.0
 * core/model/rule_monitor.h - a monitored object of a rule: what is checked on a member, and what its failure means. */
#ifndef DR_CORE_MODEL_RULE_MONITOR_H
#define DR_CORE_MODEL_RULE_MONITOR_H

#include "core/model.h"

#define RULE_MONITORS_MAX   16 /* at most 32: they are bits of struct ha_monitors */
#define MONITOR_NAME_SIZE   64
#define MONITOR_OBJECT_SIZE 256

enum monitor_kind {
    MONITOR_SERVICE, /* object: a service of the system (Linux: systemd unit) */
    MONITOR_PROCESS, /* object: which one, said in the way of enum monitor_by */
    MONITOR_MEMORY,
    MONITOR_CPU,
    MONITOR_DISK,  /* object: a folder, which means its file system */
    MONITOR_SCRIPT /* object: a plain name in etc/scripts */
};

enum monitor_by {
    MONITOR_BY_NAME, /* a command line, see core/monitor.h */
    MONITOR_BY_PID,
    MONITOR_BY_PID_FILE /* an absolute path; the file's first line is the process id */
};
enum monitor_role { MONITOR_OF_MASTER, MONITOR_OF_SLAVE, MONITOR_OF_BOTH };

struct rule_monitor {
    char name[MONITOR_NAME_SIZE];
    enum monitor_kind kind;
    char object[MONITOR_OBJECT_SIZE];
    enum monitor_by by;             /* of a process; else 0 */
    uint32_t limit;                 /* percent; 0: of a kind that has none */
    char result[MONITOR_NAME_SIZE]; /* plain name in etc/scripts; empty: the exit status counts */
    enum monitor_role role;
    msec interval;
    uint32_t max_failures;
    bool log_only;
};

extern const struct model_object rule_monitor_model;
extern const char *const monitor_kind_words[], *const monitor_by_words[], *const monitor_role_words[];

/* What must hold between the fields of a monitor. */
enum dr_code rule_monitor_check(const struct rule_monitor *monitor, struct dr_error *err) DR_MUST_USE;

#endif
