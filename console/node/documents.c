/* SPDX-License-Identifier: Apache-2.0
 * A document that shall go is one without text, until the node says that it has gone. */
#include "console/node/documents.h"

#include "console/uuid.h"

#include <stdio.h>
#include <string.h>

struct place {
    struct dr_id node, id;
    const char *kind;
};

static enum dr_code place_of(struct place *place, const char *node_uuid, const char *kind, const char *id,
                             struct dr_error *err)
{
    place->kind = kind;
    if (strcmp(kind, DOCUMENT_RULE) != 0 && strcmp(kind, DOCUMENT_GROUP) != 0)
        return dr_fail(err, DR_INVALID, "there are no documents of the kind %s", kind);
    if (!uuid_read(&place->node, node_uuid) || !uuid_read(&place->id, id))
        return dr_fail(err, DR_INVALID, "%.64s or %.64s is no id", node_uuid, id);
    return DR_OK;
}

enum dr_code documents_want(struct store *store, const char *node_uuid, const char *kind, const char *id,
                            long long version, const char *xml, struct dr_error *err)
{
    struct place place;
    char number[24];
    int changed = 0;
    if (place_of(&place, node_uuid, kind, id, err) != DR_OK)
        return err->code;
    snprintf(number, sizeof number, "%lld", version);
    const char *value[] = {number, xml, place.node.hex, kind, place.id.hex};
    if (store_run(store, &changed,
                  "UPDATE document SET version = %lld, xml = %s, error = '', sent = 0"
                  " WHERE node = %s AND kind = %s AND id = %s",
                  value, 5, err) != DR_OK ||
        changed > 0)
        return changed > 0 ? DR_OK : err->code;
    return store_run(store, NULL,
                     "INSERT INTO document (version, xml, node, kind, id, running_version, error, sent)"
                     " VALUES (%lld, %s, %s, %s, %s, 0, '', 0)",
                     value, 5, err);
}

enum dr_code documents_drop(struct store *store, const char *node_uuid, const char *kind, const char *id,
                            struct dr_error *err)
{
    struct place place;
    if (place_of(&place, node_uuid, kind, id, err) != DR_OK)
        return err->code;
    const char *value[] = {place.node.hex, kind, place.id.hex};
    return store_run(store, NULL,
                     "UPDATE document SET xml = '', version = version + 1, error = '', sent = 0"
                     " WHERE node = %s AND kind = %s AND id = %s AND xml <> ''",
                     value, 3, err);
}

enum dr_code documents_state(struct store *store, struct document_state *state, const char *node_uuid, const char *kind,
                             const char *id, struct dr_error *err)
{
    struct place place;
    struct store_rows rows;
    if (place_of(&place, node_uuid, kind, id, err) != DR_OK)
        return err->code;
    const char *value[] = {place.node.hex, kind, place.id.hex};
    enum dr_code code = store_select(store, &rows,
                                     "SELECT version, running_version, error, CASE WHEN xml = '' THEN 1 ELSE 0 END"
                                     " FROM document WHERE node = %s AND kind = %s AND id = %s",
                                     value, 3, err);
    if (code == DR_OK && rows.rows == 0)
        code = dr_fail(err, DR_NOT_FOUND, "node %s has no %s %s", place.node.hex, kind, place.id.hex);
    *state = (struct document_state){.version = store_number(&rows, 0, 0),
                                     .running_version = store_number(&rows, 0, 1),
                                     .dropped = store_number(&rows, 0, 3) != 0};
    snprintf(state->error, sizeof state->error, "%s", store_cell(&rows, 0, 2));
    store_rows_free(&rows);
    return code;
}
