/* SPDX-License-Identifier: Apache-2.0 */
#include "console/http/parameters.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_SIZE 128

struct reading {
    char *wrong;
    size_t size, used;
};

static void read_object(struct reading *r, const struct model_object *type, void *object, const json_t *from,
                        const char *outer);

static void complain(struct reading *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void complain(struct reading *r, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    int size = vsnprintf(r->wrong + r->used, r->size - r->used, format, values);
    va_end(values);
    r->used += size > 0 ? (size_t)size : 0;
    if (r->used >= r->size)
        r->used = r->size - 1;
}

/* a, a[b], a[b][c] */
static void name_inside(char name[NAME_SIZE], const char *outer, const char *inner)
{
    snprintf(name, NAME_SIZE, outer[0] != '\0' ? "%s[%s]" : "%s%s", outer, inner);
}

static bool scalar_text(char text[MODEL_TEXT_MAX], const json_t *value)
{
    if (json_is_string(value))
        return snprintf(text, MODEL_TEXT_MAX, "%s", json_string_value(value)) < MODEL_TEXT_MAX;
    if (json_is_integer(value))
        return snprintf(text, MODEL_TEXT_MAX, "%lld", (long long)json_integer_value(value)) > 0;
    if (json_is_boolean(value))
        return snprintf(text, MODEL_TEXT_MAX, "%d", json_is_true(value)) > 0;
    return false;
}

/* Clients say 0 and 1 where files say off and on. */
static const char *as_switch(const char *text)
{
    if (strcmp(text, "1") == 0 || strcmp(text, "true") == 0)
        return "on";
    return strcmp(text, "0") == 0 || strcmp(text, "false") == 0 ? "off" : text;
}

static void read_scalar(struct reading *r, const struct model_field *field, void *object, const json_t *value,
                        const char *name)
{
    char text[MODEL_TEXT_MAX];
    struct dr_error err;
    if (!scalar_text(text, value)) {
        complain(r, "The %s field is no text or number of at most %d bytes;\n", name, MODEL_TEXT_MAX - 1);
        return;
    }
    if (text[0] == '\0' && !field->required)
        return; /* an empty text stands for nothing */
    if (model_set(field, object, field->kind == MODEL_SWITCH ? as_switch(text) : text, &err) != DR_OK)
        complain(r, "The %s field: %s;\n", name, err.text);
}

static void read_list(struct reading *r, const struct model_field *field, void *object, const json_t *value,
                      const char *name)
{
    char inner[NAME_SIZE], number[24];
    struct dr_error err;
    const json_t *element;
    size_t i;
    void *place;
    if (!json_is_array(value)) {
        complain(r, "Not array: %s;\n", name);
        return;
    }
    json_array_foreach(value, i, element)
    {
        snprintf(number, sizeof number, "%zu", i);
        name_inside(inner, name, number);
        if (model_append(&place, field, object, &err) != DR_OK) {
            complain(r, "The %s field: %s;\n", name, err.text);
            return;
        }
        if (json_is_object(element))
            read_object(r, field->element, place, element, inner);
        else if (field->element->fields == 1)
            read_scalar(r, &field->element->field[0], place, element, inner);
        else
            complain(r, "Not object: %s;\n", inner);
    }
}

static void read_object(struct reading *r, const struct model_object *type, void *object, const json_t *from,
                        const char *outer)
{
    char name[NAME_SIZE];
    for (unsigned i = 0; i < type->fields; i++) {
        const struct model_field *field = &type->field[i];
        const json_t *value = json_object_get(from, field->name);
        name_inside(name, outer, field->name);
        if (value == NULL || json_is_null(value)) {
            if (field->required)
                complain(r, "Lost: %s;\n", name);
        } else if (field->kind == MODEL_LIST) {
            read_list(r, field, object, value, name);
        } else if (field->kind == MODEL_OBJECT) {
            read_object(r, field->element, (char *)object + field->offset, value, name);
        } else {
            read_scalar(r, field, object, value, name);
        }
    }
}

bool parameters_read(const struct model_object *type, void *object, const json_t *parameters, char *wrong,
                     size_t wrong_size)
{
    struct reading r = {.wrong = wrong, .size = wrong_size};
    wrong[0] = '\0';
    model_defaults(type, object);
    read_object(&r, type, object, parameters, "");
    return wrong[0] == '\0';
}
