/* SPDX-License-Identifier: Apache-2.0 */
#include "console/store/store.h"

#include "console/store/schema.h"

#include <apr_dbd.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 64
#define VALUES_MAX  32

struct store {
    apr_pool_t *pool;
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
    apr_dbd_transaction_t *transaction;
    bool failed;          /* since the transaction began: it cannot be committed */
    apr_hash_t *prepared; /* text of a statement -> apr_dbd_prepared_t */
};

static enum dr_code fail(struct store *store, int status, const char *doing, struct dr_error *err)
{
    store->failed = true;
    return dr_fail(err, DR_IO, "the data base does not %s: %s", doing,
                   apr_dbd_error(store->driver, store->handle, status));
}

/* The first store of the process makes the drivers known, for its life: the pool is never destroyed. */
static enum dr_code know_drivers(struct dr_error *err)
{
    static apr_pool_t *drivers;
    if (drivers == NULL && apr_pool_create(&drivers, NULL) != APR_SUCCESS)
        return dr_fail(err, DR_FULL, "no memory for the data base drivers");
    if (apr_dbd_init(drivers) != APR_SUCCESS)
        return dr_fail(err, DR_IO, "APR-util cannot load data base drivers: check its installation");
    return DR_OK;
}

static enum dr_code connect_to(struct store *store, const struct store_place *place, struct dr_error *err)
{
    const char *why = NULL;
    if (apr_dbd_get_driver(store->pool, place->driver, &store->driver) != APR_SUCCESS)
        return dr_fail(err, DR_NOT_FOUND, "APR-util has no data base driver %s: install libaprutil1-dbd-%s",
                       place->driver, place->driver);
    if (apr_dbd_open_ex(store->driver, store->pool, place->where, &store->handle, &why) != APR_SUCCESS)
        /* where PostgreSQL is may have a password in it */
        return dr_fail(err, DR_IO, "cannot open the %s data base %s: %s", place->driver,
                       strcmp(place->driver, "sqlite3") == 0 ? place->where : "that store_where names",
                       why != NULL ? why : "no reason given");
    return DR_OK;
}

enum dr_code store_open(struct store **made, const struct store_place *place, struct dr_error *err)
{
    apr_pool_t *pool;
    *made = NULL;
    if (know_drivers(err) != DR_OK)
        return err->code;
    if (apr_pool_create(&pool, NULL) != APR_SUCCESS)
        return dr_fail(err, DR_FULL, "no memory for the data base");
    struct store *store = apr_pcalloc(pool, sizeof *store);
    store->pool = pool;
    store->prepared = apr_hash_make(pool);
    if (connect_to(store, place, err) != DR_OK ||
        (!place->as_it_is && schema_bring_up(store, place->driver, err) != DR_OK)) {
        store_close(store);
        return err->code;
    }
    *made = store;
    return DR_OK;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    if (store->handle != NULL)
        apr_dbd_close(store->driver, store->handle);
    apr_pool_destroy(store->pool);
}

static enum dr_code prepare(apr_dbd_prepared_t **prepared, struct store *store, const char *sql, struct dr_error *err)
{
    *prepared = apr_hash_get(store->prepared, sql, APR_HASH_KEY_STRING);
    if (*prepared != NULL)
        return DR_OK;
    int status = apr_dbd_prepare(store->driver, store->pool, store->handle, sql, NULL, prepared);
    if (status != 0) {
        fail(store, status, "understand a statement", err);
        return dr_within(err, "%s", sql);
    }
    apr_hash_set(store->prepared, apr_pstrdup(store->pool, sql), APR_HASH_KEY_STRING, *prepared);
    return DR_OK;
}

enum dr_code store_script(struct store *store, const char *sql, struct dr_error *err)
{
    int rows, status = apr_dbd_query(store->driver, store->handle, &rows, sql);
    apr_hash_clear(store->prepared); /* what was prepared for the tables as they were is void */
    return status == 0 ? DR_OK : fail(store, status, "carry a script out", err);
}

/* A statement that is about to be carried out; apr_dbd wants an array of its own. */
struct statement {
    apr_dbd_prepared_t *prepared;
    apr_pool_t *scratch;
    const char *value[VALUES_MAX];
};

static enum dr_code make_ready(struct statement *statement, struct store *store, const char *sql,
                               const char *const *value, unsigned values, struct dr_error *err)
{
    if (prepare(&statement->prepared, store, sql, err) != DR_OK)
        return err->code;
    if (values > VALUES_MAX || apr_pool_create(&statement->scratch, store->pool) != APR_SUCCESS)
        return dr_fail(err, DR_FULL, "no room for a statement with %u values", values);
    if (values > 0)
        memcpy(statement->value, value, values * sizeof *value);
    return DR_OK;
}

enum dr_code store_run(struct store *store, int *changed, const char *sql, const char *const *value, unsigned values,
                       struct dr_error *err)
{
    struct statement s;
    int rows = 0;
    if (make_ready(&s, store, sql, value, values, err) != DR_OK)
        return err->code;
    int status = apr_dbd_pquery(store->driver, s.scratch, store->handle, &rows, s.prepared, (int)values, s.value);
    apr_pool_destroy(s.scratch);
    if (status != 0)
        return fail(store, status, "carry a statement out", err);
    if (changed != NULL)
        *changed = rows;
    return DR_OK;
}

static bool add_row(struct store *store, struct store_rows *rows, apr_dbd_row_t *row)
{
    const char **more = realloc(rows->cell, (rows->rows + 1) * rows->columns * sizeof *more);
    if (more == NULL)
        return false;
    rows->cell = more;
    for (unsigned i = 0; i < rows->columns; i++) {
        const char *text = apr_dbd_get_entry(store->driver, row, (int)i);
        more[rows->rows * rows->columns + i] = text != NULL ? strdup(text) : NULL;
    }
    rows->rows++;
    return true;
}

static enum dr_code collect(struct store *store, struct store_rows *rows, apr_pool_t *scratch,
                            apr_dbd_results_t *results, struct dr_error *err)
{
    apr_dbd_row_t *row = NULL;
    int columns = apr_dbd_num_cols(store->driver, results), status;
    if (columns > COLUMNS_MAX)
        return dr_fail(err, DR_FULL, "the data base answers with %d columns", columns);
    rows->columns = (unsigned)columns;
    while ((status = apr_dbd_get_row(store->driver, scratch, results, &row, -1)) == 0)
        if (!add_row(store, rows, row))
            return dr_fail(err, DR_FULL, "no memory for what the data base answers");
    return DR_OK;
}

enum dr_code store_select(struct store *store, struct store_rows *rows, const char *sql, const char *const *value,
                          unsigned values, struct dr_error *err)
{
    struct statement s;
    apr_dbd_results_t *results = NULL;
    *rows = (struct store_rows){0};
    if (make_ready(&s, store, sql, value, values, err) != DR_OK)
        return err->code;
    /* Random access: else PostgreSQL's driver knows no columns before the first row, and sleeps when there is none. */
    int status =
        apr_dbd_pselect(store->driver, s.scratch, store->handle, &results, s.prepared, 1, (int)values, s.value);
    enum dr_code code =
        status == 0 ? collect(store, rows, s.scratch, results, err) : fail(store, status, "answer", err);
    apr_pool_destroy(s.scratch);
    return code;
}

void store_rows_free(struct store_rows *rows)
{
    for (unsigned i = 0; i < rows->rows * rows->columns; i++)
        free((char *)rows->cell[i]);
    free(rows->cell);
    *rows = (struct store_rows){0};
}

const char *store_cell(const struct store_rows *rows, unsigned row, unsigned column)
{
    const char *text = row < rows->rows && column < rows->columns ? rows->cell[row * rows->columns + column] : NULL;
    return text != NULL ? text : "";
}

long long store_number(const struct store_rows *rows, unsigned row, unsigned column)
{
    return strtoll(store_cell(rows, row, column), NULL, 10);
}

enum dr_code store_begin(struct store *store, struct dr_error *err)
{
    store->failed = false;
    int status = apr_dbd_transaction_start(store->driver, store->pool, store->handle, &store->transaction);
    return status == 0 ? DR_OK : fail(store, status, "begin a transaction", err);
}

/* PostgreSQL's driver rolls back after a failure, and says that this went well. */
enum dr_code store_commit(struct store *store, struct dr_error *err)
{
    if (store->failed) {
        store_abandon(store);
        return dr_fail(err, DR_IO, "a statement of the transaction failed: nothing of it was kept");
    }
    int status = apr_dbd_transaction_end(store->driver, store->pool, store->transaction);
    store->transaction = NULL;
    return status == 0 ? DR_OK : fail(store, status, "commit", err);
}

void store_abandon(struct store *store)
{
    apr_dbd_transaction_mode_set(store->driver, store->transaction, APR_DBD_TRANSACTION_ROLLBACK);
    apr_dbd_transaction_end(store->driver, store->pool, store->transaction);
    store->transaction = NULL;
}
