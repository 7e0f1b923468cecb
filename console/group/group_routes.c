/* SPDX-License-Identifier: Apache-2.0 */
#include "console/group/group_routes.h"

#include "console/export/table.h"
#include "console/group/group_body.h"
#include "console/group/group_kept.h"
#include "console/rule/rule_kept.h"
#include "console/uuid.h"
#include "core/id.h"
#include "net/xml.h"

#include <stdlib.h>
#include <string.h>

#define WRONG_SIZE 1024

/* Too large for the stack. NULL: answered. */
static struct group *new_group(const struct call *call)
{
    struct group *group = calloc(1, sizeof *group);
    if (group == NULL)
        answer_fail(call->answer, CODE_FAILED, "no memory");
    return group;
}

/* ---- create, modify ---- */

static void put(const struct call *call, struct kept *kept, struct group *group)
{
    char text[WRONG_SIZE], uuid[UUID_SIZE];
    struct wrong wrong = wrong_over(text, sizeof text, request_is_chinese(call->request));
    struct dr_error err;
    group_from_body(group, call->request->parameters, &wrong);
    if (text[0] != '\0') {
        answer_fail(call->answer, CODE_PARAMETER, " %s", text);
        return;
    }
    enum dr_code code = group_kept_put(call, kept, group, &err);
    kept_tell(call, code, &err);
    uuid_of(uuid, &group->id);
    if (code == DR_OK)
        answer_put_text(call->answer, "group_uuid", uuid);
}

static void create(const struct call *call)
{
    struct group *group = new_group(call);
    struct kept kept = {0};
    if (group == NULL)
        return;
    model_defaults(&group_model, group);
    if (rule_kept_new_id(&group->id))
        put(call, &kept, group);
    else
        answer_fail(call->answer, CODE_FAILED, "the system has no random numbers");
    kept_free(&kept);
    free(group);
}

static void modify(const struct call *call)
{
    struct group *group = new_group(call);
    struct kept kept;
    struct dr_error err;
    if (group == NULL)
        return;
    enum dr_code code = group_kept_find(call, &kept, group, call->request->parts.part[0], &err);
    kept_tell(call, code, &err);
    if (code == DR_OK)
        put(call, &kept, group);
    kept_free(&kept);
    free(group);
}

/* ---- describe, list ---- */

/* A rule of somebody else's group may be nobody's to see: its name is told all the same, as the group's is. */
static json_t *name_of_rule(void *baton, const struct dr_id *rule)
{
    const struct call *call = baton;
    const char *value[] = {rule->hex};
    struct store_rows rows;
    struct dr_error err;
    enum dr_code code = store_select(call->store, &rows, "SELECT name FROM kept WHERE id = %s", value, 1, &err);
    json_t *name = json_string(code == DR_OK ? store_cell(&rows, 0, 0) : "");
    store_rows_free(&rows);
    return name;
}

static json_t *body_of(const struct call *call, const struct group *group)
{
    return group_to_body(group, name_of_rule, (void *)call);
}

static void describe(const struct call *call)
{
    struct group *group = new_group(call);
    struct kept kept;
    struct dr_error err;
    if (group == NULL)
        return;
    enum dr_code code = group_kept_find(call, &kept, group, call->request->parts.part[0], &err);
    kept_tell(call, code, &err);
    if (code == DR_OK) {
        json_t *body = body_of(call, group);
        json_object_update(call->answer->data, body);
        json_decref(body);
        answer_put_text(call->answer, "username", kept.account);
        answer_put_text(call->answer, "random_str", kept.stamp);
        answer_put_number(call->answer, "created_at", kept.created_at);
        answer_put(call->answer, "biz_grp_list", json_array());
        answer_put(call->answer, "biz_grp_name", json_array());
    }
    kept_free(&kept);
    free(group);
}

static void fill_row(const struct call *call, json_t *row, const char *id, const char *xml)
{
    struct group *group = new_group(call);
    struct dr_error err;
    if (group == NULL)
        return;
    if (xml_read(&group_model, group, xml, strlen(xml), id, &err) == DR_OK) {
        json_t *body = body_of(call, group);
        json_object_update(row, body);
        json_decref(body);
        json_object_set(row, "created_at", json_object_get(row, "create_time"));
        json_object_del(row, "name");
    } else {
        answer_fail(call->answer, CODE_STORE, "%s", err.text);
    }
    free(group);
}

/* uuid -> name of every rule that a group of the page has; clients know an empty one as a list. */
static json_t *rule_names(const json_t *rows)
{
    const json_t *row, *stage, *rule;
    const char *key;
    size_t i, n;
    json_t *names = json_object();
    json_array_foreach(rows, i, row)
    {
        json_object_foreach(json_object_get((json_t *)row, "stage"), key, stage)
        {
            json_array_foreach(json_object_get(stage, "haList"), n, rule)
            {
                json_object_set(names, json_string_value(json_object_get(rule, "ha_uuid")),
                                json_object_get(rule, "ha_name"));
            }
        }
    }
    if (json_object_size(names) > 0)
        return names;
    json_decref(names);
    return json_array();
}

static void list(const struct call *call)
{
    static const char *const keys[2] = {"info_list"};
    kept_list(call, KEPT_GROUP, false, keys, fill_row);
    answer_put(call->answer, "ha_list", rule_names(json_object_get(call->answer->data, "info_list")));
}

/* ---- rules that may be in a stage ---- */

static void fill_option(const struct call *call, json_t *row, const char *id, const char *xml)
{
    char uuid[UUID_SIZE];
    struct dr_id rule;
    (void)call, (void)xml;
    json_t *name = json_incref(json_object_get(row, "name"));
    dr_id_parse(&rule, id, strlen(id));
    uuid_of(uuid, &rule);
    json_object_clear(row);
    json_object_set_new(row, "ha_name", name);
    json_object_set_new(row, "ha_uuid", json_string(uuid));
}

static void stage_options(const struct call *call)
{
    json_t *rows = kept_all(call, KEPT_RULE, fill_option);
    if (rows == NULL)
        return;
    answer_put_number(call->answer, "total", (long long)json_array_size(rows));
    answer_put(call->answer, "list", json_incref(rows));
    answer_put(call->answer, "info_list", rows);
}

/* ---- delete ---- */

static void remove_one(const struct call *call, const char *uuid)
{
    struct group *group = new_group(call);
    struct kept kept;
    struct dr_error err;
    if (group == NULL)
        return;
    enum dr_code code = group_kept_find(call, &kept, group, uuid, &err);
    if (code == DR_OK)
        code = group_kept_remove(call, &kept, &err);
    if (code != DR_NOT_FOUND) /* what is gone already has been deleted */
        kept_tell(call, code, &err);
    kept_free(&kept);
    free(group);
}

static void remove_groups(const struct call *call)
{
    const json_t *uuids = json_object_get(call->request->parameters, "uuids"), *uuid;
    size_t i;
    if (!json_is_array(uuids) || json_array_size(uuids) == 0)
        answer_fail(call->answer, CODE_PARAMETER, " Lost: uuids;\n");
    json_array_foreach(uuids, i, uuid)
    {
        if (call->answer->code == CODE_OK && json_is_string(uuid))
            remove_one(call, json_string_value(uuid));
    }
}

/* ---- export ---- */

/* Rules of all stages, and words for what is a number on the wire. */
static void fill_line(const struct call *call, json_t *row, const char *id, const char *xml)
{
    bool zh = request_is_chinese(call->request), stops;
    const json_t *stage, *rule;
    const char *key;
    size_t n;
    json_t *names = json_array();
    fill_row(call, row, id, xml);
    json_object_foreach(json_object_get(row, "stage"), key, stage)
    {
        json_array_foreach(json_object_get(stage, "haList"), n, rule)
        {
            json_array_append(names, json_object_get(rule, "ha_name"));
        }
    }
    stops = json_integer_value(json_object_get(row, "error_confirm")) != 0;
    json_object_set_new(row, "rules", names);
    json_object_set_new(row, "on_error", json_string(stops ? (zh ? "停止" : "stop") : (zh ? "忽略" : "ignore")));
}

static void export(const struct call *call)
{
    static const struct table_column columns[] = {{"group_name", "Group", "组名称"},
                                                  {"rules", "HA rules", "高可用规则"},
                                                  {"on_error", "On error", "错误处理"},
                                                  {"username", "Owner", "所有者"}};
    json_t *rows = kept_all(call, KEPT_GROUP, fill_line);
    if (rows != NULL)
        table_answer(call, "ha_groups", rows, columns, sizeof columns / sizeof *columns);
    json_decref(rows);
}

/* clang-format off */
static const struct route routes[] = {
    {"GET", "/ha/group/stage_options", "ha", stage_options, NULL, "Rules that may be in a stage.", ROUTE_READS},
    {"GET", "/ha/group/export", "ha", export, NULL, "HA groups as a table.", ROUTE_READS},
    {"POST", "/ha/group", "ha", create, NULL, "Makes an HA group.", ROUTE_CHANGES},
    {"DELETE", "/ha/group", "ha", remove_groups, NULL, "Deletes HA groups.", ROUTE_CHANGES},
    {"GET", "/ha/group", "ha", list, NULL, "HA groups.", ROUTE_READS},
    {"GET", "/ha/group/*", "ha", describe, NULL, "One HA group.", ROUTE_READS},
    {"PUT", "/ha/group/*", "ha", modify, NULL, "Changes an HA group.", ROUTE_CHANGES},
};
/* clang-format on */
const struct route_area group_routes = ROUTE_AREA("HA groups", routes);
