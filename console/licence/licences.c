/* SPDX-License-Identifier: Apache-2.0 */
#include "console/licence/licences.h"

#include "console/auth/random.h"
#include "console/system/setting.h"
#include "core/id.h"
#include "net/licence_sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum column { UUID, SERIAL, DOCUMENT, ACCOUNT, CREATED_AT, BOUND, HAS_HOST };

static enum dr_code add_row(struct store *store, const char *sn, const char *document, const char *account,
                            long long now_s, struct dr_error *err)
{
    char uuid[RANDOM_UUID_SIZE], now[24];
    const char *value[] = {uuid, sn, document, account, now};
    snprintf(now, sizeof now, "%lld", now_s);
    if (!random_uuid(uuid))
        return dr_fail(err, DR_IO, "the system has no random numbers");
    return store_run(store, NULL,
                     "INSERT INTO licence (uuid, sn, document, account, created_at) VALUES (%s, %s, %s, %s, %lld)"
                     " ON CONFLICT (sn) DO UPDATE SET document = excluded.document, account = excluded.account",
                     value, 5, err);
}

enum dr_code licences_begin(struct store *store, long long now_s, struct dr_error *err)
{
    char uuid[RANDOM_UUID_SIZE], now[24];
    struct dr_id id;
    snprintf(now, sizeof now, "%lld", now_s);
    if (!random_uuid(uuid) || !uuid_read(&id, uuid))
        return dr_fail(err, DR_IO, "the system has no random numbers");
    if (setting_put_first(store, SETTING_CONSOLE_ID, id.hex, err) != DR_OK ||
        setting_put_first(store, SETTING_FIRST_START, now, err) != DR_OK)
        return err->code;
    return add_row(store, LICENCE_TRIAL_SERIAL, "", "", now_s, err);
}

static enum dr_code read_row(const struct console *console, struct licence_row *row, const struct store_rows *rows,
                             unsigned i, unsigned long long first_start_s, struct dr_error *err)
{
    const char *document = store_cell(rows, i, DOCUMENT);
    *row = (struct licence_row){.created_at = store_number(rows, i, CREATED_AT)};
    snprintf(row->uuid, sizeof row->uuid, "%s", store_cell(rows, i, UUID));
    snprintf(row->account, sizeof row->account, "%s", store_cell(rows, i, ACCOUNT));
    row->use.bound = (uint32_t)store_number(rows, i, BOUND);
    row->use.has_host = store_number(rows, i, HAS_HOST) > 0;
    row->use.by_itself = strcmp(store_cell(rows, i, SERIAL), LICENCE_TRIAL_SERIAL) == 0;
    if (!row->use.by_itself)
        return licence_open(&row->use.licence, document, strlen(document), console->issuer_file, err);
    licence_trial(&row->use.licence, first_start_s);
    return DR_OK;
}

/* One that nobody can have signed counts for nothing: somebody wrote it into the data base, or changed the key. */
static enum dr_code read_rows(const struct console *console, struct licence_list *list, const struct store_rows *rows,
                              unsigned long long first_start_s, struct dr_error *err)
{
    struct dr_error why;
    list->row = calloc(rows->rows + 1, sizeof *list->row);
    if (list->row == NULL)
        return dr_fail(err, DR_FULL, "no memory for licences");
    for (unsigned i = 0; i < rows->rows; i++)
        if (read_row(console, &list->row[list->rows], rows, i, first_start_s, &why) == DR_OK)
            list->rows++;
    return DR_OK;
}

enum dr_code licences_load(const struct console *console, struct store *store, struct licence_list *list,
                           const struct dr_id *host, struct dr_error *err)
{
    char first[24];
    const char *value[] = {host != NULL ? host->hex : ""};
    struct store_rows rows;
    *list = (struct licence_list){0};
    if (setting_get(store, SETTING_FIRST_START, "0", first, sizeof first, err) != DR_OK)
        return err->code;
    enum dr_code code = store_select(store, &rows,
                                     "SELECT uuid, sn, document, account, created_at,"
                                     " (SELECT COUNT(*) FROM licence_binding WHERE licence = uuid),"
                                     " (SELECT COUNT(*) FROM licence_binding WHERE licence = uuid AND node = %s) FROM "
                                     "licence ORDER BY created_at, sn",
                                     value, 1, err);
    if (code == DR_OK)
        code = read_rows(console, list, &rows, strtoull(first, NULL, 10), err);
    store_rows_free(&rows);
    return code;
}

void licences_free(struct licence_list *list)
{
    free(list->row);
    *list = (struct licence_list){0};
}

const struct licence_row *licences_find(const struct licence_list *list, const char *uuid)
{
    for (unsigned i = 0; i < list->rows; i++)
        if (strcmp(list->row[i].uuid, uuid) == 0)
            return &list->row[i];
    return NULL;
}

enum dr_code licences_import(const struct console *console, struct store *store, const char *text, size_t size,
                             const char *account, struct dr_error *err)
{
    struct licence licence;
    struct licence_list list;
    char own[DR_ID_DIGITS + 1];
    enum dr_code code = licence_open(&licence, text, size, console->issuer_file, err);
    if (code == DR_REFUSED)
        return dr_fail(err, DR_PROTOCOL, "%s", err->text);
    if (code != DR_OK || setting_get(store, SETTING_CONSOLE_ID, "", own, sizeof own, err) != DR_OK)
        return err->code;
    if (licence.console.hex[0] != '\0' && strcmp(licence.console.hex, own) != 0)
        return dr_fail(err, DR_REFUSED, "licence %s is for console %s, this one is %s", licence.sn, licence.console.hex,
                       own);
    if (strcmp(licence.sn, LICENCE_TRIAL_SERIAL) == 0)
        return dr_fail(err, DR_PROTOCOL, "no licence is issued under the serial number of the trial");
    code = licences_load(console, store, &list, NULL, err);
    if (code == DR_OK && list.rows >= LICENCES_MAX)
        code = dr_fail(err, DR_FULL, "there are %d licences: delete those that have ended", LICENCES_MAX);
    for (unsigned i = 0; i < list.rows && code == DR_OK; i++)
        if (strcmp(list.row[i].use.licence.sn, licence.sn) == 0 && list.row[i].use.licence.until_s >= licence.until_s)
            code = dr_fail(err, DR_BUSY, "licence %s is here already", licence.sn);
    licences_free(&list);
    return code == DR_OK ? add_row(store, licence.sn, text, account, console->now_s(), err) : code;
}

enum dr_code licences_remove(struct store *store, const char *uuid, struct dr_error *err)
{
    const char *value[] = {uuid, LICENCE_TRIAL_SERIAL};
    int changed = 0;
    if (store_run(store, NULL, "DELETE FROM licence_binding WHERE licence = %s", &uuid, 1, err) != DR_OK ||
        store_run(store, &changed, "DELETE FROM licence WHERE uuid = %s AND sn <> %s", value, 2, err) != DR_OK)
        return err->code;
    return changed > 0 ? DR_OK : dr_fail(err, DR_NOT_FOUND, "no licence %s that may be deleted", uuid);
}
