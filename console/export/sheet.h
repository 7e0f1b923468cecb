/* SPDX-License-Identifier: Apache-2.0
 * console/export/sheet.h - a table as a file that spreadsheets open: CSV (UTF-8 with its mark, lines end in CR LF), or
 * XLSX. No cell becomes a formula, whatever it holds. */
#ifndef DR_CONSOLE_EXPORT_SHEET_H
#define DR_CONSOLE_EXPORT_SHEET_H

#include "core/error.h"

#include <stddef.h>

enum sheet_kind { SHEET_CSV, SHEET_XLSX };
struct sheet;

enum dr_code sheet_create(struct sheet **sheet, enum sheet_kind kind, struct dr_error *err) DR_MUST_USE;
enum dr_code sheet_row(struct sheet *sheet, const char *const *cell, unsigned cells, struct dr_error *err) DR_MUST_USE;
/* The file's bytes, the caller's to free. The sheet takes no more rows. */
enum dr_code sheet_finish(struct sheet *sheet, char **bytes, size_t *size, struct dr_error *err) DR_MUST_USE;
void sheet_free(struct sheet *sheet);

const char *sheet_type(enum sheet_kind kind); /* for Content-Type */

#endif
