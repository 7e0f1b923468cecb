/* SPDX-License-Identifier: Apache-2.0
 * The writing half of net/xml.h: the outermost object's scalars are elements, those of nested objects attributes. */
#include "net/xml.h"

#include <stdio.h>
#include <string.h>

struct writer {
    char *at, *end;
    bool full;
};

static void put(struct writer *w, const char *text)
{
    size_t length = strlen(text);
    if (w->full || (size_t)(w->end - w->at) <= length) {
        w->full = true;
        return;
    }
    memcpy(w->at, text, length + 1);
    w->at += length;
}

static void put_indent(struct writer *w, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        put(w, "  ");
}

static void put_escaped(struct writer *w, const char *text)
{
    for (; *text; text++) {
        char plain[2] = {*text, '\0'};
        switch (*text) {
        case '&': put(w, "&amp;"); break;
        case '<': put(w, "&lt;"); break;
        case '>': put(w, "&gt;"); break;
        case '"': put(w, "&quot;"); break;
        default: put(w, plain); break;
        }
    }
}

static bool is_nested(const struct model_field *field)
{
    return field->kind == MODEL_OBJECT || field->kind == MODEL_LIST;
}

static void put_attributes(struct writer *w, const struct model_object *type, const void *object)
{
    char text[MODEL_TEXT_MAX];
    for (unsigned i = 0; i < type->fields; i++) {
        const struct model_field *field = &type->field[i];
        if (is_nested(field) || model_is_default(field, object))
            continue;
        model_get(field, object, text, sizeof text);
        put(w, " ");
        put(w, field->name);
        put(w, "=\"");
        put_escaped(w, text);
        put(w, "\"");
    }
}

static void put_elements(struct writer *w, const struct model_object *type, const void *object)
{
    char text[MODEL_TEXT_MAX];
    for (unsigned i = 0; i < type->fields; i++) {
        const struct model_field *field = &type->field[i];
        if (is_nested(field) || model_is_default(field, object))
            continue;
        model_get(field, object, text, sizeof text);
        put(w, "  <");
        put(w, field->name);
        put(w, ">");
        put_escaped(w, text);
        put(w, "</");
        put(w, field->name);
        put(w, ">\n");
    }
}

static bool has_children(const struct model_object *type, const void *object)
{
    for (unsigned i = 0; i < type->fields; i++)
        if (is_nested(&type->field[i]) && model_count(&type->field[i], object))
            return true;
    return false;
}

static void put_nested(struct writer *w, const struct model_object *type, const void *object, unsigned depth);

static void put_element(struct writer *w, const struct model_field *field, const void *object, unsigned depth)
{
    put_indent(w, depth);
    put(w, "<");
    put(w, field->name);
    put_attributes(w, field->element, object);
    if (!has_children(field->element, object)) {
        put(w, "/>\n");
        return;
    }
    put(w, ">\n");
    put_nested(w, field->element, object, depth + 1);
    put_indent(w, depth);
    put(w, "</");
    put(w, field->name);
    put(w, ">\n");
}

static void put_nested(struct writer *w, const struct model_object *type, const void *object, unsigned depth)
{
    for (unsigned i = 0; i < type->fields; i++) {
        const struct model_field *field = &type->field[i];
        for (unsigned n = 0; is_nested(field) && n < model_count(field, object); n++)
            put_element(w, field, model_element(field, object, n), depth);
    }
}

enum dr_code xml_write(char *text, size_t room, size_t *size, const struct model_object *type, const void *object,
                       struct dr_error *err)
{
    struct writer w = {.at = text, .end = text + room};
    put(&w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<");
    put(&w, type->name);
    put(&w, ">\n");
    put_elements(&w, type, object);
    put_nested(&w, type, object, 1);
    put(&w, "</");
    put(&w, type->name);
    put(&w, ">\n");
    if (w.full)
        return dr_fail(err, DR_FULL, "a %s does not fit in %zu bytes of XML", type->name, room);
    *size = (size_t)(w.at - text);
    return DR_OK;
}
