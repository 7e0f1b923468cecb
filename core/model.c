/* SPDX-License-Identifier: Apache-2.0 */
#include "core/model.h"

#include "core/id.h"
#include "core/model_text.h"

#include <stdio.h>
#include <string.h>

static char *at(const struct model_field *field, void *object)
{
    return (char *)object + field->offset;
}

static const char *at_const(const struct model_field *field, const void *object)
{
    return (const char *)object + field->offset;
}

const struct model_field *model_find(const struct model_object *type, const char *name)
{
    for (unsigned i = 0; i < type->fields; i++)
        if (strcmp(type->field[i].name, name) == 0)
            return &type->field[i];
    return NULL;
}

void model_defaults(const struct model_object *type, void *object)
{
    memset(object, 0, type->size);
    for (unsigned i = 0; i < type->fields; i++) {
        const struct model_field *field = &type->field[i];
        struct dr_error impossible;
        if (field->kind == MODEL_OBJECT)
            model_defaults(field->element, at(field, object));
        else if (field->standard && model_set(field, object, field->standard, &impossible) != DR_OK)
            memset(at(field, object), 0, field->size); /* a test sets every default of every table */
    }
}

static void store_number(const struct model_field *field, void *object, uint64_t value)
{
    uint8_t u8 = (uint8_t)value;
    uint16_t u16 = (uint16_t)value;
    uint32_t u32 = (uint32_t)value;
    const void *from = field->size == 1 ? (void *)&u8 : field->size == 2 ? (void *)&u16 : (void *)&u32;
    memcpy(at(field, object), field->size == 8 ? &value : from, field->size);
}

uint64_t model_number(const struct model_field *field, const void *object)
{
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    const char *from = at_const(field, object);
    switch (field->size) {
    case 1: memcpy(&u8, from, 1); return u8;
    case 2: memcpy(&u16, from, 2); return u16;
    case 4: memcpy(&u32, from, 4); return u32;
    default: memcpy(&u64, from, 8); return u64;
    }
}

const char *model_word(const struct model_field *field, const void *object)
{
    uint64_t index = model_number(field, object);
    for (uint64_t i = 0; field->words[i]; i++)
        if (i == index)
            return field->words[i];
    return "?";
}

static enum dr_code set_number(const struct model_field *field, void *object, const char *text, struct dr_error *err)
{
    uint64_t value;
    if (!model_text_number(text, &value) || value < field->min || value > field->max)
        return dr_fail(err, DR_INVALID, "%s: \"%.64s\" is not a number of %llu..%llu%s%s", field->name, text,
                       (unsigned long long)field->min, (unsigned long long)field->max, field->unit ? " " : "",
                       field->unit ? field->unit : "");
    store_number(field, object, value);
    return DR_OK;
}

static enum dr_code set_hex(const struct model_field *field, void *object, const char *text, struct dr_error *err)
{
    uint64_t value;
    if (!model_text_hex(text, &value))
        return dr_fail(err, DR_INVALID, "%s: \"%.64s\" is not 16 hexadecimal digits", field->name, text);
    store_number(field, object, value);
    return DR_OK;
}

static enum dr_code set_span(const struct model_field *field, void *object, const char *text, struct dr_error *err)
{
    msec value;
    char least[32], most[32];
    if (!model_text_span(text, &value) || (uint64_t)value < field->min || (uint64_t)value > field->max) {
        model_text_of_span((msec)field->min, least, sizeof least);
        model_text_of_span((msec)field->max, most, sizeof most);
        return dr_fail(err, DR_INVALID, "%s: \"%.64s\" is not a time of %s..%s with its unit (ms, s, min, h)",
                       field->name, text, least, most);
    }
    memcpy(at(field, object), &value, sizeof value);
    return DR_OK;
}

static enum dr_code set_switch(const struct model_field *field, void *object, const char *text, struct dr_error *err)
{
    bool on = strcmp(text, "on") == 0;
    if (!on && strcmp(text, "off") != 0)
        return dr_fail(err, DR_INVALID, "%s: \"%.64s\" is neither on nor off", field->name, text);
    memcpy(at(field, object), &on, sizeof on);
    return DR_OK;
}

static enum dr_code set_word(const struct model_field *field, void *object, const char *text, struct dr_error *err)
{
    char known[128] = "";
    for (unsigned i = 0; field->words[i]; i++) {
        if (strcmp(text, field->words[i]) == 0) {
            store_number(field, object, i);
            return DR_OK;
        }
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", field->words[i]);
    }
    return dr_fail(err, DR_INVALID, "%s: \"%.64s\" is none of: %s", field->name, text, known);
}

static bool is_id(const char *text)
{
    struct dr_id id;
    return dr_id_parse(&id, text, strlen(text));
}

static bool is_address(const char *text)
{
    uint8_t bytes[MODEL_ADDRESS_BYTES];
    bool v4;
    return model_text_address(text, bytes, &v4);
}

static bool is_prefix(const char *text)
{
    uint8_t bytes[MODEL_ADDRESS_BYTES];
    bool v4;
    unsigned length;
    return model_text_prefix(text, bytes, &v4, &length);
}

/* What a text must be, by kind. */
static const struct text_rule {
    bool (*valid)(const char *text);
    const char *must_be;
} text_rules[] = {
    [MODEL_TEXT] = {model_text_is_clean, "UTF-8 text"},
    [MODEL_ID] = {is_id, "32 upper-case hexadecimal digits"},
    [MODEL_ADDRESS] = {is_address, "an IPv4 or IPv6 address"},
    [MODEL_PREFIX] = {is_prefix, "an address with its prefix length, such as 10.0.0.9/24"},
    [MODEL_HOST] = {model_text_is_host, "an IP address or a host name"},
    [MODEL_FOLDER] = {model_text_is_folder, "an absolute path without \".\", \"..\", \"//\" or a \"/\" at its end"},
    [MODEL_PLAIN] = {model_text_is_plain, "a plain name: no \"/\", no \".\" at its begin"},
};

static enum dr_code set_text(const struct model_field *field, void *object, const char *text, struct dr_error *err)
{
    const struct text_rule *rule = &text_rules[field->kind];
    size_t length = strlen(text);
    if (length == 0 && field->required)
        return dr_fail(err, DR_INVALID, "%s: is empty, and must be given", field->name);
    if (length >= field->size)
        return dr_fail(err, DR_INVALID, "%s: has %zu bytes, at most %zu are allowed", field->name, length,
                       field->size - 1);
    if (length && !model_text_is_clean(text))
        return dr_fail(err, DR_INVALID, "%s: holds control characters or bytes that are not UTF-8", field->name);
    if (length && !rule->valid(text))
        return dr_fail(err, DR_INVALID, "%s: \"%.64s\" is not %s", field->name, text, rule->must_be);
    memset(at(field, object), 0, field->size);
    memcpy(at(field, object), text, length);
    return DR_OK;
}

enum dr_code model_set(const struct model_field *field, void *object, const char *text, struct dr_error *err)
{
    switch (field->kind) {
    case MODEL_NUMBER: return set_number(field, object, text, err);
    case MODEL_HEX: return set_hex(field, object, text, err);
    case MODEL_SPAN: return set_span(field, object, text, err);
    case MODEL_SWITCH: return set_switch(field, object, text, err);
    case MODEL_WORD: return set_word(field, object, text, err);
    case MODEL_OBJECT:
    case MODEL_LIST: return dr_fail(err, DR_INVALID, "%s: holds fields, not text", field->name);
    default: return set_text(field, object, text, err);
    }
}

void model_get(const struct model_field *field, const void *object, char *text, size_t size)
{
    switch (field->kind) {
    case MODEL_NUMBER: snprintf(text, size, "%llu", (unsigned long long)model_number(field, object)); break;
    case MODEL_HEX: snprintf(text, size, "%016llx", (unsigned long long)model_number(field, object)); break;
    case MODEL_SPAN: model_text_of_span((msec)model_number(field, object), text, size); break;
    case MODEL_SWITCH: snprintf(text, size, "%s", model_number(field, object) ? "on" : "off"); break;
    case MODEL_WORD: snprintf(text, size, "%s", model_word(field, object)); break;
    default: snprintf(text, size, "%s", at_const(field, object)); break;
    }
}

bool model_is_default(const struct model_field *field, const void *object)
{
    char text[MODEL_TEXT_MAX];
    bool is_text = field->kind == MODEL_TEXT || (field->kind >= MODEL_ID && field->kind <= MODEL_PLAIN);
    if (!field->standard && !is_text)
        return model_number(field, object) == 0;
    model_get(field, object, text, sizeof text);
    return strcmp(text, field->standard ? field->standard : "") == 0;
}

unsigned model_count(const struct model_field *field, const void *object)
{
    unsigned count = 1;
    if (field->kind == MODEL_LIST)
        memcpy(&count, (const char *)object + field->count, sizeof count);
    return count;
}

const void *model_element(const struct model_field *field, const void *object, unsigned index)
{
    return at_const(field, object) + index * field->element->size;
}

enum dr_code model_append(void **element, const struct model_field *field, void *object, struct dr_error *err)
{
    unsigned count = model_count(field, object);
    if (count >= field->max)
        return dr_fail(err, DR_INVALID, "%s: more than %llu", field->name, (unsigned long long)field->max);
    *element = at(field, object) + count * field->element->size;
    model_defaults(field->element, *element);
    count++;
    memcpy((char *)object + field->count, &count, sizeof count);
    return DR_OK;
}

static bool is_missing(const struct model_field *field, const void *object)
{
    return field->required && *at_const(field, object) == '\0';
}

enum dr_code model_check(const struct model_object *type, const void *object, struct dr_error *err)
{
    for (unsigned i = 0; i < type->fields; i++) {
        const struct model_field *field = &type->field[i];
        if (field->kind != MODEL_OBJECT && field->kind != MODEL_LIST) {
            if (is_missing(field, object))
                return dr_fail(err, DR_INVALID, "%s: is missing, and must be given", field->name);
            continue;
        }
        unsigned count = model_count(field, object);
        if (field->kind == MODEL_LIST && count < field->min)
            return dr_fail(err, DR_INVALID, "%s: there are %u, at least %llu are needed", field->name, count,
                           (unsigned long long)field->min);
        for (unsigned n = 0; n < count; n++)
            if (model_check(field->element, model_element(field, object, n), err) != DR_OK)
                return dr_within(err, "%s %u", field->name, n + 1);
    }
    return DR_OK;
}
