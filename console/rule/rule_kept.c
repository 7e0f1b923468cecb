/* SPDX-License-Identifier: Apache-2.0 */
#include "console/rule/rule_kept.h"

#include "console/rule/deliver.h"
#include "console/uuid.h"
#include "core/id.h"
#include "net/xml.h"

#include <stdlib.h>
#include <string.h>

bool rule_kept_new_id(struct dr_id *id)
{
    char uuid[RANDOM_UUID_SIZE];
    return random_uuid(uuid) && uuid_read(id, uuid);
}

enum dr_code rule_kept_find(const struct call *call, struct kept *kept, struct rule *rule, const char *uuid,
                            struct dr_error *err)
{
    struct dr_id id;
    *kept = (struct kept){0};
    if (!uuid_read(&id, uuid))
        return dr_fail(err, DR_NOT_FOUND, "%.64s is no uuid", uuid);
    enum dr_code code = kept_find(call, kept, KEPT_RULE, &id, err);
    return code == DR_OK ? kept_read(kept, &rule_model, rule, err) : code;
}

/* ---- put ---- */

static enum dr_code link_nodes(struct store *store, const struct rule *rule, struct dr_error *err)
{
    enum dr_code code = kept_unlink(store, &rule->id, err);
    for (unsigned m = 0; code == DR_OK && m < rule->members; m++)
        code = kept_link(store, &rule->id, &rule->member[m].node, DELIVER_MEMBER, err);
    for (unsigned i = 0; code == DR_OK && i < rule->arbiters; i++)
        code = kept_link(store, &rule->id, &rule->arbiter[i].node, DELIVER_ARBITER, err);
    return code;
}

/* A folder is protected once: its node would refuse the second rule. */
static enum dr_code compare(const struct rule *rule, struct rule *other, const char *name, const char *xml,
                            struct dr_error *err)
{
    if (xml_read(&rule_model, other, xml, strlen(xml), name, err) != DR_OK)
        return err->code;
    for (unsigned m = 0; m < rule->members; m++) {
        const char *folder = rule_common_folder(rule, other, &rule->member[m].node);
        if (folder != NULL)
            return dr_fail(err, DR_INVALID, "%s: on %.64s rule %.64s protects %.160s, or a folder in it, already",
                           "sync_data[rule_relation][path]", rule->member[m].name, name, folder);
    }
    return DR_OK;
}

static enum dr_code check_others(struct store *store, const struct rule *rule, struct dr_error *err)
{
    const char *value[] = {rule->member[0].node.hex, rule->member[1].node.hex, rule->id.hex};
    struct store_rows rows;
    struct rule *other = malloc(sizeof *other);
    enum dr_code code =
        store_select(store, &rows,
                     "SELECT DISTINCT kept.name, kept.xml FROM kept, kept_link WHERE kept.id = kept_link.kept"
                     " AND kept_link.part = 'member' AND (kept_link.other = %s OR kept_link.other = %s)"
                     " AND kept.id <> %s",
                     value, 3, err);
    if (code == DR_OK && other == NULL)
        code = dr_fail(err, DR_FULL, "no memory");
    for (unsigned i = 0; code == DR_OK && i < rows.rows; i++)
        code = compare(rule, other, store_cell(&rows, i, 0), store_cell(&rows, i, 1), err);
    store_rows_free(&rows);
    free(other);
    return code;
}

enum dr_code rule_kept_put(const struct call *call, struct kept *kept, const struct rule *rule, struct dr_error *err)
{
    kept->id = rule->id;
    memcpy(kept->name, rule->name, sizeof kept->name);
    if (kept_check_name(call->store, KEPT_RULE, rule->name, &rule->id, err) != DR_OK ||
        check_others(call->store, rule, err) != DR_OK ||
        kept_put(call, kept, KEPT_RULE, &rule_model, rule, err) != DR_OK || link_nodes(call->store, rule, err) != DR_OK)
        return err->code;
    return deliver(call->store, kept, KEPT_RULE, err);
}

/* ---- remove ---- */

static enum dr_code check_groups(struct store *store, const struct kept *kept, struct dr_error *err)
{
    const char *value[] = {kept->id.hex};
    struct store_rows rows;
    enum dr_code code = store_select(store, &rows,
                                     "SELECT kept.name FROM kept, kept_link WHERE kept.id = kept_link.kept"
                                     " AND kept_link.part = 'rule' AND kept_link.other = %s",
                                     value, 1, err);
    if (code == DR_OK && rows.rows > 0)
        code = dr_fail(err, DR_INVALID, "rule %.64s is in group %.64s: take it out there first", kept->name,
                       store_cell(&rows, 0, 0));
    store_rows_free(&rows);
    return code;
}

enum dr_code rule_kept_remove(const struct call *call, const struct kept *kept, struct dr_error *err)
{
    if (check_groups(call->store, kept, err) != DR_OK || deliver_drop(call->store, &kept->id, KEPT_RULE, err) != DR_OK)
        return err->code;
    return kept_remove(call->store, &kept->id, err);
}
