/* SPDX-License-Identifier: Apache-2.0 */
#include "console/store/schema.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Durable at each commit; readers do not wait for the writer, and a second writer waits for the first. */
static const char sqlite_settings[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; "
                                      "PRAGMA foreign_keys=ON;";

/* Consoles that start at once on one PostgreSQL bring its schema up one after the other. */
static const char pgsql_lock[] = "SELECT pg_advisory_lock(5808601)";
static const char pgsql_unlock[] = "SELECT pg_advisory_unlock(5808601)";

/* A key that the data base counts by itself: two that write at once get two numbers, and none is given out twice. */
#define SERIAL_KEY "$SERIAL"

/* Written so that sqlite3 and PostgreSQL both take it. Times are seconds since 1970. */
static const char *const steps[] = {
    /* 1: who may log in, who has, and what they did */
    "CREATE TABLE setting (name VARCHAR(64) PRIMARY KEY, value TEXT NOT NULL);"
    "CREATE TABLE account (id " SERIAL_KEY ","
    " uuid CHAR(36) NOT NULL UNIQUE, name VARCHAR(64) NOT NULL UNIQUE,"
    " role VARCHAR(16) NOT NULL, password VARCHAR(256) NOT NULL, active INT NOT NULL, builtin INT NOT NULL,"
    " email VARCHAR(128) NOT NULL DEFAULT '', mobile VARCHAR(32) NOT NULL DEFAULT '',"
    " comment VARCHAR(512) NOT NULL DEFAULT '', password_at BIGINT NOT NULL DEFAULT 0,"
    " failures INT NOT NULL, locked_until BIGINT NOT NULL, created_at BIGINT NOT NULL);"
    "CREATE TABLE session (id " SERIAL_KEY ","
    " account BIGINT NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    " token CHAR(64) NOT NULL UNIQUE, sso_token CHAR(64) NOT NULL UNIQUE, refresh_token CHAR(64) NOT NULL UNIQUE,"
    " expires_at BIGINT NOT NULL, refresh_until BIGINT NOT NULL, created_at BIGINT NOT NULL);"
    "CREATE TABLE access_key (name CHAR(32) PRIMARY KEY, account BIGINT NOT NULL REFERENCES account(id) ON DELETE "
    "CASCADE,"
    " active INT NOT NULL, created_at BIGINT NOT NULL);"
    "CREATE TABLE operation (id " SERIAL_KEY ","
    " at BIGINT NOT NULL, account VARCHAR(64) NOT NULL,"
    " address VARCHAR(64) NOT NULL, what VARCHAR(128) NOT NULL, code BIGINT NOT NULL, detail TEXT NOT NULL);",
    /* 2: hosts, the codes that they come with, and what they shall have */
    "CREATE TABLE node (id CHAR(32) PRIMARY KEY, name VARCHAR(128) NOT NULL, active INT NOT NULL,"
    " address VARCHAR(256) NOT NULL, host_name VARCHAR(128) NOT NULL, key_sha CHAR(64) NOT NULL UNIQUE,"
    " version VARCHAR(64) NOT NULL, system VARCHAR(256) NOT NULL, root VARCHAR(512) NOT NULL, addresses TEXT NOT NULL,"
    " settings TEXT NOT NULL, random_str CHAR(36) NOT NULL, account VARCHAR(64) NOT NULL, maintenance INT NOT NULL,"
    " created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);"
    "CREATE TABLE enrolment (code CHAR(64) PRIMARY KEY, expires_at BIGINT NOT NULL, account VARCHAR(64) NOT NULL,"
    " key_sha CHAR(64) NOT NULL, node CHAR(32) NOT NULL, created_at BIGINT NOT NULL);"
    "CREATE TABLE document (node CHAR(32) NOT NULL, kind VARCHAR(8) NOT NULL, id CHAR(32) NOT NULL,"
    " version BIGINT NOT NULL, xml TEXT NOT NULL, running_version BIGINT NOT NULL, error TEXT NOT NULL,"
    " sent INT NOT NULL, PRIMARY KEY (node, kind, id));"
    "CREATE INDEX document_unsent ON document (sent);",
    /* 3: licences, and which host has which */
    "CREATE TABLE licence (uuid CHAR(36) PRIMARY KEY, sn VARCHAR(40) NOT NULL UNIQUE, document TEXT NOT NULL,"
    " account VARCHAR(64) NOT NULL, created_at BIGINT NOT NULL);"
    "CREATE TABLE licence_binding (node CHAR(32) NOT NULL, feature VARCHAR(16) NOT NULL,"
    " licence CHAR(36) NOT NULL REFERENCES licence(uuid), created_at BIGINT NOT NULL, PRIMARY KEY (node, feature));"
    "CREATE INDEX licence_bound ON licence_binding (licence);",
    /* 4: rules and groups, what they are made of, and orders to groups */
    "CREATE TABLE kept (id CHAR(32) PRIMARY KEY, kind VARCHAR(8) NOT NULL, name VARCHAR(128) NOT NULL,"
    " account VARCHAR(64) NOT NULL, stamp CHAR(36) NOT NULL, version BIGINT NOT NULL, xml TEXT NOT NULL,"
    " replication INT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, UNIQUE (kind, name));"
    "CREATE TABLE kept_link (kept CHAR(32) NOT NULL, other CHAR(32) NOT NULL, part VARCHAR(8) NOT NULL,"
    " PRIMARY KEY (kept, other));"
    "CREATE INDEX kept_link_other ON kept_link (other);"
    "CREATE TABLE group_task (id CHAR(32) PRIMARY KEY, grp CHAR(32) NOT NULL, node CHAR(32) NOT NULL,"
    " plan CHAR(16) NOT NULL, account VARCHAR(64) NOT NULL, created_at BIGINT NOT NULL);",
};
#define STEPS (sizeof steps / sizeof *steps)

/* The caller frees it; NULL: no memory. */
static char *for_driver(const char *sql, bool sqlite)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    for (const char *key; (key = strstr(sql, SERIAL_KEY)) != NULL; sql = key + strlen(SERIAL_KEY)) {
        fwrite(sql, 1, (size_t)(key - sql), out);
        fputs(sqlite ? "INTEGER PRIMARY KEY AUTOINCREMENT" : "BIGSERIAL PRIMARY KEY", out);
    }
    fputs(sql, out);
    return fclose(out) == 0 ? text : (free(text), NULL);
}

static enum dr_code carry_out(struct store *store, const char *sql, bool sqlite, struct dr_error *err)
{
    char *text = for_driver(sql, sqlite);
    if (text == NULL)
        return dr_fail(err, DR_FULL, "no memory for a step of the schema");
    enum dr_code code = store_script(store, text, err);
    free(text);
    return code;
}

static enum dr_code step(struct store *store, unsigned number, bool sqlite, struct dr_error *err)
{
    char text[16];
    const char *value[] = {text};
    snprintf(text, sizeof text, "%u", number);
    if (store_begin(store, err) != DR_OK)
        return err->code;
    if (carry_out(store, steps[number - 1], sqlite, err) == DR_OK &&
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

static enum dr_code bring_up(struct store *store, bool sqlite, struct dr_error *err)
{
    unsigned now;
    if (store_script(store, "CREATE TABLE IF NOT EXISTS migration (number INT PRIMARY KEY)", err) != DR_OK ||
        newest(store, &now, err) != DR_OK)
        return err->code;
    if (now > STEPS)
        return dr_fail(
            err, DR_REFUSED,
            "the data base has schema %u, this console knows %u: a newer console has used it; install that one", now,
            (unsigned)STEPS);
    while (now < STEPS)
        if (step(store, ++now, sqlite, err) != DR_OK)
            return err->code;
    return DR_OK;
}

enum dr_code schema_bring_up(struct store *store, const char *driver, struct dr_error *err)
{
    bool sqlite = strcmp(driver, "sqlite3") == 0;
    struct store_rows rows = {0};
    if (sqlite)
        return store_script(store, sqlite_settings, err) == DR_OK ? bring_up(store, true, err) : err->code;
    enum dr_code code = store_select(store, &rows, pgsql_lock, NULL, 0, err);
    store_rows_free(&rows);
    if (code != DR_OK)
        return code;
    code = bring_up(store, false, err);
    struct dr_error late; /* a connection that ends loses the lock too */
    if (store_select(store, &rows, pgsql_unlock, NULL, 0, &late) != DR_OK && code == DR_OK)
        code = dr_fail(err, late.code, "%s", late.text);
    store_rows_free(&rows);
    return code;
}
