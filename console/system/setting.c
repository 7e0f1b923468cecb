/* SPDX-License-Identifier: Apache-2.0 */
#include "console/system/setting.h"

#include <stdio.h>

enum dr_code setting_get(struct store *store, const char *name, const char *standard, char *value, size_t size,
                         struct dr_error *err)
{
    struct store_rows rows;
    enum dr_code code = store_select(store, &rows, "SELECT value FROM setting WHERE name = %s", &name, 1, err);
    snprintf(value, size, "%s", rows.rows > 0 ? store_cell(&rows, 0, 0) : standard);
    store_rows_free(&rows);
    return code;
}

enum dr_code setting_put(struct store *store, const char *name, const char *text, struct dr_error *err)
{
    const char *value[] = {name, text};
    return store_run(store, NULL,
                     "INSERT INTO setting (name, value) VALUES (%s, %s)"
                     " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                     value, 2, err);
}

enum dr_code setting_put_first(struct store *store, const char *name, const char *text, struct dr_error *err)
{
    const char *value[] = {name, text};
    return store_run(store, NULL, "INSERT INTO setting (name, value) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING",
                     value, 2, err);
}
