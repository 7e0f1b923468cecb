/* SPDX-License-Identifier: Apache-2.0
 * The body as a whole; members and arbiters are read in rule_members.c, monitors and resources in rule_resources.c. */
#include "console/rule/rule_body.h"

#include "console/http/parameters.h"
#include "console/rule/rule_reading.h"
#include "console/rule/rule_table.h"
#include "console/uuid.h"
#include "core/id.h"

#include <stdio.h>
#include <string.h>

const char *reading_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

void reading_wrong(struct reading *r, const char *name, const char *en, const char *zh)
{
    wrong_field(r->wrong, name, r->wrong->zh ? zh : en);
}

json_t *reading_list(struct reading *r, const json_t *from, const char *name, const char *outer)
{
    char inner[WRONG_NAME_SIZE];
    json_t *value = json_object_get(from, name);
    if (!wire_is_given(value))
        return json_array();
    if (json_is_array(value))
        return json_incref(value);
    if (json_is_object(value))
        return json_pack("[O]", value);
    wrong_inside(inner, outer, name);
    wrong_add(r->wrong, "Not array: %s;\n", inner);
    return NULL;
}

bool reading_of_members(struct reading *r, const json_t *of[2], const json_t *from, const char *list, const char *outer)
{
    char inner[WRONG_NAME_SIZE];
    const json_t *element;
    size_t i;
    struct dr_id id;
    json_t *elements = reading_list(r, from, list, outer);
    of[0] = of[1] = NULL;
    json_array_foreach(elements, i, element)
    {
        enum member m = MEMBER_NONE;
        if (uuid_read(&id, reading_text(element, "uuid")))
            m = rule_member_of(r->rule, &id);
        if (m != MEMBER_NONE)
            of[m] = element;
    }
    json_decref(elements); /* they are the body's */
    wrong_inside(inner, outer, list);
    if (elements != NULL && (of[0] == NULL || of[1] == NULL))
        reading_wrong(r, inner, "needs an element with the uuid of each node of node_priority",
                      "须为 node_priority 中的每个节点各有一个元素（按 uuid）");
    return of[0] != NULL && of[1] != NULL;
}

void reading_set(struct reading *r, const struct model_object *type, void *object, const char *field, const char *text,
                 const char *name)
{
    struct dr_error err;
    if (model_set(model_find(type, field), object, text, &err) != DR_OK)
        wrong_field(r->wrong, name, err.text);
}

void *reading_append(struct reading *r, const char *list, const char *name)
{
    struct dr_error err;
    void *place;
    if (model_append(&place, model_find(&rule_model, list), r->rule, &err) == DR_OK)
        return place;
    wrong_field(r->wrong, name, err.text);
    return NULL;
}

/* ---- heartbeat ---- */

/* All lines of one of our rules beat alike. */
static void read_beat(struct reading *r, const json_t *beat, const char *outer, bool first)
{
    msec interval = r->rule->interval;
    uint32_t max_fail = r->rule->max_fail;
    wire_read(r->wrong, &rule_beat_table, r->rule, beat, outer);
    if (!first && (interval != r->rule->interval || max_fail != r->rule->max_fail))
        reading_wrong(r, outer, "interval and maxfail must be those of heartbeat[0]",
                      "interval 与 maxfail 须与 heartbeat[0] 相同");
}

static void read_line(struct reading *r, const json_t *beat, size_t index)
{
    char outer[WRONG_NAME_SIZE];
    const json_t *card[2];
    const char *protocol = reading_text(beat, "protocol");
    wrong_element(outer, "heartbeat", index);
    if (protocol[0] != '\0' && strcasecmp(protocol, "tcp") != 0)
        reading_wrong(r, outer, "protocol must be tcp", "protocol 须为 tcp");
    read_beat(r, beat, outer, index == 0);
    struct rule_line *line = reading_append(r, "line", outer);
    if (line == NULL)
        return;
    wire_read(r->wrong, &rule_line_table, line, beat, outer);
    if (!reading_of_members(r, card, beat, "ifconfig", outer))
        return;
    const struct model_object *type = model_find(&rule_model, "line")->element;
    reading_set(r, type, line, "a", reading_text(card[0], "ip"), outer);
    reading_set(r, type, line, "b", reading_text(card[1], "ip"), outer);
}

static void read_heartbeat(struct reading *r)
{
    const json_t *beat;
    size_t i;
    json_t *beats = reading_list(r, r->body, "heartbeat", "");
    r->rule->lines = 0;
    if (beats != NULL && json_array_size(beats) == 0)
        wrong_lost(r->wrong, "heartbeat");
    json_array_foreach(beats, i, beat)
    {
        read_line(r, beat, i);
    }
    json_decref(beats);
}

/* ---- sync_data ---- */

/* Folders end in a / in the contract. */
static void set_folder(struct reading *r, struct rule_path *path, enum member m, const json_t *folder, const char *name)
{
    char text[RULE_FOLDER_SIZE];
    size_t length;
    snprintf(text, sizeof text, "%s", json_is_string(folder) ? json_string_value(folder) : "");
    for (length = strlen(text); length > 1 && text[length - 1] == '/'; length--)
        text[length - 1] = '\0';
    reading_set(r, model_find(&rule_model, "path")->element, path, m == MEMBER_A ? "a" : "b", text, name);
}

static void read_paths(struct reading *r, const json_t *of[2], const char *outer)
{
    char name[WRONG_NAME_SIZE], inner[WRONG_NAME_SIZE];
    json_t *folders[2] = {json_object_get(of[0], "path"), json_object_get(of[1], "path")};
    wrong_inside(name, outer, "rule_relation");
    if (!json_is_array(folders[0]) || json_array_size(folders[0]) != json_array_size(folders[1])) {
        reading_wrong(r, name, "path of both nodes must be lists of the same length", "两个节点的 path 须为等长列表");
        return;
    }
    for (size_t i = 0; i < json_array_size(folders[0]); i++) {
        struct rule_path *path = reading_append(r, "path", name);
        wrong_inside(inner, name, "path");
        for (enum member m = MEMBER_A; path != NULL && m <= MEMBER_B; m++)
            set_folder(r, path, m, json_array_get(folders[m], i), inner);
    }
}

static bool is_on(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_true(value) || json_integer_value(value) != 0 || strcmp(reading_text(object, name), "1") == 0;
}

static void read_sync(struct reading *r)
{
    char outer[WRONG_NAME_SIZE];
    const json_t *sync, *of[2];
    size_t i;
    json_t *list = reading_list(r, r->body, "sync_data", "");
    r->rule->paths = 0;
    r->rule->auto_start = false;
    if (list != NULL && json_array_size(list) == 0)
        wrong_lost(r->wrong, "sync_data");
    json_array_foreach(list, i, sync)
    {
        wrong_element(outer, "sync_data", i);
        wire_read(r->wrong, &rule_sync_table, r->rule, sync, outer);
        if (!reading_of_members(r, of, sync, "rule_relation", outer))
            continue;
        read_paths(r, of, outer);
        r->rule->auto_start |= is_on(of[0], "autostart_rep") || is_on(of[1], "autostart_rep");
    }
    json_decref(list);
}

/* ---- what the contract has no name for ---- */

static void read_own_list(struct reading *r, const char *list, unsigned *count)
{
    char outer[WRONG_NAME_SIZE];
    const json_t *element;
    size_t i;
    if (json_object_get(r->body, list) == NULL)
        return; /* who does not know it does not change it */
    json_t *elements = reading_list(r, r->body, list, "");
    *count = 0;
    json_array_foreach(elements, i, element)
    {
        wrong_element(outer, list, i);
        void *place = reading_append(r, list, outer);
        if (place != NULL)
            parameters_fill(r->wrong, model_find(&rule_model, list)->element, place, element, outer);
    }
    json_decref(elements);
}

/* ---- the whole ---- */

/* What rule_check() calls a field, and the contract. */
static const struct {
    const char *ours, *theirs;
} names[] = {
    {"member ", "node_priority"},
    {"line ", "heartbeat"},
    {"arbiter ", "arbitration[node]"},
    {"path ", "sync_data"},
    {"vip ", "res_switch (ip)"},
    {"monitor ", "monitor"},
    {"volume ", "res_switch (disk)"},
    {"restart_takeover", "reboot_takeover"},
    {"window ", "window"},
    {"disk", "arbitration[disk]"},
    {"boot_wait", "boot_wait"},
    {"etcd", "etcd"},
};

static void check_whole(struct reading *r)
{
    struct dr_error err;
    if (rule_check(r->rule, &err) == DR_OK)
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(err.text, names[i].ours, strlen(names[i].ours)) == 0) {
            wrong_field(r->wrong, names[i].theirs, err.text);
            return;
        }
    wrong_add(r->wrong, "%s;\n", err.text);
}

/* Who gives no boot_wait knows nothing of it: then it follows what it must not be below. */
static void fit_boot_wait(struct rule *rule, const json_t *body)
{
    if (json_object_get(body, "boot_wait") == NULL && rule->boot_wait < rule_length(rule))
        rule->boot_wait = rule_length(rule);
}

enum dr_code rule_from_body(struct rule *rule, const json_t *body, struct store *store, struct wrong *wrong,
                            struct dr_error *err)
{
    struct reading r = {.wrong = wrong, .store = store, .rule = rule, .body = body};
    wire_read(wrong, &rule_table, rule, body, "");
    reading_members(&r);
    if (rule->members == 2) {
        read_heartbeat(&r);
        read_sync(&r);
        reading_arbitration(&r);
        reading_monitors(&r);
        reading_resources(&r);
        read_own_list(&r, "window", &rule->windows);
        read_own_list(&r, "etcd", &rule->etcds);
    }
    fit_boot_wait(rule, body);
    if (r.failure.code != DR_OK) {
        *err = r.failure;
        return err->code;
    }
    if (wrong->text[0] == '\0')
        check_whole(&r);
    return wrong->text[0] == '\0' ? DR_OK : dr_fail(err, DR_INVALID, "%s", wrong->text);
}
