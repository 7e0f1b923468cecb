/* SPDX-License-Identifier: Apache-2.0 */
#include "console/http/parameters.h"

#include <stdio.h>
#include <string.h>

static void read_scalar(struct wrong *wrong, const struct model_field *field, void *object, const json_t *value,
                        const char *name)
{
    char text[MODEL_TEXT_MAX];
    struct dr_error err;
    if (!wrong_scalar(wrong, text, value, name))
        return;
    if (text[0] == '\0' && !field->required)
        return; /* an empty text stands for nothing */
    if (model_set(field, object, field->kind == MODEL_SWITCH ? wrong_switch(text) : text, &err) != DR_OK)
        wrong_field(wrong, name, err.text);
}

static void read_list(struct wrong *wrong, const struct model_field *field, void *object, const json_t *value,
                      const char *name)
{
    char inner[WRONG_NAME_SIZE];
    struct dr_error err;
    const json_t *element;
    size_t i;
    void *place;
    if (!json_is_array(value)) {
        wrong_add(wrong, "Not array: %s;\n", name);
        return;
    }
    json_array_foreach(value, i, element)
    {
        wrong_element(inner, name, i);
        if (model_append(&place, field, object, &err) != DR_OK) {
            wrong_field(wrong, name, err.text);
            return;
        }
        if (json_is_object(element))
            parameters_fill(wrong, field->element, place, element, inner);
        else if (field->element->fields == 1)
            read_scalar(wrong, &field->element->field[0], place, element, inner);
        else
            wrong_add(wrong, "Not object: %s;\n", inner);
    }
}

void parameters_fill(struct wrong *wrong, const struct model_object *type, void *object, const json_t *from,
                     const char *outer)
{
    char name[WRONG_NAME_SIZE];
    for (unsigned i = 0; i < type->fields; i++) {
        const struct model_field *field = &type->field[i];
        const json_t *value = json_object_get(from, field->name);
        wrong_inside(name, outer, field->name);
        if (value == NULL || json_is_null(value)) {
            if (field->required)
                wrong_lost(wrong, name);
        } else if (field->kind == MODEL_LIST) {
            read_list(wrong, field, object, value, name);
        } else if (field->kind == MODEL_OBJECT) {
            parameters_fill(wrong, field->element, (char *)object + field->offset, value, name);
        } else {
            read_scalar(wrong, field, object, value, name);
        }
    }
}

bool parameters_read(const struct model_object *type, void *object, const json_t *parameters, char *text,
                     size_t text_size, bool zh)
{
    struct wrong wrong = wrong_over(text, text_size, zh);
    model_defaults(type, object);
    parameters_fill(&wrong, type, object, parameters, "");
    return text[0] == '\0';
}
