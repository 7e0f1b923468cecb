/* SPDX-License-Identifier: Apache-2.0
 * console/store/store.h - the console's data base, through apr_dbd: sqlite3 (a file, the default) or pgsql. A store is
 * one connection, for one thread at a time. Statements are texts with %s and %lld for their values, in the manner of
 * apr_dbd; each distinct text is prepared once and kept, so no text is ever put together from what came from outside.
 * What was committed is on disk when the call returns. */
#ifndef DR_CONSOLE_STORE_STORE_H
#define DR_CONSOLE_STORE_STORE_H

#include "core/error.h"

#include <stdbool.h>

struct store;

struct store_place {
    const char *driver; /* sqlite3, pgsql */
    const char *where;  /* sqlite3: the file; pgsql: what PostgreSQL calls a connection string */
    bool as_it_is;      /* its schema is left alone: to look at it, or to copy it */
};

/* Opens it and brings it to the newest schema. */
enum dr_code store_open(struct store **store, const struct store_place *place, struct dr_error *err) DR_MUST_USE;
void store_close(struct store *store);

/* A value may be NULL. `changed` may be NULL, else: how many rows it changed. */
enum dr_code store_run(struct store *store, int *changed, const char *sql, const char *const *value, unsigned values,
                       struct dr_error *err) DR_MUST_USE;

/* All rows in memory: for what is bounded by the statement itself. */
struct store_rows {
    unsigned rows, columns;
    const char **cell; /* NULL where the data base has none */
};
/* Also on failure the rows may be freed. */
enum dr_code store_select(struct store *store, struct store_rows *rows, const char *sql, const char *const *value,
                          unsigned values, struct dr_error *err) DR_MUST_USE;
void store_rows_free(struct store_rows *rows);
/* "" where the data base has none. */
const char *store_cell(const struct store_rows *rows, unsigned row, unsigned column);
long long store_number(const struct store_rows *rows, unsigned row, unsigned column);

/* All or nothing. Between the two no other statement of this store fails silently: a failed one makes the end fail. */
enum dr_code store_begin(struct store *store, struct dr_error *err) DR_MUST_USE;
enum dr_code store_commit(struct store *store, struct dr_error *err) DR_MUST_USE;
void store_abandon(struct store *store);

#endif
