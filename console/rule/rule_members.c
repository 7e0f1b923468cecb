/* SPDX-License-Identifier: Apache-2.0
 * Nodes that the body of a rule names: its members, its arbiters. */
#include "console/rule/rule_node.h"
#include "console/rule/rule_reading.h"
#include "console/rule/rule_table.h"
#include "console/uuid.h"
#include "core/id.h"

#include <stdio.h>
#include <string.h>

#define TYPE(list) model_find(&rule_model, list)->element

/* False: it is told, or the data base failed. */
static bool found(struct reading *r, enum dr_code code, const struct dr_error *err, const char *name)
{
    if (code == DR_NOT_FOUND)
        wrong_field(r->wrong, name, err->text);
    else if (code != DR_OK)
        r->failure = *err;
    return code == DR_OK;
}

static bool find_node(struct reading *r, struct rule_node *node, const char *uuid, const char *name)
{
    struct dr_id id;
    struct dr_error err;
    if (uuid_read(&id, uuid))
        return found(r, rule_node_by_id(r->store, node, &id, &err), &err, name);
    wrong_add(r->wrong, "Not uuid: %s;\n", name);
    return false;
}

/* ---- members ---- */

static void fill_member(struct rule_member *member, const struct rule_node *node)
{
    member->node = node->id;
    snprintf(member->name, sizeof member->name, "%s", node->name);
    snprintf(member->address, sizeof member->address, "%s", node->address);
}

/* The place of a member never changes: it decides which terms are its own. */
static struct rule_member *place_of(struct reading *r, const struct rule_node *node, bool is_new, const char *name)
{
    enum member m = rule_member_of(r->rule, &node->id);
    if (is_new)
        return m == MEMBER_NONE ? reading_append(r, "member", name) : &r->rule->member[m];
    if (m != MEMBER_NONE)
        return &r->rule->member[m];
    reading_wrong(r, name, "the nodes of a rule stay: delete the rule and make another",
                  "规则的节点不可更换：请删除后重新创建");
    return NULL;
}

static void read_member(struct reading *r, const json_t *element, const char *outer, bool is_new)
{
    char name[WRONG_NAME_SIZE];
    struct rule_node node;
    const char *uuid = reading_text(element, "uuid"), *address = reading_text(element, "address");
    wrong_inside(name, outer, "uuid");
    if (uuid[0] == '\0') {
        wrong_lost(r->wrong, name);
        return;
    }
    if (!find_node(r, &node, uuid, name))
        return;
    struct rule_member *member = place_of(r, &node, is_new, name);
    if (member == NULL)
        return;
    fill_member(member, &node);
    wire_read(r->wrong, &rule_member_table, member, element, outer);
    if (address[0] != '\0')
        reading_set(r, TYPE("member"), member, "address", address, outer);
}

static void read_master(struct reading *r)
{
    const char *uuid = reading_text(r->body, "master_uuid");
    struct dr_id id;
    if (uuid[0] == '\0') {
        wrong_lost(r->wrong, "master_uuid");
        return;
    }
    enum member m = uuid_read(&id, uuid) ? rule_member_of(r->rule, &id) : MEMBER_NONE;
    if (m != MEMBER_NONE)
        r->rule->initial_master = m;
    else
        reading_wrong(r, "master_uuid", "must be one of the two nodes of node_priority",
                      "须为 node_priority 中的一个节点");
}

void reading_members(struct reading *r)
{
    char outer[WRONG_NAME_SIZE];
    const json_t *element;
    size_t i;
    bool is_new = r->rule->members == 0;
    json_t *list = reading_list(r, r->body, "node_priority", "");
    if (list == NULL)
        return;
    if (json_array_size(list) == 0)
        wrong_lost(r->wrong, "node_priority");
    else if (json_array_size(list) != 2)
        reading_wrong(r, "node_priority", "must have exactly two nodes", "须恰好有两个节点");
    else
        json_array_foreach(list, i, element)
        {
            wrong_element(outer, "node_priority", i);
            read_member(r, element, outer, is_new);
        }
    if (json_array_size(list) == 2 && r->rule->members == 1 && r->wrong->text[0] == '\0')
        reading_wrong(r, "node_priority", "both are the same node: name two different ones", "两个节点不能相同");
    json_decref(list);
    if (r->rule->members == 2)
        read_master(r);
}

/* ---- arbitration ---- */

/* The contract names an address; what votes is a node. */
static void name_arbiter(struct reading *r, struct rule_arbiter *arbiter, const json_t *element, const char *outer)
{
    struct rule_node node;
    struct dr_error err;
    char name[WRONG_NAME_SIZE];
    const char *uuid = reading_text(element, "node_uuid");
    wrong_inside(name, outer, uuid[0] != '\0' ? "node_uuid" : "arbit_addr");
    bool known = uuid[0] != '\0' ? find_node(r, &node, uuid, name)
                                 : found(r, rule_node_by_address(r->store, &node, arbiter->address, &err), &err, name);
    if (known)
        arbiter->node = node.id;
}

static void read_arbiter(struct reading *r, const json_t *element, const char *outer)
{
    const char *protocol = reading_text(element, "arbit_protocol");
    struct rule_arbiter *arbiter = reading_append(r, "arbiter", outer);
    if (arbiter == NULL)
        return;
    if (protocol[0] != '\0' && strcasecmp(protocol, "tcp") != 0)
        reading_wrong(r, outer, "arbit_protocol must be TCP", "arbit_protocol 须为 TCP");
    wire_read(r->wrong, &rule_arbiter_table, arbiter, element, outer);
    if (arbiter->address[0] != '\0')
        name_arbiter(r, arbiter, element, outer);
}

static void read_arbiters(struct reading *r, const json_t *arbitration)
{
    char outer[WRONG_NAME_SIZE];
    const json_t *element;
    size_t i;
    json_t *list = reading_list(r, arbitration, "node", "arbitration");
    if (list != NULL && json_array_size(list) == 0)
        wrong_lost(r->wrong, "arbitration[node]");
    json_array_foreach(list, i, element)
    {
        wrong_element(outer, "arbitration[node]", i);
        read_arbiter(r, element, outer);
    }
    json_decref(list);
}

/* One path for both, or one for each where they mount it elsewhere. */
static void read_disk(struct reading *r, const json_t *arbitration)
{
    const json_t *disk = json_object_get(arbitration, "disk");
    const char *path = reading_text(disk, "path"), *other = reading_text(disk, "path_b");
    if (path[0] == '\0') {
        wrong_lost(r->wrong, "arbitration[disk][path]");
        return;
    }
    struct rule_disk *place = reading_append(r, "disk", "arbitration[disk]");
    if (place == NULL)
        return;
    reading_set(r, TYPE("disk"), place, "a", path, "arbitration[disk][path]");
    reading_set(r, TYPE("disk"), place, "b", other[0] != '\0' ? other : path, "arbitration[disk][path_b]");
}

void reading_arbitration(struct reading *r)
{
    const json_t *arbitration = json_object_get(r->body, "arbitration");
    const json_t *radio = json_object_get(arbitration, "radio");
    const char *mode = reading_text(arbitration, "mode");
    long kind = json_is_integer(radio) ? (long)json_integer_value(radio) : reading_text(arbitration, "radio")[0] - '0';
    r->rule->arbiters = r->rule->disks = 0;
    if (mode[0] != '\0')
        reading_set(r, &rule_model, r->rule, "arbitration", mode, "arbitration[mode]");
    if (!wire_is_given(arbitration) || !wire_is_given(radio) || kind == 0)
        return;
    if (kind == 1)
        read_arbiters(r, arbitration);
    if (kind == 2 || (kind == 1 && reading_text(json_object_get(arbitration, "disk"), "path")[0] != '\0'))
        read_disk(r, arbitration);
    if (kind != 1 && kind != 2)
        reading_wrong(r, "arbitration[radio]", "must be 0 (none), 1 (nodes) or 2 (disk)",
                      "须为 0（无）、1（节点）或 2（磁盘）");
}
