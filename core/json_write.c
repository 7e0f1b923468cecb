/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json_write.h"

#include "core/model_text.h"

#include <stdio.h>
#include <string.h>

struct json_writer json_write_over(char *buffer, size_t size)
{
    buffer[0] = '\0';
    return (struct json_writer){.at = buffer, .start = buffer, .end = buffer + size};
}

bool json_write_ok(const struct json_writer *w)
{
    return !w->full;
}

static void put(struct json_writer *w, const char *bytes, size_t length)
{
    if (w->full || (size_t)(w->end - w->at) <= length) {
        w->full = true;
        return;
    }
    memcpy(w->at, bytes, length);
    w->at += length;
    *w->at = '\0';
}

static void put_char(struct json_writer *w, unsigned char c)
{
    char escape[8];
    if (c == '"' || c == '\\')
        snprintf(escape, sizeof escape, "\\%c", c);
    else if (c < 0x20 || c == 0x7f)
        snprintf(escape, sizeof escape, "\\u%04x", c);
    else
        snprintf(escape, sizeof escape, "%c", c);
    put(w, escape, strlen(escape));
}

static void put_quoted(struct json_writer *w, const char *text)
{
    put(w, "\"", 1);
    while (*text) {
        unsigned length = model_text_character(text);
        if (length > 1)
            put(w, text, length);
        else if (length == 1 || (unsigned char)*text < 0x80)
            put_char(w, (unsigned char)*text);
        else
            put(w, "\xef\xbf\xbd", 3);
        text += length ? length : 1;
    }
    put(w, "\"", 1);
}

/* What stands before a value: a comma, and its key. */
static void put_key(struct json_writer *w, const char *key)
{
    if (w->comma)
        put(w, ",", 1);
    if (key) {
        put_quoted(w, key);
        put(w, ":", 1);
    }
    w->comma = true;
}

static void open(struct json_writer *w, const char *key, const char *bracket)
{
    put_key(w, key);
    put(w, bracket, 1);
    w->comma = false;
}

static void close(struct json_writer *w, const char *bracket)
{
    put(w, bracket, 1);
    w->comma = true;
}

void json_write_begin(struct json_writer *w, const char *key)
{
    open(w, key, "{");
}

void json_write_end(struct json_writer *w)
{
    close(w, "}");
}

void json_write_array(struct json_writer *w, const char *key)
{
    open(w, key, "[");
}

void json_write_array_end(struct json_writer *w)
{
    close(w, "]");
}

void json_write_text(struct json_writer *w, const char *key, const char *text)
{
    put_key(w, key);
    put_quoted(w, text);
}

void json_write_number(struct json_writer *w, const char *key, int64_t value)
{
    char text[24];
    put_key(w, key);
    put(w, text, (size_t)snprintf(text, sizeof text, "%lld", (long long)value));
}

void json_write_unsigned(struct json_writer *w, const char *key, uint64_t value)
{
    char text[24];
    put_key(w, key);
    put(w, text, (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)value));
}

void json_write_bool(struct json_writer *w, const char *key, bool value)
{
    put_key(w, key);
    put(w, value ? "true" : "false", value ? 4 : 5);
}

static void write_field(struct json_writer *w, const struct model_field *field, const void *object)
{
    const char *text = (const char *)object + field->offset;
    char hex[24];
    switch (field->kind) {
    case MODEL_NUMBER: json_write_unsigned(w, field->name, model_number(field, object)); break;
    case MODEL_HEX:
        model_get(field, object, hex, sizeof hex);
        json_write_text(w, field->name, hex);
        break;
    case MODEL_SPAN: json_write_number(w, field->name, (int64_t)model_number(field, object)); break;
    case MODEL_SWITCH: json_write_bool(w, field->name, model_number(field, object) != 0); break;
    case MODEL_WORD: json_write_text(w, field->name, model_word(field, object)); break;
    case MODEL_OBJECT: json_write_model(w, field->name, field->element, model_element(field, object, 0)); break;
    case MODEL_LIST:
        json_write_array(w, field->name);
        for (unsigned i = 0; i < model_count(field, object); i++)
            json_write_model(w, NULL, field->element, model_element(field, object, i));
        json_write_array_end(w);
        break;
    default: json_write_text(w, field->name, text); break;
    }
}

void json_write_model(struct json_writer *w, const char *key, const struct model_object *type, const void *object)
{
    json_write_begin(w, key);
    for (unsigned i = 0; i < type->fields; i++)
        write_field(w, &type->field[i], object);
    json_write_end(w);
}
