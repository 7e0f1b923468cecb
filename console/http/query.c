/* SPDX-License-Identifier: Apache-2.0 */
#include "console/http/query.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place: %41 is A, + is a blank. A percent sign without two digits stays. An escaped NUL ends the text. */
static void unescape(char *text)
{
    char *out = text;
    for (; *text != '\0'; text++) {
        int high = *text == '%' ? hex_digit(text[1]) : -1;
        int low = high >= 0 ? hex_digit(text[2]) : -1;
        if (low >= 0) {
            *out++ = (char)(high << 4 | low);
            text += 2;
        } else {
            *out++ = (char)(*text == '+' ? ' ' : *text);
        }
    }
    *out = '\0';
}

/* "a[b][]" into a, b and an empty part; 0: brackets that do not close, or too many. In place. */
static unsigned split(char *part[QUERY_DEPTH], char *key)
{
    unsigned parts = 0;
    part[parts++] = key;
    key += strcspn(key, "[");
    while (*key == '[') {
        *key++ = '\0';
        char *close = strchr(key, ']');
        if (close == NULL || parts == QUERY_DEPTH)
            return 0;
        *close = '\0';
        part[parts++] = key;
        key = close + 1;
    }
    return parts;
}

/* While the text is read, everything with members is an object; settle() makes arrays of those that are some. */
static json_t *member(json_t *object, const char *key)
{
    json_t *inner = json_object_get(object, key);
    if (json_is_object(inner))
        return inner;
    inner = json_object();
    return json_object_set_new(object, key, inner) == 0 ? inner : NULL;
}

static bool put(json_t *object, char *key, const char *value)
{
    char *part[QUERY_DEPTH], number[24];
    unsigned parts = split(part, key);
    for (unsigned i = 0; i < parts && object != NULL; i++) {
        snprintf(number, sizeof number, "%zu", json_object_size(object));
        const char *name = part[i][0] != '\0' ? part[i] : number;
        if (i + 1 == parts)
            return json_object_set_new(object, name, json_string(value)) == 0;
        object = member(object, name);
    }
    return false;
}

/* Its keys are 0, 1, 2, ... in this order. */
static bool is_array(json_t *object)
{
    char number[24];
    const char *key;
    json_t *value;
    size_t i = 0;
    json_object_foreach(object, key, value)
    {
        snprintf(number, sizeof number, "%zu", i++);
        if (strcmp(key, number) != 0)
            return false;
    }
    return i > 0;
}

/* Takes over the object; an array whose only element is empty is how a client writes an empty one. */
static json_t *array_of(json_t *object)
{
    const char *key;
    json_t *value, *array = json_array();
    json_object_foreach(object, key, value)
    {
        json_array_append(array, value);
    }
    json_decref(object);
    const json_t *first = json_array_get(array, 0);
    if (json_array_size(array) == 1 && json_is_string(first) && json_string_length(first) == 0)
        json_array_clear(array);
    return array;
}

static void settle(json_t *object)
{
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(object, next, key, value)
    {
        if (!json_is_object(value))
            continue;
        settle(value);
        if (is_array(value))
            json_object_set_new(object, key, array_of(json_incref(value)));
    }
}

static bool read_pairs(json_t *object, char *text)
{
    char *pair;
    unsigned pairs = 0;
    while ((pair = strsep(&text, "&")) != NULL) {
        char *value = pair + strcspn(pair, "=");
        if (*pair == '\0' || *pair == '=')
            continue;
        if (*value == '=')
            *value++ = '\0';
        unescape(pair);
        unescape(value);
        if (++pairs > QUERY_PAIRS_MAX || !put(object, pair, value))
            return false;
    }
    return true;
}

json_t *query_parse(const char *text)
{
    json_t *object = json_object();
    char *copy = strdup(text != NULL ? text : "");
    bool good = object != NULL && copy != NULL && read_pairs(object, copy);
    free(copy);
    if (good) {
        settle(object);
        return object;
    }
    json_decref(object);
    return NULL;
}
