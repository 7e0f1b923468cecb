/* SPDX-License-Identifier: Apache-2.0
 * console/system/setting.h - values that all consoles of one data base share, by name. */
#ifndef DR_CONSOLE_SYSTEM_SETTING_H
#define DR_CONSOLE_SYSTEM_SETTING_H

#include "console/store/store.h"

#include <stddef.h>

#define SETTING_CONSOLE_ID  "cc_uuid"      /* 32 digits: for life, also in a backup */
#define SETTING_FIRST_START "installed_at" /* seconds since 1970 */

/* `standard` where there is none. */
enum dr_code setting_get(struct store *store, const char *name, const char *standard, char *value, size_t size,
                         struct dr_error *err) DR_MUST_USE;
enum dr_code setting_put(struct store *store, const char *name, const char *value, struct dr_error *err) DR_MUST_USE;
/* Unless there is one already. */
enum dr_code setting_put_first(struct store *store, const char *name, const char *value,
                               struct dr_error *err) DR_MUST_USE;

#endif
