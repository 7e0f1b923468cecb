/* SPDX-License-Identifier: Apache-2.0
 * What the body of a rule watches, and what it moves: monitor[], res_switch[]. */
#include "console/rule/rule_reading.h"
#include "console/rule/rule_table.h"
#include "core/model_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE(list) model_find(&rule_model, list)->element

/* ---- monitors ---- */

/* Where the contract has the object of each kind; NULL: there is none. */
static const char *object_name(enum monitor_kind kind)
{
    switch (kind) {
    case MONITOR_SERVICE:
    case MONITOR_PROCESS: return "name";
    case MONITOR_DISK: return "path";
    case MONITOR_SCRIPT: return "script";
    default: return NULL;
    }
}

static bool name_is_taken(const struct rule *rule, const char *name)
{
    for (unsigned i = 0; i + 1 < rule->monitors; i++)
        if (strcmp(rule->monitor[i].name, name) == 0)
            return true;
    return false;
}

/* The contract's monitors have no names. */
static void name_monitor(const struct rule *rule, struct rule_monitor *monitor)
{
    char name[MONITOR_NAME_SIZE];
    const char *kind = monitor_kind_words[monitor->kind];
    bool object = monitor->object[0] != '\0';
    snprintf(name, sizeof name, "%s%s%.40s", kind, object ? " " : "", monitor->object);
    while (!model_text_is_clean(name)) /* it was cut within a character */
        name[strlen(name) - 1] = '\0';
    size_t length = strlen(name);
    for (unsigned n = 2; name_is_taken(rule, name); n++)
        snprintf(name + length, sizeof name - length, " %u", n);
    memcpy(monitor->name, name, sizeof name);
}

static void read_object(struct reading *r, struct rule_monitor *monitor, const json_t *element, const char *outer)
{
    char name[WRONG_NAME_SIZE], text[MODEL_TEXT_MAX];
    const char *where = object_name(monitor->kind);
    const json_t *limit = json_object_get(element, "threshold");
    bool has_limit = monitor->kind == MONITOR_MEMORY || monitor->kind == MONITOR_CPU || monitor->kind == MONITOR_DISK;
    if (where != NULL) {
        wrong_inside(name, outer, where);
        if (reading_text(element, where)[0] == '\0')
            wrong_lost(r->wrong, name);
        else
            reading_set(r, &rule_monitor_model, monitor, "object", reading_text(element, where), name);
    }
    wrong_inside(name, outer, "threshold");
    if (has_limit && !wire_is_given(limit))
        wrong_lost(r->wrong, name);
    else if (has_limit && wrong_scalar(r->wrong, text, limit, name))
        reading_set(r, &rule_monitor_model, monitor, "limit", text, name);
    if (monitor->kind == MONITOR_SCRIPT && reading_text(element, "monitor_file")[0] != '\0')
        reading_set(r, &rule_monitor_model, monitor, "result", reading_text(element, "monitor_file"), outer);
}

void reading_monitors(struct reading *r)
{
    char outer[WRONG_NAME_SIZE];
    const json_t *element;
    size_t i;
    json_t *list = reading_list(r, r->body, "monitor", "");
    r->rule->monitors = 0;
    json_array_foreach(list, i, element)
    {
        wrong_element(outer, "monitor", i);
        struct rule_monitor *monitor = reading_append(r, "monitor", outer);
        if (monitor == NULL)
            break;
        wire_read(r->wrong, &rule_monitor_table, monitor, element, outer);
        read_object(r, monitor, element, outer);
        if (monitor->name[0] == '\0')
            name_monitor(r->rule, monitor);
    }
    json_decref(list);
}

/* ---- virtual addresses ---- */

/* 255.255.255.0, 24, /24; -1: none of them. */
static int prefix_length(const char *mask)
{
    uint8_t bytes[MODEL_ADDRESS_BYTES];
    uint64_t number;
    bool v4;
    int length = 0;
    if (model_text_number(*mask == '/' ? mask + 1 : mask, &number))
        return number <= 128 ? (int)number : -1;
    if (!model_text_address(mask, bytes, &v4))
        return -1;
    unsigned first = v4 ? 96 : 0, last = 128;
    for (unsigned bit = first; bit < last && (bytes[bit / 8] >> (7 - bit % 8) & 1) != 0; bit++)
        length++;
    for (unsigned bit = first + (unsigned)length; bit < last; bit++)
        if ((bytes[bit / 8] >> (7 - bit % 8) & 1) != 0)
            return -1;
    return length;
}

static void read_address(struct reading *r, struct rule_vip *vip, const json_t *element, const char *outer)
{
    char name[WRONG_NAME_SIZE], text[RULE_ADDRESS_SIZE + 8], mask[MODEL_TEXT_MAX];
    const char *ip = reading_text(element, "ip");
    const json_t *given = json_object_get(element, "mask");
    wrong_inside(name, outer, ip[0] == '\0' ? "ip" : "mask");
    if (ip[0] == '\0' || !wire_is_given(given)) {
        wrong_lost(r->wrong, name);
        return;
    }
    if (!wrong_scalar(r->wrong, mask, given, name))
        return;
    int length = prefix_length(mask);
    if (length < 0) {
        reading_wrong(r, name, "is no netmask such as 255.255.255.0, and no length such as 24",
                      "须为 255.255.255.0 形式的掩码或 24 形式的前缀长度");
        return;
    }
    snprintf(text, sizeof text, "%.*s/%d", RULE_ADDRESS_SIZE - 1, ip, length);
    wrong_inside(name, outer, "ip");
    reading_set(r, TYPE("vip"), vip, "address", text, name);
}

static void read_vip(struct reading *r, const json_t *element, const char *outer)
{
    char name[WRONG_NAME_SIZE];
    const json_t *card[2];
    struct rule_vip *vip = reading_append(r, "vip", outer);
    if (vip == NULL)
        return;
    wire_read(r->wrong, &rule_vip_table, vip, element, outer);
    read_address(r, vip, element, outer);
    if (!reading_of_members(r, card, element, "ifconfig", outer))
        return;
    wrong_inside(name, outer, "ifconfig");
    reading_set(r, TYPE("vip"), vip, "card_a", reading_text(card[0], "netif"), name);
    reading_set(r, TYPE("vip"), vip, "card_b", reading_text(card[1], "netif"), name);
}

/* ---- shared disks ---- */

static void read_volume(struct reading *r, const json_t *element, const char *outer)
{
    char name[WRONG_NAME_SIZE];
    const char *uuid = reading_text(json_object_get(element, "disk_info"), "uuid");
    struct rule_volume *volume = reading_append(r, "volume", outer);
    if (volume == NULL)
        return;
    wire_read(r->wrong, &rule_volume_table, volume, element, outer);
    wrong_inside(name, outer, "disk_info");
    if (uuid[0] == '\0')
        wrong_lost(r->wrong, name);
    else
        reading_set(r, TYPE("volume"), volume, "uuid", uuid, name);
}

/* ---- all ---- */

static void read_script(struct reading *r, const json_t *element, const char *outer)
{
    if (r->rule->script.acquire[0] != '\0' || r->rule->script.release[0] != '\0')
        reading_wrong(r, outer, "a rule has one element of type script", "一条规则只能有一个 script 资源");
    wire_read(r->wrong, &rule_script_table, &r->rule->script, element, outer);
}

static void read_resource(struct reading *r, const json_t *resource, const char *outer)
{
    static const struct {
        const char *type, *object;
        void (*read)(struct reading *r, const json_t *element, const char *outer);
    } kinds[] = {{"ip", "vip", read_vip}, {"script", "script", read_script}, {"disk", "disk", read_volume}};
    char inner[WRONG_NAME_SIZE];
    const char *type = reading_text(resource, "type");
    wrong_inside(inner, outer, "type");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(type, kinds[i].type) == 0) {
            wrong_inside(inner, outer, kinds[i].object);
            kinds[i].read(r, json_object_get(resource, kinds[i].object), inner);
            return;
        }
    if (type[0] == '\0')
        wrong_lost(r->wrong, inner);
    else
        wrong_add(r->wrong, r->wrong->zh ? "字段 %s 必须为以下之一: %s;\n" : "The %s field must be one of: %s;\n",
                  inner, "ip,script,disk");
}

void reading_resources(struct reading *r)
{
    char outer[WRONG_NAME_SIZE];
    const json_t *resource;
    size_t i;
    json_t *list = reading_list(r, r->body, "res_switch", "");
    r->rule->vips = r->rule->volumes = 0;
    r->rule->script.acquire[0] = r->rule->script.release[0] = '\0';
    json_array_foreach(list, i, resource)
    {
        wrong_element(outer, "res_switch", i);
        read_resource(r, resource, outer);
    }
    json_decref(list);
}
