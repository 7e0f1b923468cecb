/* SPDX-License-Identifier: Apache-2.0
 * Which host has which licence: one a feature, which the data base's own key makes sure of. */
#include "console/licence/licences.h"

#include <stdio.h>
#include <stdlib.h>

/* Until the transaction ends nobody else counts its hosts. */
static enum dr_code lock(struct store *store, const char *uuid, struct dr_error *err)
{
    return store_run(store, NULL, "UPDATE licence SET created_at = created_at WHERE uuid = %s", &uuid, 1, err);
}

static enum dr_code bound(struct store *store, const char *uuid, long long *hosts, struct dr_error *err)
{
    struct store_rows rows;
    enum dr_code code =
        store_select(store, &rows, "SELECT COUNT(*) FROM licence_binding WHERE licence = %s", &uuid, 1, err);
    *hosts = store_number(&rows, 0, 0);
    store_rows_free(&rows);
    return code;
}

/* DR_BUSY: the host has another for this feature. */
static enum dr_code bind_one(struct store *store, const struct licence_row *row, const struct dr_id *host,
                             long long now_s, struct dr_error *err)
{
    char now[24];
    int added = 0;
    const char *value[] = {host->hex, row->use.licence.feature, row->uuid, now};
    snprintf(now, sizeof now, "%lld", now_s);
    if (store_run(store, &added,
                  "INSERT INTO licence_binding (node, feature, licence, created_at) VALUES (%s, %s, %s, %lld)"
                  " ON CONFLICT (node, feature) DO NOTHING",
                  value, 4, err) != DR_OK)
        return err->code;
    return added > 0 ? DR_OK
                     : dr_fail(err, DR_BUSY, "host %s has another licence for %s: unbind it there first", host->hex,
                               row->use.licence.feature);
}

/* A place of the trial is given up for a licence. */
static enum dr_code leave_trial(struct store *store, const struct dr_id *host, struct dr_error *err)
{
    const char *value[] = {host->hex, LICENCE_TRIAL_SERIAL};
    return store_run(store, NULL,
                     "DELETE FROM licence_binding WHERE node = %s AND licence IN"
                     " (SELECT uuid FROM licence WHERE sn = %s)",
                     value, 2, err);
}

enum dr_code licences_bind(const struct console *console, struct store *store, const struct licence_row *row,
                           const struct dr_id *host, unsigned hosts, struct dr_error *err)
{
    const char *uuid = row->uuid;
    if (!licence_has_room(&row->use.licence, hosts))
        return dr_fail(err, DR_FULL, "licence %s is for %u hosts, %u are given", row->use.licence.sn,
                       row->use.licence.hosts, hosts);
    if (lock(store, uuid, err) != DR_OK ||
        store_run(store, NULL, "DELETE FROM licence_binding WHERE licence = %s", &uuid, 1, err) != DR_OK)
        return err->code;
    for (unsigned i = 0; i < hosts; i++)
        if (leave_trial(store, &host[i], err) != DR_OK ||
            bind_one(store, row, &host[i], console->now_s(), err) != DR_OK)
            return err->code;
    return DR_OK;
}

/* It had room when it was looked at; now it is locked. */
static enum dr_code take_place(const struct console *console, struct store *store, const struct licence_row *row,
                               const struct dr_id *node, struct dr_error *err)
{
    long long hosts;
    if (lock(store, row->uuid, err) != DR_OK || bound(store, row->uuid, &hosts, err) != DR_OK)
        return err->code;
    if (!licence_has_room(&row->use.licence, (uint64_t)hosts + 1))
        return dr_fail(err, DR_REFUSED, "the trial is for %u hosts, and has them", row->use.licence.hosts);
    return bind_one(store, row, node, console->now_s(), err);
}

static enum dr_code judge(const struct console *console, struct store *store, const struct licence_list *list,
                          const char *feature, const struct dr_id *node, struct dr_error *err)
{
    unsigned index = 0;
    struct licence_use *use = calloc(list->rows + 1, sizeof *use);
    if (use == NULL)
        return dr_fail(err, DR_FULL, "no memory for licences");
    for (unsigned i = 0; i < list->rows; i++)
        use[i] = list->row[i].use;
    enum licence_verdict verdict = licence_judge(&index, use, list->rows, feature, (uint64_t)console->now_s());
    free(use);
    switch (verdict) {
    case LICENCE_OK: return DR_OK;
    case LICENCE_BIND: return take_place(console, store, &list->row[index], node, err);
    case LICENCE_RAN_OUT:
        return dr_fail(err, DR_REFUSED, "licence %s of host %s has ended: what runs goes on, nothing new can be made",
                       list->row[index].use.licence.sn, node->hex);
    default: return dr_fail(err, DR_REFUSED, "host %s has no licence for %s: bind one to it", node->hex, feature);
    }
}

enum dr_code licence_allows(const struct console *console, struct store *store, const char *feature,
                            const struct dr_id *node, struct dr_error *err)
{
    struct licence_list list;
    enum dr_code code = licences_load(console, store, &list, node, err);
    if (code == DR_OK)
        code = judge(console, store, &list, feature, node, err);
    licences_free(&list);
    return code;
}
