/* SPDX-License-Identifier: Apache-2.0
 * A rule as the body that would make it. */
#include "console/rule/rule_body.h"
#include "console/rule/rule_table.h"
#include "console/uuid.h"
#include "core/model_text.h"

#include <stdio.h>
#include <string.h>

#define REP_NAME_SIZE (2 * RULE_NAME_SIZE + 8)

/* An object of the table, in the array. */
static json_t *append(json_t *array, const struct wire_table *table, const void *object)
{
    json_t *element = json_object();
    if (table != NULL)
        wire_write(element, table, object);
    json_array_append_new(array, element);
    return element;
}

static json_t *uuid_json(const struct dr_id *id)
{
    char uuid[UUID_SIZE];
    uuid_of(uuid, id);
    return json_string(uuid);
}

static json_t *members(const struct rule *rule)
{
    json_t *array = json_array();
    for (unsigned m = 0; m < rule->members; m++) {
        const struct rule_member *member = &rule->member[m];
        json_t *element = append(array, &rule_member_table, member);
        json_object_set_new(element, "uuid", uuid_json(&member->node));
        json_object_set_new(element, "node_name", json_string(member->name));
        json_object_set_new(element, "data_addr", json_string(member->address));
    }
    return array;
}

static json_t *lines(const struct rule *rule)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < rule->lines; i++) {
        json_t *element = append(array, &rule_line_table, &rule->line[i]), *cards = json_array();
        wire_write(element, &rule_beat_table, rule);
        json_object_set_new(element, "protocol", json_string("tcp"));
        for (unsigned m = 0; m < rule->members; m++)
            json_array_append_new(cards, json_pack("{s:o, s:s, s:s, s:s}", "uuid", uuid_json(&rule->member[m].node),
                                                   "ip", rule->line[i].address[m], "netif", "", "label", ""));
        json_object_set_new(element, "ifconfig", cards);
    }
    return array;
}

static json_t *arbitration(const struct rule *rule)
{
    char mode[MODEL_TEXT_MAX];
    json_t *nodes = json_array();
    int kind = rule->arbiters > 0 ? 1 : rule->disks > 0 ? 2 : 0;
    for (unsigned i = 0; i < rule->arbiters; i++) {
        json_t *element = append(nodes, &rule_arbiter_table, &rule->arbiter[i]);
        json_object_set_new(element, "arbit_protocol", json_string("TCP"));
        json_object_set_new(element, "node_uuid", uuid_json(&rule->arbiter[i].node));
    }
    model_get(model_find(&rule_model, "arbitration"), rule, mode, sizeof mode);
    return json_pack("{s:i, s:o, s:{s:s, s:s}, s:s}", "radio", kind, "node", nodes, "disk", "path",
                     rule->disks > 0 ? rule->disk[0].folder[0] : "", "path_b",
                     rule->disks > 0 ? rule->disk[0].folder[1] : "", "mode", mode);
}

/* Directories end in a / there. */
static json_t *folders(const struct rule *rule, enum member m)
{
    char text[RULE_FOLDER_SIZE + 1];
    json_t *array = json_array();
    for (unsigned i = 0; i < rule->paths; i++) {
        const char *folder = rule->path[i].folder[m];
        snprintf(text, sizeof text, "%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/");
        json_array_append_new(array, json_string(text));
    }
    return array;
}

static json_t *sync_data(const struct rule *rule)
{
    char name[REP_NAME_SIZE];
    json_t *array = json_array(), *relations = json_array();
    if (rule->paths == 0 || rule->members != 2)
        return array;
    for (enum member m = MEMBER_A; m <= MEMBER_B; m++) {
        const struct rule_member *other = &rule->member[member_other(m)];
        snprintf(name, sizeof name, "HA-%s-%s", rule->member[m].name, other->name);
        json_array_append_new(relations,
                              json_pack("{s:o, s:o, s:s, s:i, s:i}", "uuid", uuid_json(&rule->member[m].node), "path",
                                        folders(rule, m), "rep_name", name, "autostart_rep", rule->auto_start,
                                        "append_name", 0));
    }
    json_object_set_new(append(array, &rule_sync_table, rule), "rule_relation", relations);
    return array;
}

static json_t *monitors(const struct rule *rule)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < rule->monitors; i++) {
        const struct rule_monitor *monitor = &rule->monitor[i];
        bool named = monitor->kind == MONITOR_SERVICE || monitor->kind == MONITOR_PROCESS;
        json_t *element = append(array, &rule_monitor_table, monitor);
        json_object_set_new(element, "name", json_string(named ? monitor->object : ""));
        json_object_set_new(element, "path", json_string(monitor->kind == MONITOR_DISK ? monitor->object : ""));
        json_object_set_new(element, "script", json_string(monitor->kind == MONITOR_SCRIPT ? monitor->object : ""));
        json_object_set_new(element, "monitor_file", json_string(monitor->result));
        json_object_set_new(element, "threshold", json_integer(monitor->limit));
    }
    return array;
}

static void netmask(char text[32], unsigned length, bool v4)
{
    uint32_t bits = length == 0 ? 0 : ~UINT32_C(0) << (32 - length);
    if (v4)
        snprintf(text, 32, "%u.%u.%u.%u", bits >> 24, bits >> 16 & 255, bits >> 8 & 255, bits & 255);
    else
        snprintf(text, 32, "%u", length);
}

static json_t *vip(const struct rule *rule, unsigned i)
{
    const struct rule_vip *it = &rule->vip[i];
    char ip[RULE_ADDRESS_SIZE], mask[32];
    uint8_t bytes[MODEL_ADDRESS_BYTES];
    unsigned length = 0;
    bool v4 = true;
    json_t *object = json_object(), *cards = json_array();
    snprintf(ip, sizeof ip, "%.*s", (int)strcspn(it->address, "/"), it->address);
    if (model_text_prefix(it->address, bytes, &v4, &length))
        netmask(mask, length, v4);
    else
        mask[0] = '\0';
    wire_write(object, &rule_vip_table, it);
    json_object_set_new(object, "ip", json_string(ip));
    json_object_set_new(object, "mask", json_string(mask));
    for (unsigned m = 0; m < rule->members; m++)
        json_array_append_new(cards, json_pack("{s:o, s:s, s:s}", "uuid", uuid_json(&rule->member[m].node), "netif",
                                               it->card[m], "label", it->card[m]));
    json_object_set_new(object, "ifconfig", cards);
    return object;
}

static json_t *volume(const struct rule_volume *it)
{
    json_t *object = json_object();
    wire_write(object, &rule_volume_table, it);
    json_object_set_new(object, "disk_info",
                        json_pack("{s:s, s:{s:s}, s:{s:s}}", "uuid", it->uuid, "master_node", "mnt_name", it->mount,
                                  "sub_node", "mnt_name", it->mount));
    return object;
}

static json_t *resources(const struct rule *rule)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < rule->vips; i++)
        json_array_append_new(array, json_pack("{s:s, s:o}", "type", "ip", "vip", vip(rule, i)));
    for (unsigned i = 0; i < rule->volumes; i++)
        json_array_append_new(array, json_pack("{s:s, s:o}", "type", "disk", "disk", volume(&rule->volume[i])));
    if (rule->script.acquire[0] != '\0' || rule->script.release[0] != '\0') {
        json_t *script = json_object();
        wire_write(script, &rule_script_table, &rule->script);
        json_array_append_new(array, json_pack("{s:s, s:o}", "type", "script", "script", script));
    }
    return array;
}

/* A list that the contract does not have, by the model's own names. */
static json_t *own_list(const struct rule *rule, const char *name)
{
    char text[MODEL_TEXT_MAX];
    const struct model_field *list = model_find(&rule_model, name);
    json_t *array = json_array();
    for (unsigned i = 0; i < model_count(list, rule); i++) {
        const void *element = model_element(list, rule, i);
        json_t *object = append(array, NULL, NULL);
        for (unsigned f = 0; f < list->element->fields; f++) {
            const struct model_field *field = &list->element->field[f];
            if (field->kind == MODEL_LIST) {
                json_object_set_new(object, field->name, json_array());
                continue;
            }
            model_get(field, element, text, sizeof text);
            json_object_set_new(object, field->name, json_string(text));
        }
    }
    return array;
}

static json_t *etcds(const struct rule *rule)
{
    json_t *array = own_list(rule, "etcd");
    for (unsigned i = 0; i < rule->etcds; i++)
        for (unsigned k = 0; k < rule->etcd[i].endpoints; k++)
            json_array_append_new(json_object_get(json_array_get(array, i), "endpoint"),
                                  json_string(rule->etcd[i].endpoint[k].url));
    return array;
}

json_t *rule_to_body(const struct rule *rule)
{
    json_t *body = json_object();
    wire_write(body, &rule_table, rule);
    json_object_set_new(body, "ha_uuid", uuid_json(&rule->id));
    json_object_set_new(body, "master_uuid", uuid_json(&rule->member[rule->initial_master].node));
    json_object_set_new(body, "switch_type", json_integer(rule->auto_switch));
    json_object_set_new(body, "node_priority", members(rule));
    json_object_set_new(body, "heartbeat", lines(rule));
    json_object_set_new(body, "arbitration", arbitration(rule));
    json_object_set_new(body, "sync_data", sync_data(rule));
    json_object_set_new(body, "monitor", monitors(rule));
    json_object_set_new(body, "res_switch", resources(rule));
    json_object_set_new(body, "window", own_list(rule, "window"));
    json_object_set_new(body, "etcd", etcds(rule));
    return body;
}
