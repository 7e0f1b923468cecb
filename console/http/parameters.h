/* SPDX-License-Identifier: Apache-2.0
 * console/http/parameters.h - a call's parameters as the object that its table describes (core/model.h). Numbers may
 * come as texts and texts as numbers, as the generations of clients do; what the table does not know is skipped. */
#ifndef DR_CONSOLE_HTTP_PARAMETERS_H
#define DR_CONSOLE_HTTP_PARAMETERS_H

#include "core/model.h"

#include <jansson.h>

/* Defaults, then what is there. False: `wrong` lists every field that is missing or out of bounds, by its name, in the
 * form that clients know: "Lost: a; Lost: b[c];". */
bool parameters_read(const struct model_object *type, void *object, const json_t *parameters, char *wrong,
                     size_t wrong_size);

#endif
