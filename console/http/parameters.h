/* SPDX-License-Identifier: Apache-2.0
 * console/http/parameters.h - a call's parameters as the object that its table describes (core/model.h). Numbers may
 * come as texts and texts as numbers, as the generations of clients do; what the table does not know is skipped. */
#ifndef DR_CONSOLE_HTTP_PARAMETERS_H
#define DR_CONSOLE_HTTP_PARAMETERS_H

#include "console/http/wrong.h"

/* Defaults, then what is there. False: `text` lists every field that is missing or out of bounds, by its name. */
bool parameters_read(const struct model_object *type, void *object, const json_t *parameters, char *text,
                     size_t text_size, bool zh);
/* What is there alone, into an object that has its defaults; `outer` is put before the names of fields. */
void parameters_fill(struct wrong *wrong, const struct model_object *type, void *object, const json_t *from,
                     const char *outer);

#endif
