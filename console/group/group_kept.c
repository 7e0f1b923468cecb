/* SPDX-License-Identifier: Apache-2.0 */
#include "console/group/group_kept.h"

#include "console/rule/deliver.h"
#include "console/uuid.h"
#include "core/id.h"

#include <string.h>

enum dr_code group_kept_find(const struct call *call, struct kept *kept, struct group *group, const char *uuid,
                             struct dr_error *err)
{
    struct dr_id id;
    *kept = (struct kept){0};
    if (!uuid_read(&id, uuid))
        return dr_fail(err, DR_NOT_FOUND, "%.64s is no uuid", uuid);
    enum dr_code code = kept_find(call, kept, KEPT_GROUP, &id, err);
    return code == DR_OK ? kept_read(kept, &group_model, group, err) : code;
}

/* ---- runners ---- */

static void add_runner(struct group *group, const char *node)
{
    struct dr_id id;
    if (group->runners < GROUP_RUNNERS_MAX && dr_id_parse(&id, node, strlen(node)) && !group_has_runner(group, &id))
        group->runner[group->runners++].node = id;
}

static enum dr_code add_nodes(struct store *store, struct group *group, const struct dr_id *rule, const char *part,
                              struct dr_error *err)
{
    const char *value[] = {rule->hex, part};
    struct store_rows rows;
    enum dr_code code = store_select(
        store, &rows, "SELECT other FROM kept_link WHERE kept = %s AND part = %s ORDER BY other", value, 2, err);
    for (unsigned i = 0; code == DR_OK && i < rows.rows; i++)
        add_runner(group, store_cell(&rows, i, 0));
    store_rows_free(&rows);
    return code;
}

/* Arbiters first: they are up when a member is not. */
static enum dr_code choose_runners(struct store *store, struct group *group, struct dr_error *err)
{
    static const char *const parts[] = {DELIVER_ARBITER, DELIVER_MEMBER};
    enum dr_code code = DR_OK;
    group->runners = 0;
    for (unsigned p = 0; p < 2; p++)
        for (unsigned i = 0; i < group->stages; i++)
            for (unsigned n = 0; code == DR_OK && n < group->stage[i].rules; n++)
                code = add_nodes(store, group, &group->stage[i].rule[n].id, parts[p], err);
    return code;
}

/* ---- rules of a group ---- */

static enum dr_code check_rule(const struct call *call, const struct group *group, unsigned stage, unsigned place,
                               struct dr_error *err)
{
    struct kept kept;
    enum dr_code code = kept_find(call, &kept, KEPT_RULE, &group->stage[stage].rule[place].id, err);
    kept_free(&kept);
    return code == DR_NOT_FOUND
               ? dr_fail(err, DR_INVALID, "The stage[step_%u][ha_rule][%u] field: there is no such rule;", stage + 1,
                         place)
               : code;
}

static enum dr_code check_rules(const struct call *call, const struct group *group, struct dr_error *err)
{
    enum dr_code code = DR_OK;
    for (unsigned i = 0; i < group->stages; i++)
        for (unsigned n = 0; code == DR_OK && n < group->stage[i].rules; n++)
            code = check_rule(call, group, i, n, err);
    return code;
}

static enum dr_code link_all(struct store *store, const struct group *group, struct dr_error *err)
{
    enum dr_code code = kept_unlink(store, &group->id, err);
    for (unsigned i = 0; i < group->stages; i++)
        for (unsigned n = 0; code == DR_OK && n < group->stage[i].rules; n++)
            code = kept_link(store, &group->id, &group->stage[i].rule[n].id, DELIVER_RULE, err);
    for (unsigned i = 0; code == DR_OK && i < group->runners; i++)
        code = kept_link(store, &group->id, &group->runner[i].node, DELIVER_RUNNER, err);
    return code;
}

/* Rules of the group now: their runners may come or go with the change. */
static enum dr_code rules_of(struct store *store, struct store_rows *rows, const struct dr_id *group,
                             struct dr_error *err)
{
    const char *value[] = {group->hex};
    return store_select(store, rows,
                        "SELECT kept.id, kept.version, kept.xml FROM kept, kept_link WHERE kept_link.kept = %s"
                        " AND kept_link.part = 'rule' AND kept.id = kept_link.other",
                        value, 1, err);
}

static enum dr_code deliver_rules(struct store *store, const struct store_rows *rows, struct dr_error *err)
{
    enum dr_code code = DR_OK;
    for (unsigned i = 0; code == DR_OK && i < rows->rows; i++) {
        struct kept rule = {.version = store_number(rows, i, 1), .xml = (char *)store_cell(rows, i, 2)};
        const char *id = store_cell(rows, i, 0);
        dr_id_parse(&rule.id, id, strlen(id));
        code = deliver(store, &rule, KEPT_RULE, err);
    }
    return code;
}

/* ---- put, remove ---- */

static enum dr_code write_all(const struct call *call, struct kept *kept, const struct group *group,
                              struct dr_error *err)
{
    struct store *store = call->store;
    struct store_rows before = {0}, after = {0};
    enum dr_code code = rules_of(store, &before, &group->id, err);
    if (code == DR_OK)
        code = kept_put(call, kept, KEPT_GROUP, &group_model, group, err);
    if (code == DR_OK)
        code = link_all(store, group, err);
    if (code == DR_OK)
        code = rules_of(store, &after, &group->id, err);
    if (code == DR_OK)
        code = deliver_rules(store, &before, err);
    if (code == DR_OK)
        code = deliver_rules(store, &after, err);
    store_rows_free(&before);
    store_rows_free(&after);
    return code == DR_OK ? deliver(store, kept, KEPT_GROUP, err) : code;
}

enum dr_code group_kept_put(const struct call *call, struct kept *kept, struct group *group, struct dr_error *err)
{
    kept->id = group->id;
    memcpy(kept->name, group->name, sizeof kept->name);
    if (check_rules(call, group, err) != DR_OK || choose_runners(call->store, group, err) != DR_OK ||
        group_check(group, err) != DR_OK ||
        kept_check_name(call->store, KEPT_GROUP, group->name, &group->id, err) != DR_OK)
        return err->code;
    return write_all(call, kept, group, err);
}

enum dr_code group_kept_remove(const struct call *call, const struct kept *kept, struct dr_error *err)
{
    struct store_rows rules = {0};
    enum dr_code code = rules_of(call->store, &rules, &kept->id, err);
    if (code == DR_OK)
        code = kept_remove(call->store, &kept->id, err);
    if (code == DR_OK)
        code = deliver_drop(call->store, &kept->id, KEPT_GROUP, err);
    if (code == DR_OK)
        code = deliver_rules(call->store, &rules, err);
    store_rows_free(&rules);
    return code;
}
