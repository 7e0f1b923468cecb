/* SPDX-License-Identifier: Apache-2.0
 * console/store/schema.h - the tables, as numbered steps from nothing to now. A step that was ever released is never
 * changed: the next one mends it. */
#ifndef DR_CONSOLE_STORE_SCHEMA_H
#define DR_CONSOLE_STORE_SCHEMA_H

#include "console/store/store.h"

/* Carries out the steps that this data base has not seen, each in a transaction of its own. DR_REFUSED: it was made by
 * a newer console. */
enum dr_code schema_bring_up(struct store *store, const char *driver, struct dr_error *err) DR_MUST_USE;

/* Several statements without values, from schema.c only. */
enum dr_code store_script(struct store *store, const char *sql, struct dr_error *err) DR_MUST_USE;

#endif
