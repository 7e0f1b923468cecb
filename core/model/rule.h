/* SPDX-License-Identifier: Apache-2.0
 * core/model/rule.h - a rule: one application that is protected on exactly two members. The same file lies on both
 * members and on every arbiter. About 50 KiB: keep it off the stack. */
#ifndef DR_CORE_MODEL_RULE_H
#define DR_CORE_MODEL_RULE_H

#include "core/model.h"
#include "core/model/rule_monitor.h"
#include "core/model/window.h"

#define RULE_LINES_MAX     8
#define RULE_ARBITERS_MAX  12
#define RULE_DISKS_MAX     1
#define RULE_ETCDS_MAX     1
#define RULE_ENDPOINTS_MAX 7
#define RULE_PATHS_MAX     16
#define RULE_VIPS_MAX      8
#define RULE_WINDOWS_MAX   14
#define RULE_ADDRESS_SIZE  64
#define RULE_HOST_SIZE     256
#define RULE_NAME_SIZE     128
#define RULE_FOLDER_SIZE   1024
#define RULE_VOLUMES_MAX   8
#define RULE_UUID_SIZE     64
#define RULE_OPTIONS_SIZE  256

/* What keeps a hung master from holding its addresses after its authority ended (ha.md). */
enum rule_guard { RULE_GUARD_KERNEL, RULE_GUARD_WATCHDOG, RULE_GUARD_NONE };
enum rule_arbitration { RULE_ARBITRATION_ONE, RULE_ARBITRATION_MAJORITY };
enum rule_compress { RULE_COMPRESS_OFF, RULE_COMPRESS_ON, RULE_COMPRESS_AUTO }; /* as enum compress of net/conn.h */
enum rule_orphans { RULE_ORPHANS_DELETE, RULE_ORPHANS_KEEP };
enum rule_foreign { RULE_FOREIGN_REFUSE, RULE_FOREIGN_REPLACE };
enum rule_priority { RULE_PRIORITY_LOW, RULE_PRIORITY_MIDDLE, RULE_PRIORITY_HIGH };

struct rule_member {
    struct dr_id node;
    char name[RULE_NAME_SIZE];
    enum rule_priority priority;
    char address[RULE_HOST_SIZE]; /* its data side */
    uint16_t replication_port, mirror_port;
};

struct rule_line {
    char address[2][RULE_ADDRESS_SIZE]; /* by enum member */
    uint16_t port;
};

struct rule_arbiter {
    struct dr_id node;
    char address[RULE_HOST_SIZE];
    uint16_t port;
};

struct rule_disk {
    char folder[2][RULE_FOLDER_SIZE]; /* of the shared mount, by enum member */
};

struct rule_endpoint {
    char url[RULE_HOST_SIZE];
};

struct rule_etcd {
    char ca[RULE_NAME_SIZE], cert[RULE_NAME_SIZE], key[RULE_NAME_SIZE]; /* plain names in etc/tls */
    unsigned endpoints;
    struct rule_endpoint endpoint[RULE_ENDPOINTS_MAX];
};

struct rule_path {
    char folder[2][RULE_FOLDER_SIZE];
};

struct rule_vip {
    char address[RULE_ADDRESS_SIZE]; /* with its prefix length */
    char card[2][RULE_ADDRESS_SIZE];
    bool preferred; /* outgoing connections use it */
};

enum rule_fsck { RULE_FSCK_OFF, RULE_FSCK_AUTO, RULE_FSCK_ALWAYS }; /* as enum volume_fsck of platform/volume.h */

struct rule_volume {
    char uuid[RULE_UUID_SIZE]; /* of the file system, as blkid shows it */
    char mount[RULE_FOLDER_SIZE];
    char options[RULE_OPTIONS_SIZE]; /* of mount(8), separated by commas */
    enum rule_fsck fsck;
};

struct rule_script { /* plain names in etc/scripts; empty: none */
    char acquire[RULE_NAME_SIZE], release[RULE_NAME_SIZE];
    msec timeout;
};

struct rule {
    struct dr_id id;
    char name[RULE_NAME_SIZE];
    bool auto_switch, need_rep_status, restart_takeover;
    msec boot_wait, interval;
    uint32_t max_fail;
    msec release_grace, fence_timeout;
    enum rule_guard guard;
    enum rule_arbitration arbitration;
    enum member initial_master;
    bool reverse_rule, auto_start;
    enum rule_compress compress;
    uint32_t memory_limit; /* MiB */
    uint64_t rate_limit;   /* bytes per second; 0 = none */
    enum rule_orphans orphans;
    enum rule_foreign foreign_data;
    struct rule_script script;
    msec failure_timeout;
    unsigned members; /* 2 in every rule that passed rule_check() */
    unsigned lines, arbiters, disks, etcds, paths, vips, volumes, monitors, windows;
    struct rule_member member[2];
    struct rule_line line[RULE_LINES_MAX];
    struct rule_arbiter arbiter[RULE_ARBITERS_MAX];
    struct rule_disk disk[RULE_DISKS_MAX];
    struct rule_etcd etcd[RULE_ETCDS_MAX];
    struct rule_path path[RULE_PATHS_MAX];
    struct rule_vip vip[RULE_VIPS_MAX];
    struct rule_monitor monitor[RULE_MONITORS_MAX];
    struct rule_volume volume[RULE_VOLUMES_MAX];
    struct window window[RULE_WINDOWS_MAX];
};

extern const struct model_object rule_model;

/* All of a rule that fields alone do not tell: members differ, an arbiter is no member, folders do not nest, times fit
 * each other, ... DR_INVALID names the fields. */
enum dr_code rule_check(const struct rule *rule, struct dr_error *err) DR_MUST_USE;

/* A folder that both rules would protect or mount on this node (or one inside the other); NULL: none. */
const char *rule_common_folder(const struct rule *one, const struct rule *other, const struct dr_id *node);
/* How long a promise lasts: interval * max_fail. */
msec rule_length(const struct rule *rule);
/* release_grace, raised to what addresses that expire by themselves need (with guard = watchdog that is less), and to
 * what giving up shared volumes takes: 1.05 * (fence_timeout + kill time). With guard = none it is not raised. */
msec rule_release_grace(const struct rule *rule);
/* Its addresses stand behind a fence (guard = watchdog). */
bool rule_fenced(const struct rule *rule);
/* Inside one of its windows, or it has none. `day`: 0 = Monday; `minute` of the day. */
bool rule_in_window(const struct rule *rule, unsigned day, unsigned minute);
/* MEMBER_NONE: the node is no member. */
enum member rule_member_of(const struct rule *rule, const struct dr_id *node);
/* All third voters, in the order in which they are used: arbiters, disk, etcd. */
unsigned rule_witnesses(const struct rule *rule);
bool rule_has_arbiter(const struct rule *rule, const struct dr_id *node);

#endif
