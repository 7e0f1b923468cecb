/* SPDX-License-Identifier: Apache-2.0 */
#include "console/rule/wire.h"

#include "core/model_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPT_FOLDER "/etc/scripts/" /* below the root of drnode, wherever that is */
#define SECONDS_MAX   1000000.0

bool wire_is_given(const json_t *value)
{
    if (value == NULL || json_is_null(value))
        return false;
    if (json_is_string(value))
        return json_string_length(value) > 0;
    return !(json_is_array(value) && json_array_size(value) == 0) &&
           !(json_is_object(value) && json_object_size(value) == 0);
}

static const struct model_object *type_of(const struct wire_table *table)
{
    return table->inner == NULL ? table->of : model_find(table->of, table->inner)->element;
}

static json_t *fixed_value(const struct wire_row *row)
{
    return json_loads(row->fixed, JSON_DECODE_ANY, NULL);
}

/* As clients write numbers: 0 and "0" are the same. */
static bool means(const json_t *value, const char *fixed)
{
    char text[32];
    if (json_is_integer(value) || json_is_boolean(value))
        snprintf(text, sizeof text, "%lld", json_is_boolean(value) ? json_is_true(value) : json_integer_value(value));
    else
        snprintf(text, sizeof text, "%s", json_is_string(value) ? json_string_value(value) : "?");
    return strcmp(text, fixed) == 0;
}

static void refuse(struct wrong *wrong, const struct wire_row *row, const json_t *value, const char *name)
{
    if (wire_is_given(value) && !means(value, row->fixed) && !means(value, "0"))
        wrong_field(wrong, name,
                    wrong->zh ? "此控制机不支持，请留空" : "this console does not have that: leave it empty");
}

static bool seconds(char text[MODEL_TEXT_MAX])
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || value < 0 || value > SECONDS_MAX)
        return false;
    snprintf(text, MODEL_TEXT_MAX, "%lldms", (long long)(value * 1000 + 0.5));
    return true;
}

static bool word(char text[MODEL_TEXT_MAX], const struct wire_word *words)
{
    for (; words->wire != NULL; words++)
        if (strcmp(words->wire, text) == 0) {
            snprintf(text, MODEL_TEXT_MAX, "%s", words->model);
            return true;
        }
    return false;
}

static void strip_folder(char text[MODEL_TEXT_MAX])
{
    size_t length = strlen(text);
    while (length > 1 && text[length - 1] == '/')
        text[--length] = '\0';
}

static void strip_script(char text[MODEL_TEXT_MAX])
{
    const char *folder = text[0] == '/' ? strstr(text, SCRIPT_FOLDER) : NULL;
    if (folder == NULL)
        return;
    const char *name = folder + strlen(SCRIPT_FOLDER);
    memmove(text, name, strlen(name) + 1);
}

static bool is_count(const char *text)
{
    return *text >= '1' && *text <= '9' && text[1] == '\0';
}

/* The text that the model takes; false: it is none of those that are allowed. */
static bool to_model(char text[MODEL_TEXT_MAX], const struct wire_row *row)
{
    switch (row->unit) {
    case WIRE_SECONDS: return seconds(text);
    case WIRE_WORD: return word(text, row->words);
    case WIRE_FOLDER: strip_folder(text); return true;
    case WIRE_SCRIPT: strip_script(text); return true;
    case WIRE_SWITCH: snprintf(text, MODEL_TEXT_MAX, "%s", wrong_switch(is_count(text) ? "1" : text)); return true;
    default: return true;
    }
}

static void not_one_of(struct wrong *wrong, const struct wire_row *row, const char *name)
{
    char all[256] = "";
    if (row->unit == WIRE_SECONDS) {
        wrong_field(wrong, name, wrong->zh ? "必须为秒数" : "must be a number of seconds");
        return;
    }
    for (const struct wire_word *w = row->words; w->wire != NULL; w++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", w == row->words ? "" : ",", w->wire);
    wrong_add(wrong, wrong->zh ? "字段 %s 必须为以下之一: %s;\n" : "The %s field must be one of: %s;\n", name, all);
}

static void read_value(struct wrong *wrong, const struct model_field *field, void *object, const struct wire_row *row,
                       const json_t *value, const char *name)
{
    char text[MODEL_TEXT_MAX];
    struct dr_error err;
    if (!wrong_scalar(wrong, text, value, name))
        return;
    if (!to_model(text, row))
        not_one_of(wrong, row, name);
    else if (model_set(field, object, text, &err) != DR_OK)
        wrong_field(wrong, name, err.text);
}

static void take_standard(struct wrong *wrong, const struct model_field *field, void *object,
                          const struct wire_row *row, const char *name)
{
    struct dr_error err;
    if (row->required)
        wrong_lost(wrong, name);
    else if (row->standard != NULL && model_set(field, object, row->standard, &err) != DR_OK)
        wrong_field(wrong, name, err.text);
}

static void read_row(struct wrong *wrong, const struct wire_table *table, void *object, const struct wire_row *row,
                     const json_t *from, const char *outer)
{
    char name[WRONG_NAME_SIZE];
    const json_t *value = json_object_get(from, row->name);
    bool other = !wire_is_given(value) && row->other != NULL && wire_is_given(json_object_get(from, row->other));
    wrong_inside(name, outer, other ? row->other : row->name);
    if (other)
        value = json_object_get(from, row->other);
    if (row->unit == WIRE_REFUSED)
        refuse(wrong, row, value, name);
    if (row->unit >= WIRE_KEPT_OUT)
        return;
    const struct model_field *field = model_find(type_of(table), row->field);
    if (wire_is_given(value))
        read_value(wrong, field, object, row, value, name);
    else
        take_standard(wrong, field, object, row, name);
}

static bool is_scalar(const struct model_field *field)
{
    return field->kind != MODEL_LIST && field->kind != MODEL_OBJECT;
}

/* Fields of the model that the contract has no name for. */
static bool is_native(const struct wire_table *table, const struct model_field *field)
{
    if (table->rows_only || !is_scalar(field) || field->kind == MODEL_ID)
        return false;
    for (unsigned i = 0; i < table->rows; i++)
        if ((table->row[i].field != NULL && strcmp(table->row[i].field, field->name) == 0) ||
            strcmp(table->row[i].name, field->name) == 0)
            return false;
    return true;
}

static const struct wire_row as_it_is = {.unit = WIRE_SAME}, as_switch = {.unit = WIRE_SWITCH};

static const struct wire_row *native_row(const struct model_field *field)
{
    return field->kind == MODEL_SWITCH ? &as_switch : &as_it_is;
}

void wire_read(struct wrong *wrong, const struct wire_table *table, void *object, const json_t *from, const char *outer)
{
    const struct model_object *type = type_of(table);
    char name[WRONG_NAME_SIZE];
    for (unsigned i = 0; i < table->rows; i++)
        read_row(wrong, table, object, &table->row[i], from, outer);
    for (unsigned i = 0; i < type->fields; i++) {
        const struct model_field *field = &type->field[i];
        const json_t *value = json_object_get(from, field->name);
        wrong_inside(name, outer, field->name);
        if (is_native(table, field) && wire_is_given(value))
            read_value(wrong, field, object, native_row(field), value, name);
    }
}

static const char *wire_word_of(const char *text, const struct wire_word *words)
{
    for (; words->wire != NULL; words++)
        if (strcmp(words->model, text) == 0)
            return words->wire;
    return text;
}

static json_t *value_of(const struct model_field *field, const void *object, const struct wire_row *row)
{
    char text[MODEL_TEXT_MAX];
    uint64_t number = field->kind == MODEL_NUMBER || field->kind == MODEL_SPAN || field->kind == MODEL_SWITCH
                          ? model_number(field, object)
                          : 0;
    if (row->unit == WIRE_SECONDS)
        return number % 1000 == 0 ? json_integer((json_int_t)number / 1000) : json_real((double)number / 1000);
    if (row->unit != WIRE_WORD && (field->kind == MODEL_NUMBER || field->kind == MODEL_SWITCH))
        return json_integer((json_int_t)number);
    model_get(field, object, text, sizeof text);
    return json_string(row->unit == WIRE_WORD ? wire_word_of(text, row->words) : text);
}

void wire_write(json_t *to, const struct wire_table *table, const void *object)
{
    const struct model_object *type = type_of(table);
    for (unsigned i = 0; i < table->rows; i++) {
        const struct wire_row *row = &table->row[i];
        const struct model_field *field = row->field != NULL ? model_find(type, row->field) : NULL;
        if (row->unit != WIRE_ELSEWHERE)
            json_object_set_new(to, row->name, field == NULL ? fixed_value(row) : value_of(field, object, row));
    }
    for (unsigned i = 0; i < type->fields; i++) {
        const struct model_field *field = &type->field[i];
        if (is_native(table, field))
            json_object_set_new(to, field->name, value_of(field, object, native_row(field)));
    }
}
