/* SPDX-License-Identifier: Apache-2.0 */
#include "console/export/table.h"

#include "console/export/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 32
#define CELL_SIZE   16384 /* a group of all the rules that it may have, with the longest names */

static void cell_text(char text[CELL_SIZE], const json_t *value)
{
    const json_t *element;
    size_t i;
    text[0] = '\0';
    if (json_is_string(value))
        snprintf(text, CELL_SIZE, "%s", json_string_value(value));
    else if (json_is_integer(value))
        snprintf(text, CELL_SIZE, "%lld", (long long)json_integer_value(value));
    json_array_foreach(value, i, element)
    {
        size_t used = strlen(text);
        if (json_is_string(element))
            snprintf(text + used, CELL_SIZE - used, "%s%s", i > 0 ? "; " : "", json_string_value(element));
    }
}

static enum dr_code put_head(struct sheet *sheet, const struct table_column *column, unsigned columns, bool zh,
                             struct dr_error *err)
{
    const char *cell[COLUMNS_MAX];
    for (unsigned i = 0; i < columns; i++)
        cell[i] = zh ? column[i].zh : column[i].en;
    return sheet_row(sheet, cell, columns, err);
}

static enum dr_code put_row(struct sheet *sheet, const struct table_column *column, unsigned columns, const json_t *row,
                            struct dr_error *err)
{
    const char *cell[COLUMNS_MAX];
    char(*room)[CELL_SIZE] = calloc(columns, CELL_SIZE);
    if (room == NULL)
        return dr_fail(err, DR_FULL, "no memory for a table");
    for (unsigned i = 0; i < columns; i++) {
        cell_text(room[i], json_object_get(row, column[i].key));
        cell[i] = room[i];
    }
    enum dr_code code = sheet_row(sheet, cell, columns, err);
    free(room);
    return code;
}

static enum dr_code fill(struct sheet *sheet, const json_t *rows, const struct table_column *column, unsigned columns,
                         bool zh, struct dr_error *err)
{
    const json_t *row;
    size_t i;
    enum dr_code code = put_head(sheet, column, columns, zh, err);
    json_array_foreach(rows, i, row)
    {
        if (code == DR_OK)
            code = put_row(sheet, column, columns, row, err);
    }
    return code;
}

void table_answer(const struct call *call, const char *name, const json_t *rows, const struct table_column *column,
                  unsigned columns)
{
    char room[32], file[64], *bytes = NULL;
    struct sheet *sheet = NULL;
    struct dr_error err;
    size_t size = 0;
    const char *type = request_text(call->request, "type", room);
    enum sheet_kind kind = strcmp(type, "xlsx") == 0 ? SHEET_XLSX : SHEET_CSV;
    if (type[0] != '\0' && strcmp(type, "csv") != 0 && kind == SHEET_CSV) {
        answer_fail(call->answer, CODE_PARAMETER, " The type field must be one of: csv,xlsx;\n");
        return;
    }
    if (json_array_size(rows) == 0) {
        answer_fail(call->answer, CODE_NO_RECORD, "%s", "");
        return;
    }
    snprintf(file, sizeof file, "%s.%s", name, kind == SHEET_CSV ? "csv" : "xlsx");
    if (sheet_create(&sheet, kind, &err) == DR_OK &&
        fill(sheet, rows, column, columns, request_is_chinese(call->request), &err) == DR_OK &&
        sheet_finish(sheet, &bytes, &size, &err) == DR_OK)
        answer_file(call->answer, bytes, size, sheet_type(kind), file);
    else {
        free(bytes);
        answer_fail(call->answer, CODE_FAILED, "%s", err.text);
    }
    sheet_free(sheet);
}
