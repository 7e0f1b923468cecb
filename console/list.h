/* SPDX-License-Identifier: Apache-2.0
 * console/list.h - pages of rows: what clients may ask of every list, and rows of the data base as JSON. */
#ifndef DR_CONSOLE_LIST_H
#define DR_CONSOLE_LIST_H

#include "console/route.h"
#include "console/store/store.h"

#define LIST_LIMIT_STANDARD 10
#define LIST_LIMIT_MAX      1000

/* page (from 1) and limit as texts for LIMIT and OFFSET; what makes no sense is taken as the default. */
struct list_page {
    char limit[24], offset[24];
};
struct list_page list_page(const struct request *request);

enum list_kind { LIST_TEXT, LIST_NUMBER, LIST_TIME /* seconds as local text */ };
struct list_column {
    const char *name;
    enum list_kind kind;
};

/* One object a row; `columns` describes the columns of the statement in their order. */
json_t *list_rows(const struct store_rows *rows, const struct list_column *column, unsigned columns);
#define LIST_ROWS(rows, table) list_rows((rows), (table), sizeof(table) / sizeof *(table))

/* Answers with the rows below each of the keys (an existing client knows the one, a newer one the other) and `total`.
 * `count` is the statement that counts them; both take the same values, `select` the page behind them. */
struct list_statement {
    const char *select, *count;
    const char *const *value;
    unsigned values;
};
void list_answer(const struct call *call, const struct list_statement *statement, const struct list_column *column,
                 unsigned columns, const char *key, const char *other_key);

/* The same of rows that are in memory already; takes the array over. */
void list_answer_array(const struct call *call, json_t *rows, const char *key);

#endif
