/* SPDX-License-Identifier: Apache-2.0 */
#include "console/export/sheet.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define BECOMES_FORMULA "=+-@\t\r"
#define FILE_NAME       "/tmp/drconsole-XXXXXX" /* libxlsxwriter writes into files only */

struct sheet {
    enum sheet_kind kind;
    char *text;
    size_t size;
    FILE *csv; /* into text */
    char file[sizeof FILE_NAME];
    lxw_workbook *book;
    lxw_worksheet *page;
    unsigned rows;
};

const char *sheet_type(enum sheet_kind kind)
{
    return kind == SHEET_CSV ? "text/csv; charset=utf-8"
                             : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
}

static enum dr_code open_csv(struct sheet *sheet, struct dr_error *err)
{
    sheet->csv = open_memstream(&sheet->text, &sheet->size);
    if (sheet->csv == NULL || fputs(BYTE_ORDER_MARK, sheet->csv) < 0)
        return dr_fail(err, DR_FULL, "no memory for a table");
    return DR_OK;
}

static enum dr_code open_xlsx(struct sheet *sheet, struct dr_error *err)
{
    memcpy(sheet->file, FILE_NAME, sizeof FILE_NAME);
    int fd = mkstemp(sheet->file);
    if (fd < 0)
        return dr_fail(err, DR_IO, "cannot make a file in /tmp: %s: free some space there", strerror(errno));
    close(fd);
    sheet->book = workbook_new(sheet->file);
    sheet->page = sheet->book != NULL ? workbook_add_worksheet(sheet->book, NULL) : NULL;
    return sheet->page != NULL ? DR_OK : dr_fail(err, DR_FULL, "no memory for a table");
}

enum dr_code sheet_create(struct sheet **made, enum sheet_kind kind, struct dr_error *err)
{
    struct sheet *sheet = *made = calloc(1, sizeof *sheet);
    if (sheet == NULL)
        return dr_fail(err, DR_FULL, "no memory for a table");
    sheet->kind = kind;
    return kind == SHEET_CSV ? open_csv(sheet, err) : open_xlsx(sheet, err);
}

/* Spreadsheets read some texts as formulas; an apostrophe before them makes them texts again. */
static void put_csv(FILE *to, const char *text)
{
    fputc('"', to);
    if (text[0] != '\0' && strchr(BECOMES_FORMULA, text[0]) != NULL)
        fputc('\'', to);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', to);
        fputc(*text, to);
    }
    fputc('"', to);
}

enum dr_code sheet_row(struct sheet *sheet, const char *const *cell, unsigned cells, struct dr_error *err)
{
    for (unsigned i = 0; i < cells; i++) {
        if (sheet->kind == SHEET_CSV) {
            fputs(i > 0 ? "," : "", sheet->csv);
            put_csv(sheet->csv, cell[i]);
        } else {
            lxw_error failure = worksheet_write_string(sheet->page, sheet->rows, (lxw_col_t)i, cell[i], NULL);
            if (failure != LXW_NO_ERROR)
                return dr_fail(err, DR_FULL, "row %u of the table: %s", sheet->rows + 1, lxw_strerror(failure));
        }
    }
    if (sheet->kind == SHEET_CSV && fputs("\r\n", sheet->csv) < 0)
        return dr_fail(err, DR_FULL, "no memory for a table");
    sheet->rows++;
    return DR_OK;
}

static enum dr_code read_file(const char *file, char **bytes, size_t *size, struct dr_error *err)
{
    struct stat facts;
    FILE *from = fopen(file, "rb");
    if (from == NULL || fstat(fileno(from), &facts) != 0) {
        enum dr_code code = dr_fail(err, DR_IO, "cannot read %s: %s", file, strerror(errno));
        if (from != NULL)
            fclose(from);
        return code;
    }
    *size = (size_t)facts.st_size;
    *bytes = malloc(*size + 1);
    bool whole = *bytes != NULL && fread(*bytes, 1, *size, from) == *size;
    fclose(from);
    return whole ? DR_OK : dr_fail(err, DR_IO, "cannot read all of %s", file);
}

enum dr_code sheet_finish(struct sheet *sheet, char **bytes, size_t *size, struct dr_error *err)
{
    *bytes = NULL;
    if (sheet->kind == SHEET_CSV) {
        bool good = ferror(sheet->csv) == 0 && fclose(sheet->csv) == 0;
        sheet->csv = NULL;
        *bytes = sheet->text;
        *size = sheet->size;
        sheet->text = NULL;
        return good ? DR_OK : dr_fail(err, DR_FULL, "no memory for a table");
    }
    lxw_error failure = workbook_close(sheet->book);
    sheet->book = NULL;
    if (failure != LXW_NO_ERROR)
        return dr_fail(err, DR_IO, "cannot write %s: %s: free some space there", sheet->file, lxw_strerror(failure));
    return read_file(sheet->file, bytes, size, err);
}

void sheet_free(struct sheet *sheet)
{
    if (sheet == NULL)
        return;
    if (sheet->csv != NULL)
        fclose(sheet->csv);
    if (sheet->book != NULL)
        lxw_workbook_free(sheet->book);
    if (sheet->file[0] != '\0')
        unlink(sheet->file);
    free(sheet->text);
    free(sheet);
}
