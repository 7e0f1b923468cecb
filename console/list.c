/* SPDX-License-Identifier: Apache-2.0 */
#include "console/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VALUES_MAX 8
#define TIME_SIZE  32

static long number_of(const struct request *request, const char *name, long standard, long most)
{
    char room[32], *end;
    const char *text = request_text(request, name, room);
    long number = strtol(text, &end, 10);
    return *text == '\0' || *end != '\0' || number < 1 || number > most ? standard : number;
}

struct list_page list_page(const struct request *request)
{
    struct list_page page;
    long limit = number_of(request, "limit", LIST_LIMIT_STANDARD, LIST_LIMIT_MAX);
    long number = number_of(request, "page", 1, 1000000);
    snprintf(page.limit, sizeof page.limit, "%ld", limit);
    snprintf(page.offset, sizeof page.offset, "%ld", (number - 1) * limit);
    return page;
}

static json_t *time_text(long long at_s)
{
    char text[TIME_SIZE];
    time_t at = (time_t)at_s;
    struct tm parts;
    if (localtime_r(&at, &parts) == NULL || strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts) == 0)
        return json_string("");
    return json_string(text);
}

static json_t *cell(const struct store_rows *rows, unsigned row, unsigned column, enum list_kind kind)
{
    if (kind == LIST_TEXT)
        return json_string(store_cell(rows, row, column));
    long long number = store_number(rows, row, column);
    return kind == LIST_TIME ? time_text(number) : json_integer(number);
}

json_t *list_rows(const struct store_rows *rows, const struct list_column *column, unsigned columns)
{
    json_t *array = json_array();
    for (unsigned row = 0; row < rows->rows; row++) {
        json_t *object = json_object();
        for (unsigned i = 0; i < columns; i++)
            json_object_set_new(object, column[i].name, cell(rows, row, i, column[i].kind));
        json_array_append_new(array, object);
    }
    return array;
}

void list_answer(const struct call *call, const struct list_statement *statement, const struct list_column *column,
                 unsigned columns, const char *key, const char *other_key)
{
    struct list_page page = list_page(call->request);
    const char *value[VALUES_MAX];
    unsigned values = statement->values;
    struct store_rows rows = {0}, count = {0};
    struct dr_error err;
    if (values > 0)
        memcpy(value, statement->value, values * sizeof *value);
    value[values] = page.limit;
    value[values + 1] = page.offset;
    if (store_select(call->store, &count, statement->count, value, values, &err) != DR_OK ||
        store_select(call->store, &rows, statement->select, value, values + 2, &err) != DR_OK) {
        answer_fail(call->answer, CODE_STORE, "%s", err.text);
    } else {
        json_t *list = list_rows(&rows, column, columns);
        if (other_key != NULL)
            answer_put(call->answer, other_key, json_incref(list));
        answer_put(call->answer, key, list);
        answer_put_number(call->answer, "total", store_number(&count, 0, 0));
    }
    store_rows_free(&rows);
    store_rows_free(&count);
}

void list_answer_array(const struct call *call, json_t *rows, const char *key)
{
    struct list_page page = list_page(call->request);
    size_t from = strtoul(page.offset, NULL, 10), until = from + strtoul(page.limit, NULL, 10);
    json_t *shown = json_array();
    for (size_t i = from; i < until && i < json_array_size(rows); i++)
        json_array_append(shown, json_array_get(rows, i));
    answer_put_number(call->answer, "total", (long long)json_array_size(rows));
    answer_put(call->answer, key, shown);
    json_decref(rows);
}
