/* SPDX-License-Identifier: Apache-2.0 */
#include "console/rule/rule_routes.h"

#include "console/licence/licences.h"
#include "console/rule/rule_body.h"
#include "console/rule/rule_kept.h"
#include "console/uuid.h"
#include "net/xml.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRONG_SIZE 1024

/* One for a call: too large for the stack. NULL: answered. */
static struct rule *new_rule(const struct call *call)
{
    struct rule *rule = calloc(1, sizeof *rule);
    if (rule == NULL)
        answer_fail(call->answer, CODE_FAILED, "no memory");
    return rule;
}

static const char *parameter(const struct call *call, const char *name)
{
    const char *text = json_string_value(json_object_get(call->request->parameters, name));
    return text != NULL ? text : "";
}

/* ---- names ---- */

static void verify_name(const struct call *call)
{
    static const struct dr_id nobody;
    struct dr_error err;
    const char *name = parameter(call, "ha_name");
    if (name[0] == '\0')
        answer_fail(call->answer, CODE_PARAMETER, " Lost: ha_name;\n");
    else
        kept_tell(call, kept_check_name(call->store, KEPT_RULE, name, &nobody, &err), &err);
}

/* ---- create, modify ---- */

/* Both members need a licence; what runs goes on without. False: answered. */
static bool licensed(const struct call *call, const struct rule *rule)
{
    char uuid[UUID_SIZE];
    struct dr_error err;
    for (unsigned m = 0; m < rule->members; m++) {
        enum dr_code code = licence_allows(call->console, call->store, LICENCE_HA, &rule->member[m].node, &err);
        uuid_of(uuid, &rule->member[m].node);
        if (code == DR_REFUSED)
            answer_fail(call->answer, CODE_LICENCE_NONE, "UUID: %s (%s)", uuid, err.text);
        else if (code != DR_OK)
            answer_fail(call->answer, CODE_STORE, "%s", err.text);
        if (code != DR_OK)
            return false;
    }
    return true;
}

static void put(const struct call *call, struct kept *kept, struct rule *rule)
{
    char text[WRONG_SIZE], uuid[UUID_SIZE];
    struct wrong wrong = wrong_over(text, sizeof text, request_is_chinese(call->request));
    struct dr_error err;
    const json_t *body = call->request->parameters;
    enum dr_code code = rule_from_body(rule, body, call->store, &wrong, &err);
    if (code == DR_INVALID) {
        answer_fail(call->answer, CODE_PARAMETER, " %s", text);
        return;
    }
    if (code == DR_OK && !licensed(call, rule))
        return;
    if (code == DR_OK)
        code = rule_kept_put(call, kept, rule, &err);
    kept_tell(call, code, &err);
    uuid_of(uuid, &rule->id);
    if (code == DR_OK)
        answer_put_text(call->answer, "ha_uuid", uuid);
}

static void create(const struct call *call)
{
    struct rule *rule = new_rule(call);
    struct kept kept = {0};
    if (rule == NULL)
        return;
    model_defaults(&rule_model, rule);
    if (!rule_kept_new_id(&rule->id))
        answer_fail(call->answer, CODE_FAILED, "the system has no random numbers");
    else
        put(call, &kept, rule);
    kept_free(&kept);
    free(rule);
}

static bool is_stale(const struct call *call, const struct kept *kept)
{
    if (strcmp(parameter(call, "random_str"), kept->stamp) == 0)
        return false;
    if (parameter(call, "random_str")[0] == '\0')
        answer_fail(call->answer, CODE_PARAMETER, " Lost: random_str;\n");
    else
        answer_fail(call->answer, CODE_CHANGED_MEANWHILE, "%s", "");
    return true;
}

static void modify(const struct call *call)
{
    struct rule *rule = new_rule(call);
    struct kept kept;
    struct dr_error err;
    if (rule == NULL)
        return;
    enum dr_code code = rule_kept_find(call, &kept, rule, parameter(call, "ha_uuid"), &err);
    kept_tell(call, code, &err);
    if (code == DR_OK && !is_stale(call, &kept))
        put(call, &kept, rule);
    kept_free(&kept);
    free(rule);
}

/* ---- describe ---- */

static json_t *base64(const char *text)
{
    size_t size = strlen(text);
    unsigned char *encoded = malloc(4 * (size / 3 + 1) + 1);
    if (encoded == NULL)
        return json_null();
    EVP_EncodeBlock(encoded, (const unsigned char *)text, (int)size);
    json_t *value = json_string((const char *)encoded);
    free(encoded);
    return value;
}

static json_t *info_of(const struct kept *kept, const struct rule *rule)
{
    json_t *info = rule_to_body(rule);
    json_object_set_new(info, "random_str", json_string(kept->stamp));
    json_object_set_new(info, "username", json_string(kept->account));
    json_object_set_new(info, "create_time", json_integer(kept->created_at));
    json_object_set_new(info, "version", json_integer(kept->version));
    json_object_set_new(info, "status", json_string(""));
    json_object_set_new(info, "rules", json_object());
    json_object_set_new(info, "ha_send_xml", base64(kept->xml));
    return info;
}

static void describe(const struct call *call)
{
    struct rule *rule = new_rule(call);
    struct kept kept;
    struct dr_error err;
    if (rule == NULL)
        return;
    enum dr_code code = rule_kept_find(call, &kept, rule, call->request->parts.part[0], &err);
    if (code == DR_OK || code == DR_NOT_FOUND) /* what is not there is no failure in this one call */
        answer_put(call->answer, "ha_info", code == DR_OK ? info_of(&kept, rule) : json_null());
    else
        kept_tell(call, code, &err);
    kept_free(&kept);
    free(rule);
}

/* ---- list ---- */

static json_t *nodes_of(const json_t *body, json_t *ha_uuid)
{
    json_t *array = json_array(), *member;
    size_t i;
    json_array_foreach(json_object_get(body, "node_priority"), i, member)
    {
        json_array_append_new(array, json_pack("{s:O, s:O, s:O, s:O, s:O}", "ha_uuid", ha_uuid, "node_uuid",
                                               json_object_get(member, "uuid"), "node_name",
                                               json_object_get(member, "node_name"), "data_addr",
                                               json_object_get(member, "data_addr"), "rep_uuid", ha_uuid));
    }
    return array;
}

void rule_row(const struct call *call, json_t *row, const char *id, const char *xml)
{
    static const char *const taken[] = {
        "ha_name",    "ha_uuid",   "reboot_takeover", "auto_switch",   "arbitration",   "heartbeat",       "monitor",
        "res_switch", "sync_data", "master_uuid",     "key_file_path", "node_priority", "switch_sync_data"};
    struct rule *rule = new_rule(call);
    struct dr_error err;
    json_object_del(row, "name");
    if (rule == NULL)
        return;
    if (xml_read(&rule_model, rule, xml, strlen(xml), id, &err) == DR_OK) {
        json_t *body = rule_to_body(rule);
        for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
            json_object_set(row, taken[i], json_object_get(body, taken[i]));
        json_object_set_new(row, "node", nodes_of(body, json_object_get(body, "ha_uuid")));
        json_decref(body);
    } else {
        answer_fail(call->answer, CODE_STORE, "%s", err.text);
    }
    free(rule);
}

static void list(const struct call *call)
{
    static const char *const keys[] = {"info_list", "list"};
    kept_list(call, KEPT_RULE, false, keys, rule_row);
}

/* ---- delete ---- */

static void remove_one(const struct call *call, const char *uuid, json_t *done)
{
    struct rule *rule = new_rule(call);
    struct kept kept;
    struct dr_error err;
    if (rule == NULL)
        return;
    enum dr_code code = rule_kept_find(call, &kept, rule, uuid, &err);
    if (code == DR_OK)
        code = rule_kept_remove(call, &kept, &err);
    if (code != DR_NOT_FOUND) /* what is gone already has been deleted */
        kept_tell(call, code, &err);
    if (code == DR_OK)
        json_array_append_new(done, json_pack("{s:i, s:s, s:s}", "code", 0, "message", "", "ha_uuid", uuid));
    kept_free(&kept);
    free(rule);
}

static void remove_rules(const struct call *call)
{
    json_t *uuids = json_object_get(call->request->parameters, "uuid"), *uuid, *done;
    size_t i;
    if (uuids == NULL)
        uuids = json_object_get(call->request->parameters, "ha_uuid");
    if (!json_is_array(uuids) || json_array_size(uuids) == 0) {
        answer_fail(call->answer, CODE_PARAMETER, " Lost: uuid;\n");
        return;
    }
    done = json_array();
    json_array_foreach(uuids, i, uuid)
    {
        if (call->answer->code == CODE_OK && json_is_string(uuid))
            remove_one(call, json_string_value(uuid), done);
    }
    if (call->answer->code == CODE_OK) { /* else the transaction is taken back whole */
        answer_put(call->answer, "all_list", json_incref(done));
        answer_put(call->answer, "success_list", json_incref(done));
    }
    json_decref(done);
}

/* clang-format off */
static const struct route routes[] = {
    {"POST", "/ha/verify_name", "ha", verify_name, NULL, "Whether a rule may have this name.", ROUTE_READS},
    {"POST", "/ha", "ha", create, NULL, "Makes an HA rule.", ROUTE_CHANGES},
    {"PUT", "/ha", "ha", modify, NULL, "Changes an HA rule.", ROUTE_CHANGES},
    {"DELETE", "/ha", "ha", remove_rules, NULL, "Deletes HA rules.", ROUTE_CHANGES},
    {"GET", "/ha", "ha", list, NULL, "HA rules.", ROUTE_READS},
    {"GET", "/ha/netif", "ha", rule_netif, NULL, "Addresses of nodes.", ROUTE_READS},
    {"GET", "/ha/script_path", "ha", rule_script_path, NULL, "Where a node has its scripts.", ROUTE_READS},
    {"GET", "/ha/volume_info", "ha", rule_volume_info, NULL, "Shared disks of two nodes.", ROUTE_READS},
    {"GET", "/ha/export", "ha", rule_export, NULL, "HA rules as a table.", ROUTE_READS},
    {"GET", "/ha/*", "ha", describe, NULL, "One HA rule.", ROUTE_READS},
};
/* clang-format on */
const struct route_area rule_routes = ROUTE_AREA("HA rules", routes);
