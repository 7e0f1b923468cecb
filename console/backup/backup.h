/* SPDX-License-Identifier: Apache-2.0
 * console/backup/backup.h - everything of a console that cannot be made again, in one file: its keys and settings, and
 * its data base as it was at one moment (sqlite3; a PostgreSQL is backed up with its own tools). */
#ifndef DR_CONSOLE_BACKUP_BACKUP_H
#define DR_CONSOLE_BACKUP_BACKUP_H

#include "core/error.h"

/* While the console of ROOT runs, too. DR_REFUSED: FILE is there. */
enum dr_code backup_make(const char *root, const char *file, struct dr_error *err) DR_MUST_USE;
/* ROOT must not be there, or be empty; it is there whole afterwards, or not at all. */
enum dr_code backup_restore(const char *root, const char *file, struct dr_error *err) DR_MUST_USE;

#endif
