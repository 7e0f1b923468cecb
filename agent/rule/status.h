/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/status.h - what drnode says about one rule on this member. The rule's runtime fills it, control answers it
 * as JSON by way of its table, drctl prints it. */
#ifndef DR_AGENT_RULE_STATUS_H
#define DR_AGENT_RULE_STATUS_H

#include "agent/source/source.h"
#include "agent/target/target.h"
#include "core/ha_account.h"
#include "core/model/rule.h"
#include "core/monitor.h"

#define RULE_WHY_SIZE     256
#define MONITOR_TEXT_SIZE 200

struct rule_status_line {
    char a[RULE_ADDRESS_SIZE], b[RULE_ADDRESS_SIZE];
    bool up;  /* answers to our own beats come */
    msec age; /* since the last answer; 0: never had one */
};

struct rule_status_vip {
    char address[RULE_ADDRESS_SIZE];
    bool held;
};

struct rule_status_monitor {
    char name[MONITOR_NAME_SIZE], object[MONITOR_OBJECT_SIZE];
    enum monitor_kind kind;
    enum monitor_role role;
    bool log_only, watched;
    enum monitor_state state;
    uint32_t bad, max_failures;
    msec since;
    char text[MONITOR_TEXT_SIZE]; /* what the last check said */
};

struct rule_status_volume {
    char uuid[RULE_UUID_SIZE], mount[RULE_FOLDER_SIZE];
    bool held;
};

struct rule_status {
    struct dr_id rule, node;
    char name[RULE_NAME_SIZE], node_name[RULE_NAME_SIZE], peer_name[RULE_NAME_SIZE];
    enum member self;
    struct ha_status ha;               /* as ha_status() gave it */
    struct ha_account account;         /* the facts behind it */
    msec since;                        /* how long it has had this role */
    char witness_name[RULE_HOST_SIZE]; /* third voter in use */
    unsigned lines, vips, volumes, monitors;
    struct rule_status_line line[RULE_LINES_MAX];
    struct rule_status_vip vip[RULE_VIPS_MAX];
    struct rule_status_monitor monitor[RULE_MONITORS_MAX];
    struct rule_status_volume volume[RULE_VOLUMES_MAX];
    bool in_window;             /* auto_switch is in force now */
    bool read_write;            /* what the application may do in the folders here */
    char broken[RULE_WHY_SIZE]; /* capture: why the stream broke; empty: it did not */
    bool sending, receiving;    /* which of the two below mean anything */
    struct source_status source;
    struct target_progress target;
};

extern const struct model_object rule_status_model;

#endif
