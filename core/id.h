/* SPDX-License-Identifier: Apache-2.0
 * core/id.h - the one place that says what a node or rule id looks like: 32 upper-case hexadecimal digits. */
#ifndef DR_CORE_ID_H
#define DR_CORE_ID_H

#include "core/types.h"

/* Takes `length` bytes of text as an id; false (and *id is empty) if they are none. */
bool dr_id_parse(struct dr_id *id, const char *text, size_t length);
bool dr_id_equal(const struct dr_id *a, const struct dr_id *b);

#endif
