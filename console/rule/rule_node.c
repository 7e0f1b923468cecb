/* SPDX-License-Identifier: Apache-2.0 */
#include "console/rule/rule_node.h"

#include "core/id.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS "id, name, address, addresses, settings, root"
enum column { ID, NAME, ADDRESS, ADDRESSES, SETTINGS, ROOT };

static const char *setting(const json_t *settings, const char *name)
{
    const char *text = json_string_value(json_object_get(settings, name));
    return text != NULL ? text : "";
}

/* Where the other member sends to: what a person said, else where the node came from. */
static void fill(struct rule_node *node, const struct store_rows *rows, unsigned row)
{
    const char *id = store_cell(rows, row, ID);
    json_t *settings = json_loads(store_cell(rows, row, SETTINGS), 0, NULL);
    const char *data = setting(settings, "data_addr");
    dr_id_parse(&node->id, id, strlen(id));
    snprintf(node->name, sizeof node->name, "%s", store_cell(rows, row, NAME));
    snprintf(node->address, sizeof node->address, "%s", data[0] != '\0' ? data : store_cell(rows, row, ADDRESS));
    snprintf(node->addresses, sizeof node->addresses, "%s", store_cell(rows, row, ADDRESSES));
    snprintf(node->root, sizeof node->root, "%s", store_cell(rows, row, ROOT));
    json_decref(settings);
}

enum dr_code rule_node_by_id(struct store *store, struct rule_node *node, const struct dr_id *id, struct dr_error *err)
{
    const char *value[] = {id->hex};
    struct store_rows rows;
    enum dr_code code =
        store_select(store, &rows, "SELECT " COLUMNS " FROM node WHERE id = %s AND active = 1", value, 1, err);
    if (code == DR_OK && rows.rows == 0)
        code = dr_fail(err, DR_NOT_FOUND, "there is no node %s: register it first", id->hex);
    if (code == DR_OK)
        fill(node, &rows, 0);
    store_rows_free(&rows);
    return code;
}

/* Whole addresses only: the data base was asked for texts that contain it. */
static bool is_at(const struct store_rows *rows, unsigned row, const char *address)
{
    json_t *settings = json_loads(store_cell(rows, row, SETTINGS), 0, NULL);
    const char *others = store_cell(rows, row, ADDRESSES);
    size_t length = strlen(address);
    bool is = strcmp(store_cell(rows, row, ADDRESS), address) == 0 ||
              strcmp(setting(settings, "data_addr"), address) == 0 ||
              strcmp(setting(settings, "config_addr"), address) == 0;
    json_decref(settings);
    for (const char *at = others; !is && (at = strstr(at, address)) != NULL; at += length)
        is = at != others && at[-1] == ',' && at[length] == ',';
    return is;
}

enum dr_code rule_node_by_address(struct store *store, struct rule_node *node, const char *address,
                                  struct dr_error *err)
{
    char like[RULE_HOST_SIZE + 2];
    const char *value[] = {address, like, like};
    struct store_rows rows;
    unsigned row = 0;
    snprintf(like, sizeof like, "%%%s%%", address);
    enum dr_code code = store_select(store, &rows,
                                     "SELECT " COLUMNS " FROM node WHERE active = 1 AND"
                                     " (address = %s OR addresses LIKE %s OR settings LIKE %s) ORDER BY id",
                                     value, 3, err);
    while (code == DR_OK && row < rows.rows && !is_at(&rows, row, address))
        row++;
    if (code == DR_OK && row == rows.rows)
        code = dr_fail(err, DR_NOT_FOUND, "no node has the address %.200s: register it first, or give its node_uuid",
                       address);
    if (code == DR_OK)
        fill(node, &rows, row);
    store_rows_free(&rows);
    return code;
}
