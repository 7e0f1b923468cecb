/* SPDX-License-Identifier: Apache-2.0 */
#include "console/store/schema.h"

#include <stdio.h>
#include <string.h>

/* Durable at each commit; readers do not wait for the writer, and a second writer waits for the first. */
static const char sqlite_settings[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; "
                                      "PRAGMA foreign_keys=ON;";

/* Written so that sqlite3 and PostgreSQL both take it. Times are seconds since 1970. */
static const char *const steps[] = {
    /* 1: who may log in, who has, and what they did */
    "CREATE TABLE setting (name VARCHAR(64) PRIMARY KEY, value TEXT NOT NULL);"
    "CREATE TABLE account (id BIGINT PRIMARY KEY, uuid CHAR(36) NOT NULL UNIQUE, name VARCHAR(64) NOT NULL UNIQUE,"
    " role VARCHAR(16) NOT NULL, password VARCHAR(256) NOT NULL, active INT NOT NULL, builtin INT NOT NULL,"
    " email VARCHAR(128) NOT NULL DEFAULT '', mobile VARCHAR(32) NOT NULL DEFAULT '',"
    " comment VARCHAR(512) NOT NULL DEFAULT '', password_at BIGINT NOT NULL DEFAULT 0,"
    " failures INT NOT NULL, locked_until BIGINT NOT NULL, created_at BIGINT NOT NULL);"
    "CREATE TABLE session (id BIGINT PRIMARY KEY, account BIGINT NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    " token CHAR(64) NOT NULL UNIQUE, sso_token CHAR(64) NOT NULL UNIQUE, refresh_token CHAR(64) NOT NULL UNIQUE,"
    " expires_at BIGINT NOT NULL, refresh_until BIGINT NOT NULL, created_at BIGINT NOT NULL);"
    "CREATE TABLE access_key (name CHAR(32) PRIMARY KEY, account BIGINT NOT NULL REFERENCES account(id) ON DELETE "
    "CASCADE,"
    " active INT NOT NULL, created_at BIGINT NOT NULL);"
    "CREATE TABLE operation (id BIGINT PRIMARY KEY, at BIGINT NOT NULL, account VARCHAR(64) NOT NULL,"
    " address VARCHAR(64) NOT NULL, what VARCHAR(128) NOT NULL, code BIGINT NOT NULL, detail TEXT NOT NULL);",
};
#define STEPS (sizeof steps / sizeof *steps)

static enum dr_code step(struct store *store, unsigned number, struct dr_error *err)
{
    char text[16];
    const char *value[] = {text};
    snprintf(text, sizeof text, "%u", number);
    if (store_begin(store, err) != DR_OK)
        return err->code;
    if (store_script(store, steps[number - 1], err) == DR_OK &&
        store_run(store, NULL, "INSERT INTO migration (number) VALUES (%d)", value, 1, err) == DR_OK)
        return store_commit(store, err);
    store_abandon(store);
    return dr_within(err, "step %u of the schema", number);
}

static enum dr_code newest(struct store *store, unsigned *number, struct dr_error *err)
{
    struct store_rows rows;
    enum dr_code code = store_select(store, &rows, "SELECT COALESCE(MAX(number), 0) FROM migration", NULL, 0, err);
    *number = (unsigned)store_number(&rows, 0, 0);
    store_rows_free(&rows);
    return code;
}

enum dr_code schema_bring_up(struct store *store, const char *driver, struct dr_error *err)
{
    unsigned now;
    if (strcmp(driver, "sqlite3") == 0 && store_script(store, sqlite_settings, err) != DR_OK)
        return err->code;
    if (store_script(store, "CREATE TABLE IF NOT EXISTS migration (number INT PRIMARY KEY)", err) != DR_OK ||
        newest(store, &now, err) != DR_OK)
        return err->code;
    if (now > STEPS)
        return dr_fail(
            err, DR_REFUSED,
            "the data base has schema %u, this console knows %u: a newer console has used it; install that one", now,
            (unsigned)STEPS);
    while (now < STEPS)
        if (step(store, ++now, err) != DR_OK)
            return err->code;
    return DR_OK;
}
