/* SPDX-License-Identifier: Apache-2.0 */
#include "console/group/group_body.h"

#include "console/uuid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_NAME_SIZE 16

/* 1, "1", true; anything else that is there is off. */
static bool flag(const json_t *body, const char *name, bool standard)
{
    const json_t *value = json_object_get(body, name);
    if (value == NULL || json_is_null(value))
        return standard;
    if (json_is_string(value))
        return strcmp(json_string_value(value), "1") == 0;
    return json_is_true(value) || json_integer_value(value) != 0;
}

static void add_rule(struct group_stage *stage, struct wrong *wrong, const json_t *uuid, const char *name)
{
    struct dr_id id;
    if (!json_is_string(uuid) || !uuid_read(&id, json_string_value(uuid)))
        wrong_add(wrong, "Not uuid: %s;\n", name);
    else if (stage->rules == GROUP_RULES_MAX)
        wrong_field(wrong, name, wrong->zh ? "一个阶段的规则过多" : "too many rules in one stage");
    else
        stage->rule[stage->rules++].id = id;
}

static void read_stage(struct group *group, struct wrong *wrong, const json_t *step, const char *step_name)
{
    char outer[WRONG_NAME_SIZE], list[WRONG_NAME_SIZE], name[WRONG_NAME_SIZE];
    const json_t *rules = json_object_get(step, "ha_rule"), *uuid;
    struct dr_error err;
    void *stage;
    size_t i;
    wrong_inside(outer, "stage", step_name);
    wrong_inside(list, outer, "ha_rule");
    if (!json_is_array(rules)) {
        wrong_add(wrong, "Not array: %s;\n", list);
        return;
    }
    if (json_array_size(rules) == 0)
        return; /* pages send stages that were emptied */
    if (model_append(&stage, model_find(&group_model, "stage"), group, &err) != DR_OK) {
        wrong_field(wrong, outer, err.text);
        return;
    }
    json_array_foreach(rules, i, uuid)
    {
        wrong_element(name, list, i);
        add_rule(stage, wrong, uuid, name);
    }
}

/* Stages are step_1, step_2, ...: their numbers are their order. */
static void read_stages(struct group *group, const json_t *body, struct wrong *wrong)
{
    char name[STEP_NAME_SIZE];
    const json_t *stage = json_object_get(body, "stage");
    size_t found = 0, steps = json_object_size(stage);
    for (unsigned n = 1; found < steps && n <= 999; n++) {
        snprintf(name, sizeof name, "step_%u", n);
        const json_t *step = json_object_get(stage, name);
        found += step != NULL;
        if (step != NULL)
            read_stage(group, wrong, step, name);
    }
    if (found < steps)
        wrong_field(wrong, "stage", wrong->zh ? "键须为 step_1、step_2 …" : "its keys must be step_1, step_2, ...");
    else if (group->stages == 0 && wrong->text[0] == '\0')
        wrong_lost(wrong, "stage");
}

void group_from_body(struct group *group, const json_t *body, struct wrong *wrong)
{
    const char *name = json_string_value(json_object_get(body, "group_name"));
    struct dr_error err;
    group->stages = 0;
    if (name == NULL || name[0] == '\0')
        wrong_lost(wrong, "group_name");
    else if (model_set(model_find(&group_model, "name"), group, name, &err) != DR_OK)
        wrong_field(wrong, "group_name", err.text);
    group->switch_confirm = flag(body, "switch_confirm", true);
    group->on_error = flag(body, "error_confirm", true) ? GROUP_ON_ERROR_STOP : GROUP_ON_ERROR_IGNORE;
    read_stages(group, body, wrong);
}

/* ---- writing ---- */

static json_t *uuid_json(const struct dr_id *id)
{
    char uuid[UUID_SIZE];
    uuid_of(uuid, id);
    return json_string(uuid);
}

static json_t *stage_json(const struct group_stage *stage, int number, group_rule_name *name, void *baton)
{
    json_t *rules = json_array(), *list = json_array();
    for (unsigned i = 0; i < stage->rules; i++) {
        json_t *uuid = uuid_json(&stage->rule[i].id);
        json_array_append(rules, uuid);
        json_array_append_new(list,
                              json_pack("{s:o, s:o}", "ha_name", name(baton, &stage->rule[i].id), "ha_uuid", uuid));
    }
    return json_pack("{s:o, s:i, s:i, s:o}", "ha_rule", rules, "failover_serial", number, "failback_serial", -number,
                     "haList", list);
}

json_t *group_to_body(const struct group *group, group_rule_name *name, void *baton)
{
    char step[STEP_NAME_SIZE];
    json_t *stages = json_object(), *rules = json_array();
    for (unsigned i = 0; i < group->stages; i++) {
        snprintf(step, sizeof step, "step_%u", i + 1);
        json_object_set_new(stages, step, stage_json(&group->stage[i], (int)i + 1, name, baton));
        json_array_extend(rules, json_object_get(json_object_get(stages, step), "ha_rule"));
    }
    return json_pack("{s:o, s:s, s:i, s:i, s:o, s:o}", "group_uuid", uuid_json(&group->id), "group_name", group->name,
                     "switch_confirm", (int)group->switch_confirm, "error_confirm",
                     (int)(group->on_error == GROUP_ON_ERROR_STOP), "ha_rules", rules, "stage", stages);
}
