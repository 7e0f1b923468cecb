/* SPDX-License-Identifier: Apache-2.0
 * console/licence/licences.h - licences of this console: which there are, which host has which, and whether something
 * new may be made. What runs is never asked. */
#ifndef DR_CONSOLE_LICENCE_LICENCES_H
#define DR_CONSOLE_LICENCE_LICENCES_H

#include "console/console.h"
#include "console/uuid.h"
#include "core/licence.h"

#define LICENCES_MAX 256

/* At each start: the console's id and its trial, if it has none yet. */
enum dr_code licences_begin(struct store *store, long long now_s, struct dr_error *err) DR_MUST_USE;

/* Before a rule that `node` takes part in is made or changed, in that call's transaction. DR_REFUSED: no
 * licence for the feature, or it has ended; the text says which. A host without one takes a place of the trial. */
enum dr_code licence_allows(const struct console *console, struct store *store, const char *feature,
                            const struct dr_id *node, struct dr_error *err) DR_MUST_USE;

/* One that was imported, or the trial. */
struct licence_row {
    char uuid[UUID_SIZE], account[REQUEST_USER_SIZE];
    long long created_at;
    struct licence_use use; /* has_host: of licences_load()'s */
};
struct licence_list {
    struct licence_row *row;
    unsigned rows;
};
/* Those whose signature fits; `host` may be NULL. Also on failure the list may be freed. */
enum dr_code licences_load(const struct console *console, struct store *store, struct licence_list *list,
                           const struct dr_id *host, struct dr_error *err) DR_MUST_USE;
void licences_free(struct licence_list *list);
/* NULL: there is none of this uuid. */
const struct licence_row *licences_find(const struct licence_list *list, const char *uuid);

/* DR_PROTOCOL: it is no licence, or was not signed by the issuer. DR_REFUSED: it is another console's. DR_BUSY: it is
 * here already; one of the same number that ends later takes its place. DR_NOT_FOUND: there is no issuer's key. */
enum dr_code licences_import(const struct console *console, struct store *store, const char *text, size_t size,
                             const char *account, struct dr_error *err) DR_MUST_USE;
/* DR_NOT_FOUND; DR_REFUSED: the trial stays. Its hosts have none then; what runs there goes on. */
enum dr_code licences_remove(struct store *store, const char *uuid, struct dr_error *err) DR_MUST_USE;
/* The complete new list of its hosts. DR_FULL: more than it is for. DR_BUSY: a host has another for the same feature.
 */
enum dr_code licences_bind(const struct console *console, struct store *store, const struct licence_row *row,
                           const struct dr_id *host, unsigned hosts, struct dr_error *err) DR_MUST_USE;

#endif
