/* SPDX-License-Identifier: Apache-2.0
 * What the console answered, for people. */
#include "ui/cli/remote/remote.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 12
#define CELL_SIZE   128
#define NAME_SIZE   32

struct table {
    char name[COLUMNS_MAX][NAME_SIZE];
    int width[COLUMNS_MAX];
    unsigned columns;
};

/* Any value as one word or text; control characters of what came from outside are not shown. */
static void cell(char text[CELL_SIZE], const json_t *value)
{
    char *dumped = json_is_string(value) ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    const char *from = json_is_string(value) ? json_string_value(value) : dumped != NULL ? dumped : "";
    snprintf(text, CELL_SIZE, "%s", from);
    for (char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 127)
            *at = ' ';
    free(dumped);
}

static void measure(struct table *table, const char *columns, const json_t *rows)
{
    char text[CELL_SIZE];
    const json_t *row;
    size_t i;
    for (const char *at = columns; *at != '\0' && table->columns < COLUMNS_MAX; at += strspn(at, " ")) {
        int length = (int)strcspn(at, " ");
        unsigned c = table->columns++;
        snprintf(table->name[c], NAME_SIZE, "%.*s", length, at);
        table->width[c] = length;
        json_array_foreach(rows, i, row)
        {
            cell(text, json_object_get(row, table->name[c]));
            if ((int)strlen(text) > table->width[c])
                table->width[c] = (int)strlen(text);
        }
        at += length;
    }
}

static void print_rows(const struct table *table, const json_t *rows)
{
    char text[CELL_SIZE];
    const json_t *row;
    size_t i;
    for (unsigned c = 0; c < table->columns; c++)
        printf("%-*s%s", table->width[c], table->name[c], c + 1 < table->columns ? "  " : "\n");
    json_array_foreach(rows, i, row)
    {
        for (unsigned c = 0; c < table->columns; c++) {
            cell(text, json_object_get(row, table->name[c]));
            printf("%-*s%s", c + 1 < table->columns ? table->width[c] : 0, text, c + 1 < table->columns ? "  " : "\n");
        }
    }
}

static void print_members(const json_t *data)
{
    char text[CELL_SIZE];
    const char *name;
    json_t *value;
    unsigned shown = 0;
    json_object_foreach((json_t *)data, name, value)
    {
        if (strcmp(name, "code") == 0 || strcmp(name, "message") == 0)
            continue;
        cell(text, value);
        printf("%s: %s\n", name, text);
        shown++;
    }
    if (shown == 0)
        puts("done");
}

void remote_show(const struct remote_command *command, const json_t *data)
{
    const json_t *rows = command->list != NULL ? json_object_get(data, command->list) : NULL;
    struct table table = {.columns = 0};
    if (!json_is_array(rows)) {
        print_members(json_is_object(rows) ? rows : data);
        return;
    }
    measure(&table, command->columns, rows);
    print_rows(&table, rows);
    json_int_t total = json_integer_value(json_object_get(data, "total"));
    if (total > (json_int_t)json_array_size(rows))
        printf("%zu of %lld: --page and --limit show others\n", json_array_size(rows), (long long)total);
}
