/* SPDX-License-Identifier: Apache-2.0
 * console/rule/rule_table.h - an HA rule in the contract's words: one table an object of its body. */
#ifndef DR_CONSOLE_RULE_RULE_TABLE_H
#define DR_CONSOLE_RULE_RULE_TABLE_H

#include "console/rule/wire.h"

extern const struct wire_table rule_table;      /* the body itself */
extern const struct wire_table rule_beat_table; /* of a heartbeat[]: what our model has once a rule */
extern const struct wire_table rule_sync_table; /* of a sync_data[]: the same */
extern const struct wire_table rule_member_table, rule_line_table, rule_arbiter_table, rule_vip_table,
    rule_script_table, rule_volume_table, rule_monitor_table;

#endif
