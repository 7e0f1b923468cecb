/* SPDX-License-Identifier: Apache-2.0 */
#include "console/rule/kept.h"

#include "console/auth/permission.h"
#include "console/console.h"
#include "core/id.h"
#include "net/xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS "id, name, account, stamp, version, created_at, replication, xml"

void kept_free(struct kept *kept)
{
    free(kept->xml);
    kept->xml = NULL;
}

bool kept_sees_all(const struct call *call)
{
    const struct role *role = role_by_name(call->request->user.role);
    return role != NULL && strcmp(role->may, "*") == 0;
}

void kept_tell(const struct call *call, enum dr_code code, const struct dr_error *err)
{
    switch (code) {
    case DR_OK: break;
    case DR_NOT_FOUND: answer_fail(call->answer, CODE_NO_ENTRY, "%s", ""); break;
    case DR_REFUSED: answer_fail(call->answer, CODE_NAME_TAKEN, "%s", ""); break;
    case DR_BUSY: answer_fail(call->answer, CODE_CHANGED_MEANWHILE, "%s", ""); break;
    case DR_INVALID: answer_fail(call->answer, CODE_PARAMETER, " %s", err->text); break;
    default: answer_fail(call->answer, CODE_STORE, "%s", err->text); break;
    }
}

enum dr_code kept_read(const struct kept *kept, const struct model_object *type, void *object, struct dr_error *err)
{
    return xml_read(type, object, kept->xml, strlen(kept->xml), kept->name, err);
}

static enum dr_code fill(struct kept *kept, const struct store_rows *rows, struct dr_error *err)
{
    const char *id = store_cell(rows, 0, 0);
    *kept = (struct kept){.version = store_number(rows, 0, 4),
                          .created_at = store_number(rows, 0, 5),
                          .replication = store_number(rows, 0, 6) != 0,
                          .xml = strdup(store_cell(rows, 0, 7))};
    dr_id_parse(&kept->id, id, strlen(id));
    snprintf(kept->name, sizeof kept->name, "%s", store_cell(rows, 0, 1));
    snprintf(kept->account, sizeof kept->account, "%s", store_cell(rows, 0, 2));
    snprintf(kept->stamp, sizeof kept->stamp, "%s", store_cell(rows, 0, 3));
    return kept->xml != NULL ? DR_OK : dr_fail(err, DR_FULL, "no memory");
}

enum dr_code kept_find(const struct call *call, struct kept *kept, const char *kind, const struct dr_id *id,
                       struct dr_error *err)
{
    const char *value[] = {kind, id->hex, call->request->user.name, kept_sees_all(call) ? "*" : ""};
    struct store_rows rows;
    *kept = (struct kept){0};
    enum dr_code code = store_select(call->store, &rows,
                                     "SELECT " COLUMNS " FROM kept WHERE kind = %s AND id = %s"
                                     " AND (account = %s OR %s = '*')",
                                     value, 4, err);
    if (code == DR_OK)
        code = rows.rows == 0 ? dr_fail(err, DR_NOT_FOUND, "there is no %s %s", kind, id->hex) : fill(kept, &rows, err);
    store_rows_free(&rows);
    return code;
}

enum dr_code kept_check_name(struct store *store, const char *kind, const char *name, const struct dr_id *but,
                             struct dr_error *err)
{
    const char *value[] = {kind, name, but->hex};
    struct store_rows rows;
    enum dr_code code =
        store_select(store, &rows, "SELECT 1 FROM kept WHERE kind = %s AND name = %s AND id <> %s", value, 3, err);
    if (code == DR_OK && rows.rows > 0)
        code = dr_fail(err, DR_REFUSED, "another %s has the name %.128s", kind, name);
    store_rows_free(&rows);
    return code;
}

static enum dr_code write_xml(struct kept *kept, const struct model_object *type, const void *object,
                              struct dr_error *err)
{
    size_t size;
    char *text = malloc(XML_SIZE_MAX);
    if (text == NULL)
        return dr_fail(err, DR_FULL, "no memory");
    enum dr_code code = xml_write(text, XML_SIZE_MAX, &size, type, object, err);
    if (code != DR_OK) {
        free(text);
        return code;
    }
    free(kept->xml);
    kept->xml = text;
    return DR_OK;
}

static enum dr_code insert(const struct call *call, const struct kept *kept, const char *kind, const char *version,
                           const char *now, struct dr_error *err)
{
    const char *value[] = {kept->id.hex, kind,    kept->name, kept->account,
                           kept->stamp,  version, kept->xml,  kept->replication ? "1" : "0",
                           now,          now};
    return store_run(call->store, NULL,
                     "INSERT INTO kept (id, kind, name, account, stamp, version, xml, replication, created_at,"
                     " updated_at) VALUES (%s, %s, %s, %s, %s, %lld, %s, %d, %lld, %lld)",
                     value, 10, err);
}

static enum dr_code update(const struct call *call, const struct kept *kept, const char *version, const char *now,
                           struct dr_error *err)
{
    char former[24];
    const char *value[] = {kept->name, kept->stamp, version, kept->xml, now, kept->id.hex, former};
    int changed = 0;
    snprintf(former, sizeof former, "%lld", kept->version - 1);
    enum dr_code code =
        store_run(call->store, &changed,
                  "UPDATE kept SET name = %s, stamp = %s, version = %lld, xml = %s, updated_at = %lld WHERE id = %s"
                  " AND version = %lld",
                  value, 7, err);
    if (code != DR_OK || changed == 1)
        return code;
    return dr_fail(err, DR_BUSY, "somebody else has changed %s meanwhile", kept->name);
}

enum dr_code kept_put(const struct call *call, struct kept *kept, const char *kind, const struct model_object *type,
                      const void *object, struct dr_error *err)
{
    char version[24], now[24];
    bool is_new = kept->version++ == 0;
    if (write_xml(kept, type, object, err) != DR_OK)
        return err->code;
    if (!random_uuid(kept->stamp))
        return dr_fail(err, DR_IO, "the system has no random numbers");
    snprintf(version, sizeof version, "%lld", kept->version);
    snprintf(now, sizeof now, "%lld", call->console->now_s());
    if (is_new)
        snprintf(kept->account, sizeof kept->account, "%s", call->request->user.name);
    return is_new ? insert(call, kept, kind, version, now, err) : update(call, kept, version, now, err);
}

enum dr_code kept_remove(struct store *store, const struct dr_id *id, struct dr_error *err)
{
    const char *value[] = {id->hex};
    if (kept_unlink(store, id, err) != DR_OK)
        return err->code;
    return store_run(store, NULL, "DELETE FROM kept WHERE id = %s", value, 1, err);
}

enum dr_code kept_link(struct store *store, const struct dr_id *id, const struct dr_id *other, const char *part,
                       struct dr_error *err)
{
    const char *value[] = {id->hex, other->hex, part};
    return store_run(store, NULL, "INSERT INTO kept_link (kept, other, part) VALUES (%s, %s, %s)", value, 3, err);
}

enum dr_code kept_unlink(struct store *store, const struct dr_id *id, struct dr_error *err)
{
    const char *value[] = {id->hex};
    return store_run(store, NULL, "DELETE FROM kept_link WHERE kept = %s", value, 1, err);
}
