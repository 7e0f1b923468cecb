/* SPDX-License-Identifier: Apache-2.0
 * HA rules as a table: one line a rule (B5.1.3-31). */
#include "console/export/table.h"
#include "console/rule/rule_kept.h"
#include "console/rule/rule_routes.h"

#include <stdio.h>

#define NAME_SIZE 32

/* clang-format off */
static const struct table_column columns[] = {
    {"ha_name", "Rule", "规则名称"},
    {"node_name_1", "Node 1", "节点1"}, {"data_addr_1", "IP 1", "IP1"},
    {"node_name_2", "Node 2", "节点2"}, {"data_addr_2", "IP 2", "IP2"},
    {"auto_switch", "Automatic switch", "自动切换"},
    {"username", "Owner", "所有者"},
};
/* clang-format on */

static void take(json_t *row, const char *key, size_t number, const json_t *node)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s_%zu", key, number);
    json_object_set(row, name, json_object_get(node, key));
}

static void fill_row(const struct call *call, json_t *row, const char *id, const char *xml)
{
    /* All rows are in memory at once. */
    static const char *const unused[] = {"node",    "node_priority", "arbitration", "heartbeat",
                                         "monitor", "res_switch",    "sync_data"};
    const json_t *node;
    size_t i;
    rule_row(call, row, id, xml);
    json_array_foreach(json_object_get(row, "node"), i, node)
    {
        take(row, "node_name", i + 1, node);
        take(row, "data_addr", i + 1, node);
    }
    for (size_t k = 0; k < sizeof unused / sizeof *unused; k++)
        json_object_del(row, unused[k]);
}

void rule_export(const struct call *call)
{
    json_t *rows = kept_all(call, KEPT_RULE, fill_row);
    if (rows != NULL)
        table_answer(call, "ha_rules", rows, columns, sizeof columns / sizeof *columns);
    json_decref(rows);
}
