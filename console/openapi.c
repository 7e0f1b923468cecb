/* SPDX-License-Identifier: Apache-2.0 */
#include "console/openapi.h"

#include "console/console.h"
#include "console/route.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_TEXT_MAX 20
#define SPAN_TEXT_MAX   24

static json_t *object_schema(const struct model_object *type);

/* Clients send numbers as texts too; bounds are those of the value. */
static json_t *number_schema(const struct model_field *field)
{
    return json_pack("{s:[s,s], s:I, s:I}", "type", "integer", "string", "minimum", (json_int_t)field->min, "maximum",
                     (json_int_t)(field->max > INT64_MAX ? INT64_MAX : field->max));
}

static json_t *word_schema(const struct model_field *field)
{
    json_t *words = json_array();
    for (const char *const *word = field->words; *word != NULL; word++)
        json_array_append_new(words, json_string(*word));
    return json_pack("{s:s, s:o}", "type", "string", "enum", words);
}

/* An element of one field may come without its object around it. */
static json_t *list_schema(const struct model_field *field)
{
    const struct model_object *element = field->element;
    json_t *items =
        element->fields == 1 ? json_pack("{s:[s,s,s]}", "type", "string", "integer", "object") : object_schema(element);
    return json_pack("{s:s, s:I, s:I, s:o}", "type", "array", "minItems", (json_int_t)field->min, "maxItems",
                     (json_int_t)field->max, "items", items);
}

static json_t *text_schema(size_t most, const char *format)
{
    json_t *schema = json_pack("{s:s, s:I}", "type", "string", "maxLength", (json_int_t)most);
    if (format != NULL)
        json_object_set_new(schema, "format", json_string(format));
    return schema;
}

static json_t *kind_schema(const struct model_field *field)
{
    switch (field->kind) {
    case MODEL_NUMBER: return number_schema(field);
    case MODEL_HEX: return text_schema(16, NULL);
    case MODEL_SPAN: return text_schema(SPAN_TEXT_MAX, "duration");
    case MODEL_SWITCH: return json_pack("{s:[i,i,s,s,s,s,b,b]}", "enum", 0, 1, "0", "1", "on", "off", 0, 1);
    case MODEL_WORD: return word_schema(field);
    case MODEL_ID: return text_schema(DR_ID_DIGITS, NULL);
    case MODEL_OBJECT: return object_schema(field->element);
    case MODEL_LIST: return list_schema(field);
    default: return text_schema(field->size - 1, NULL);
    }
}

static json_t *field_schema(const struct model_field *field)
{
    json_t *schema = kind_schema(field);
    json_object_set_new(schema, "description", json_string(field->doc));
    if (field->standard != NULL)
        json_object_set_new(schema, "default", json_string(field->standard));
    return schema;
}

static json_t *object_schema(const struct model_object *type)
{
    json_t *fields = json_object(), *required = json_array();
    for (unsigned i = 0; i < type->fields; i++) {
        json_object_set_new(fields, type->field[i].name, field_schema(&type->field[i]));
        if (type->field[i].required)
            json_array_append_new(required, json_string(type->field[i].name));
    }
    return json_pack("{s:s, s:s, s:o, s:o}", "type", "object", "description", type->doc, "properties", fields,
                     "required", required);
}

/* "/ha/ * /x" without the blanks becomes "/ha/{id1}/x". */
static void path_of(char path[PATH_SIZE], const char *pattern, json_t *parameters)
{
    char name[16];
    size_t used = 0;
    for (unsigned parts = 0; *pattern != '\0' && used + sizeof name < PATH_SIZE; pattern++) {
        if (*pattern != '*') {
            path[used++] = *pattern;
            continue;
        }
        snprintf(name, sizeof name, "id%u", ++parts);
        used += (size_t)snprintf(path + used, PATH_SIZE - used, "{%s}", name);
        json_array_append_new(parameters, json_pack("{s:s, s:s, s:b, s:{s:s, s:i}}", "name", name, "in", "path",
                                                    "required", 1, "schema", "type", "string", "maxLength", 63));
    }
    path[used] = '\0';
}

static void add_query(json_t *parameters, const struct model_object *in)
{
    for (unsigned i = 0; in != NULL && i < in->fields; i++)
        json_array_append_new(parameters,
                              json_pack("{s:s, s:s, s:b, s:o}", "name", in->field[i].name, "in", "query", "required",
                                        (int)in->field[i].required, "schema", field_schema(&in->field[i])));
}

static json_t *operation(const struct route *route, const char *area, json_t *parameters)
{
    bool reads = strcmp(route->method, "GET") == 0, open = strcmp(route->permission, ROUTE_OPEN) == 0;
    json_t *it = json_pack("{s:s, s:[s], s:{s:{s:s}}, s:s}", "summary", route->doc, "tags", area, "responses", "200",
                           "description", "{ret, msg, data: {code, message, ...}}; code 0 is success", "x-permission",
                           open ? "none" : route->permission);
    if (reads)
        add_query(parameters, route->in);
    else
        json_object_set_new(
            it, "requestBody",
            json_pack("{s:{s:{s:o}}}", "content", "application/json", "schema",
                      route->in != NULL ? object_schema(route->in) : json_pack("{s:s}", "type", "object")));
    json_object_set(it, "parameters", parameters);
    if (!open)
        json_object_set_new(it, "security", json_pack("[{s:[]}, {s:[]}]", "token", "accessKey"));
    return it;
}

static void add_route(json_t *paths, const struct route *route, const char *area)
{
    char path[PATH_SIZE], method[8];
    size_t i;
    json_t *parameters = json_array();
    path_of(path, route->pattern, parameters);
    for (i = 0; route->method[i] != '\0' && i < sizeof method - 1; i++)
        method[i] = (char)tolower((unsigned char)route->method[i]);
    method[i] = '\0';
    if (json_object_get(paths, path) == NULL)
        json_object_set_new(paths, path, json_object());
    json_object_set_new(json_object_get(paths, path), method, operation(route, area, parameters));
    json_decref(parameters);
}

json_t *openapi_document(void)
{
    unsigned areas;
    const struct route_area *const *area = route_areas(&areas);
    json_t *paths = json_object();
    for (unsigned a = 0; a < areas; a++)
        for (unsigned i = 0; i < area[a]->routes; i++)
            add_route(paths, &area[a]->route[i], area[a]->name);
    return json_pack("{s:s, s:{s:s, s:s, s:s}, s:[{s:s}, {s:s}], s:o, s:{s:{s:{s:s,s:s,s:s}, s:{s:s,s:s,s:s}}}}",
                     "openapi", "3.1.0", "info", "title", "drconsole", "version", CONSOLE_API_VERSION, "description",
                     "Business errors are HTTP 200 with data.code; 403 means: log in again.", "servers", "url", "/api",
                     "url", "/api/vers/v3", "paths", paths, "components", "securitySchemes", "token", "type", "apiKey",
                     "in", "header", "name", "Authorization", "accessKey", "type", "apiKey", "in", "header", "name",
                     "ACCESS-KEY");
}
