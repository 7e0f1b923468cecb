/* SPDX-License-Identifier: Apache-2.0
 * What the nodes of a rule have. */
#include "console/rule/rule_node.h"
#include "console/rule/rule_routes.h"
#include "console/uuid.h"

#include <stdio.h>
#include <string.h>

static const char *text_of(const struct call *call, const char *name)
{
    const char *text = json_string_value(json_object_get(call->request->parameters, name));
    return text != NULL ? text : "";
}

/* Answers if there is no such node. */
static bool find_node(const struct call *call, struct rule_node *node, const char *uuid)
{
    struct dr_id id;
    struct dr_error err;
    enum dr_code code = uuid_read(&id, uuid) ? rule_node_by_id(call->store, node, &id, &err) : DR_NOT_FOUND;
    if (code == DR_NOT_FOUND)
        answer_fail(call->answer, CODE_NO_NODE, "%s", "");
    else if (code != DR_OK)
        answer_fail(call->answer, CODE_STORE, "%s", err.text);
    return code == DR_OK;
}

/* ---- addresses ---- */

/* `addresses` are ",a,b,"; which card has which a node does not tell. */
static json_t *cards_of(const char *addresses)
{
    json_t *cards = json_array();
    for (const char *at = addresses + strspn(addresses, ","); *at != '\0'; at += strspn(at, ",")) {
        size_t length = strcspn(at, ",");
        json_t *address = json_stringn(at, length);
        json_array_append_new(cards, json_pack("{s:O, s:s, s:[o]}", "label", address, "netif", "", "ips", address));
        at += length;
    }
    return cards;
}

static void add_netif(const struct call *call, json_t *list, const char *uuid)
{
    struct rule_node node;
    if (find_node(call, &node, uuid))
        json_array_append_new(list, json_pack("{s:s, s:o}", "node_uuid", uuid, "ifconfig", cards_of(node.addresses)));
}

void rule_netif(const struct call *call)
{
    const json_t *uuids = json_object_get(call->request->parameters, "node_uuid"), *uuid;
    json_t *list = json_array();
    size_t i;
    if (json_is_string(uuids))
        add_netif(call, list, json_string_value(uuids));
    json_array_foreach(uuids, i, uuid)
    {
        if (json_is_string(uuid))
            add_netif(call, list, json_string_value(uuid));
    }
    if (uuids == NULL && text_of(call, "master_uuid")[0] != '\0')
        add_netif(call, list, text_of(call, "master_uuid"));
    else if (uuids == NULL)
        answer_fail(call->answer, CODE_PARAMETER, " Lost: node_uuid;\n");
    answer_put(call->answer, "netif", list);
}

/* ---- scripts, disks ---- */

void rule_script_path(const struct call *call)
{
    char path[RULE_FOLDER_SIZE + 16];
    struct rule_node node;
    if (!find_node(call, &node, text_of(call, "master_uuid")))
        return;
    snprintf(path, sizeof path, "%s/etc/scripts", node.root[0] != '\0' ? node.root : RULE_NODE_ROOT);
    answer_put_text(call->answer, "script_path", path);
}

/* Nodes do not tell of disks: the UUIDs are entered by hand. */
void rule_volume_info(const struct call *call)
{
    struct rule_node node;
    answer_put(call->answer, "disk_info", json_array());
    answer_put(call->answer, "drive_letter_info", json_pack("{s:[], s:[]}", "master_node", "sub_node"));
    if (find_node(call, &node, text_of(call, "master_uuid")) && find_node(call, &node, text_of(call, "slave_uuid")))
        answer_fail(call->answer, CODE_NO_DISKS, "enter the UUID of the file system as `blkid` shows it");
}
