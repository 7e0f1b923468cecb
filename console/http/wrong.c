/* SPDX-License-Identifier: Apache-2.0 */
#include "console/http/wrong.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct wrong wrong_over(char *text, size_t size, bool zh)
{
    text[0] = '\0';
    return (struct wrong){.text = text, .size = size, .zh = zh};
}

void wrong_add(struct wrong *wrong, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    int size = vsnprintf(wrong->text + wrong->used, wrong->size - wrong->used, format, values);
    va_end(values);
    wrong->used += size > 0 ? (size_t)size : 0;
    if (wrong->used >= wrong->size)
        wrong->used = wrong->size - 1;
}

void wrong_lost(struct wrong *wrong, const char *name)
{
    wrong_add(wrong, wrong->zh ? "缺少字段: %s;\n" : "Lost: %s;\n", name);
}

void wrong_field(struct wrong *wrong, const char *name, const char *why)
{
    wrong_add(wrong, wrong->zh ? "字段 %s: %s;\n" : "The %s field: %s;\n", name, why);
}

void wrong_inside(char name[WRONG_NAME_SIZE], const char *outer, const char *inner)
{
    snprintf(name, WRONG_NAME_SIZE, outer[0] != '\0' ? "%s[%s]" : "%s%s", outer, inner);
}

void wrong_element(char name[WRONG_NAME_SIZE], const char *outer, size_t index)
{
    char number[24];
    snprintf(number, sizeof number, "%zu", index);
    wrong_inside(name, outer, number);
}

static bool scalar_text(char text[MODEL_TEXT_MAX], const json_t *value)
{
    if (json_is_string(value))
        return snprintf(text, MODEL_TEXT_MAX, "%s", json_string_value(value)) < MODEL_TEXT_MAX;
    if (json_is_integer(value))
        return snprintf(text, MODEL_TEXT_MAX, "%lld", (long long)json_integer_value(value)) > 0;
    if (json_is_real(value))
        return snprintf(text, MODEL_TEXT_MAX, "%.3f", json_real_value(value)) > 0;
    if (json_is_boolean(value))
        return snprintf(text, MODEL_TEXT_MAX, "%d", json_is_true(value)) > 0;
    return false;
}

bool wrong_scalar(struct wrong *wrong, char text[MODEL_TEXT_MAX], const json_t *value, const char *name)
{
    if (scalar_text(text, value))
        return true;
    if (wrong->zh)
        wrong_add(wrong, "字段 %s 不是文本或数字，或超过 %d 字节;\n", name, MODEL_TEXT_MAX - 1);
    else
        wrong_add(wrong, "The %s field is no text or number of at most %d bytes;\n", name, MODEL_TEXT_MAX - 1);
    return false;
}

const char *wrong_switch(const char *text)
{
    if (strcmp(text, "1") == 0 || strcmp(text, "true") == 0)
        return "on";
    return strcmp(text, "0") == 0 || strcmp(text, "false") == 0 ? "off" : text;
}
