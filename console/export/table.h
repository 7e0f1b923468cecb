/* SPDX-License-Identifier: Apache-2.0
 * console/export/table.h - rows of a list (JSON) as the file that a call answers with. */
#ifndef DR_CONSOLE_EXPORT_TABLE_H
#define DR_CONSOLE_EXPORT_TABLE_H

#include "console/route.h"

struct table_column {
    const char *key; /* of a row; a list of texts is joined */
    const char *en, *zh;
};

/* `type` of the call says csv (without it too) or xlsx. No row: CODE_NO_RECORD. */
void table_answer(const struct call *call, const char *name, const json_t *rows, const struct table_column *column,
                  unsigned columns);

#endif
