/* SPDX-License-Identifier: Apache-2.0 */
#include "console/rule/deliver.h"

#include "console/node/documents.h"

#include <stdio.h>
#include <string.h>

static const char rule_targets[] =
    "SELECT other FROM kept_link WHERE kept = %s UNION"
    " SELECT runner.other FROM kept_link runner, kept_link rule WHERE runner.kept = rule.kept AND rule.other = %s"
    " AND runner.part = 'runner'";
static const char group_targets[] =
    "SELECT other FROM kept_link WHERE kept = %s AND part = 'runner' UNION"
    " SELECT member.other FROM kept_link member, kept_link rule WHERE rule.kept = %s AND rule.part = 'rule'"
    " AND member.kept = rule.other AND member.part = 'member'";

static enum dr_code targets_of(struct store *store, struct store_rows *rows, const struct dr_id *id, const char *kind,
                               struct dr_error *err)
{
    const char *value[] = {id->hex, id->hex};
    return store_select(store, rows, strcmp(kind, KEPT_RULE) == 0 ? rule_targets : group_targets, value, 2, err);
}

static enum dr_code holders_of(struct store *store, struct store_rows *rows, const struct dr_id *id, const char *kind,
                               struct dr_error *err)
{
    const char *value[] = {kind, id->hex};
    return store_select(store, rows, "SELECT node FROM document WHERE kind = %s AND id = %s AND xml <> ''", value, 2,
                        err);
}

static bool has(const struct store_rows *rows, const char *node)
{
    for (unsigned i = 0; i < rows->rows; i++)
        if (strcmp(store_cell(rows, i, 0), node) == 0)
            return true;
    return false;
}

/* Those of `rows` that are not in `but`. */
static enum dr_code drop_from(struct store *store, const struct store_rows *rows, const struct store_rows *but,
                              const struct dr_id *id, const char *kind, struct dr_error *err)
{
    enum dr_code code = DR_OK;
    for (unsigned i = 0; code == DR_OK && i < rows->rows; i++)
        if (!has(but, store_cell(rows, i, 0)))
            code = documents_drop(store, store_cell(rows, i, 0), kind, id->hex, err);
    return code;
}

enum dr_code deliver(struct store *store, const struct kept *kept, const char *kind, struct dr_error *err)
{
    struct store_rows targets = {0}, holders = {0};
    enum dr_code code = targets_of(store, &targets, &kept->id, kind, err);
    if (code == DR_OK)
        code = holders_of(store, &holders, &kept->id, kind, err);
    if (code == DR_OK)
        code = drop_from(store, &holders, &targets, &kept->id, kind, err);
    for (unsigned i = 0; code == DR_OK && i < targets.rows; i++)
        code = documents_want(store, store_cell(&targets, i, 0), kind, kept->id.hex, kept->version, kept->xml, err);
    store_rows_free(&targets);
    store_rows_free(&holders);
    return code;
}

enum dr_code deliver_drop(struct store *store, const struct dr_id *id, const char *kind, struct dr_error *err)
{
    struct store_rows holders = {0}, nobody = {0};
    enum dr_code code = holders_of(store, &holders, id, kind, err);
    if (code == DR_OK)
        code = drop_from(store, &holders, &nobody, id, kind, err);
    store_rows_free(&holders);
    return code;
}
