/* SPDX-License-Identifier: Apache-2.0 */
#include "console/rule/rule_table.h"

#include "core/model/rule.h"

#define END                                                                                                            \
    {                                                                                                                  \
        NULL, NULL                                                                                                     \
    }
static const struct wire_word priority_words[] = {{"high", "high"}, {"middle", "middle"}, {"low", "low"}, END};
static const struct wire_word kind_words[] = {
    {"service", "service"}, {"process", "process"}, {"memory", "memory"}, {"mem", "memory"},
    {"cpu", "cpu"},         {"disk", "disk"},       {"script", "script"}, END};
static const struct wire_word role_words[] = {
    {"master", "master"}, {"slave", "slave"}, {"both", "both"}, {"all", "both"}, END};
static const struct wire_word action_words[] = {{"warn", "on"}, {"switch", "off"}, END};

/* Compact on purpose: a table is read down its columns. */
/* clang-format off */
static const struct wire_row rule_rows[] = {
    {.name = "ha_name", .field = "name", .required = true},
    {.name = "auto_switch", .other = "switch_type", .field = "auto_switch", .unit = WIRE_SWITCH, .standard = "off"},
    {.name = "reboot_takeover", .field = "restart_takeover", .unit = WIRE_SWITCH, .standard = "off"},
    {.name = "ctrl_switch", .unit = WIRE_REFUSED, .fixed = "0"},
    {.name = "local_takeover", .unit = WIRE_KEPT_OUT, .fixed = "\"\""},
    {.name = "force_switch_center", .unit = WIRE_KEPT_OUT, .fixed = "\"\""},
    {.name = "ha_type", .unit = WIRE_KEPT_OUT, .fixed = "0"},
    {.name = "dynamic_node", .unit = WIRE_REFUSED, .fixed = "\"\""},
    {.name = "cluster_id", .unit = WIRE_REFUSED, .fixed = "\"\""},
    {.name = "service_label", .unit = WIRE_KEPT_OUT, .fixed = "1"},
    {.name = "key_file_path", .unit = WIRE_REFUSED, .fixed = "[]"},
    {.name = "switch_sync_data", .unit = WIRE_REFUSED, .fixed = "0"},
    {.name = "cron_expression", .unit = WIRE_REFUSED, .fixed = "\"\""},
    {.name = "band_width", .unit = WIRE_REFUSED, .fixed = "\"\""},
    {.name = "sys_uuid", .unit = WIRE_KEPT_OUT, .fixed = "\"\""},
    {.name = "heartbeat", .field = "interval", .unit = WIRE_ELSEWHERE},
    {.name = "heartbeat", .field = "max_fail", .unit = WIRE_ELSEWHERE},
    {.name = "sync_data", .field = "need_rep_status", .unit = WIRE_ELSEWHERE},
    {.name = "sync_data", .field = "reverse_rule", .unit = WIRE_ELSEWHERE},
    {.name = "sync_data", .field = "auto_start", .unit = WIRE_ELSEWHERE},
    {.name = "arbitration", .field = "arbitration", .unit = WIRE_ELSEWHERE},
    {.name = "master_uuid", .field = "initial_master", .unit = WIRE_ELSEWHERE},
};
const struct wire_table rule_table = {.of = &rule_model, WIRE_ROWS(rule_rows)};

static const struct wire_row beat_rows[] = {
    {.name = "interval", .field = "interval", .unit = WIRE_SECONDS},
    {.name = "maxfail", .field = "max_fail"},
};
const struct wire_table rule_beat_table = {.of = &rule_model, .rows_only = true, WIRE_ROWS(beat_rows)};

static const struct wire_row sync_rows[] = {
    {.name = "need_rep_status", .field = "need_rep_status", .unit = WIRE_SWITCH, .standard = "on"},
    {.name = "back_rule", .field = "reverse_rule", .unit = WIRE_SWITCH, .standard = "off"},
    {.name = "create_start", .unit = WIRE_KEPT_OUT, .fixed = "1"},
    {.name = "wait_cache", .unit = WIRE_KEPT_OUT, .fixed = "1"},
    {.name = "excludes", .unit = WIRE_REFUSED, .fixed = "[]"},
};
const struct wire_table rule_sync_table = {.of = &rule_model, .rows_only = true, WIRE_ROWS(sync_rows)};

static const struct wire_row member_rows[] = {
    {.name = "priority", .field = "priority", .unit = WIRE_WORD, .standard = "high", .words = priority_words},
    {.name = "uuid", .field = "name", .unit = WIRE_ELSEWHERE},
    {.name = "uuid", .field = "address", .unit = WIRE_ELSEWHERE},
};
const struct wire_table rule_member_table = {.of = &rule_model, .inner = "member", WIRE_ROWS(member_rows)};

static const struct wire_row line_rows[] = {
    {.name = "port", .field = "port"},
    {.name = "ipList", .unit = WIRE_KEPT_OUT, .fixed = "\"\""},
    {.name = "params", .unit = WIRE_KEPT_OUT, .fixed = "\"\""},
    {.name = "ifconfig", .field = "a", .unit = WIRE_ELSEWHERE},
    {.name = "ifconfig", .field = "b", .unit = WIRE_ELSEWHERE},
};
const struct wire_table rule_line_table = {.of = &rule_model, .inner = "line", WIRE_ROWS(line_rows)};

static const struct wire_row arbiter_rows[] = {
    {.name = "arbit_addr", .field = "address", .required = true},
    {.name = "arbit_port", .field = "port"},
};
const struct wire_table rule_arbiter_table = {.of = &rule_model, .inner = "arbiter", WIRE_ROWS(arbiter_rows)};

static const struct wire_row vip_rows[] = {
    {.name = "top", .field = "preferred", .unit = WIRE_SWITCH, .standard = "off"},
    {.name = "del", .unit = WIRE_KEPT_OUT, .fixed = "1"},
    {.name = "seq_execute", .unit = WIRE_KEPT_OUT, .fixed = "0"},
    {.name = "try_number", .unit = WIRE_KEPT_OUT, .fixed = "3"},
    {.name = "ip", .field = "address", .unit = WIRE_ELSEWHERE},
    {.name = "ifconfig", .field = "card_a", .unit = WIRE_ELSEWHERE},
    {.name = "ifconfig", .field = "card_b", .unit = WIRE_ELSEWHERE},
};
const struct wire_table rule_vip_table = {.of = &rule_model, .inner = "vip", WIRE_ROWS(vip_rows)};

static const struct wire_row script_rows[] = {
    {.name = "after_failover", .field = "acquire", .unit = WIRE_SCRIPT},
    {.name = "before_switch", .field = "release", .unit = WIRE_SCRIPT},
    {.name = "switch_timeout", .field = "timeout", .unit = WIRE_SECONDS},
    {.name = "before_failover", .unit = WIRE_REFUSED, .fixed = "\"\""},
    {.name = "after_switch", .unit = WIRE_REFUSED, .fixed = "\"\""},
    {.name = "after_failover_arr", .unit = WIRE_REFUSED, .fixed = "[]"},
    {.name = "before_switch_arr", .unit = WIRE_REFUSED, .fixed = "[]"},
};
const struct wire_table rule_script_table = {.of = &rule_model, .inner = "script", WIRE_ROWS(script_rows)};

static const struct wire_row volume_rows[] = {
    {.name = "mnt_name", .field = "mount", .unit = WIRE_FOLDER, .required = true},
    {.name = "try_time", .unit = WIRE_KEPT_OUT, .fixed = "3"},
    {.name = "disk_info", .field = "uuid", .unit = WIRE_ELSEWHERE},
};
const struct wire_table rule_volume_table = {.of = &rule_model, .inner = "volume", WIRE_ROWS(volume_rows)};

static const struct wire_row monitor_rows[] = {
    {.name = "type", .field = "kind", .unit = WIRE_WORD, .words = kind_words, .required = true},
    {.name = "interval", .field = "interval", .unit = WIRE_SECONDS, .standard = "2s"},
    {.name = "maxfail", .field = "max_failures", .standard = "5"},
    {.name = "role", .field = "role", .unit = WIRE_WORD, .standard = "master", .words = role_words},
    {.name = "action", .field = "log_only", .unit = WIRE_WORD, .standard = "off", .words = action_words},
    {.name = "monitor_name", .field = "name"},
    {.name = "name", .field = "object", .unit = WIRE_ELSEWHERE},
    {.name = "threshold", .field = "limit", .unit = WIRE_ELSEWHERE},
    {.name = "monitor_file", .field = "result", .unit = WIRE_ELSEWHERE},
    {.name = "useid", .unit = WIRE_REFUSED, .fixed = "\"\""},
    {.name = "residual", .unit = WIRE_KEPT_OUT, .fixed = "1"},
    {.name = "great", .unit = WIRE_KEPT_OUT, .fixed = "\"\""},
    {.name = "access_method", .unit = WIRE_KEPT_OUT, .fixed = "\"\""},
};
const struct wire_table rule_monitor_table = {.of = &rule_model, .inner = "monitor", WIRE_ROWS(monitor_rows)};
/* clang-format on */
