/* SPDX-License-Identifier: Apache-2.0
 * console/batch.h - one call about several things: what came of each, and the worst as the answer's code. */
#ifndef DR_CONSOLE_BATCH_H
#define DR_CONSOLE_BATCH_H

#include "console/route.h"

/* An id in a list of ids; the element of a MODEL_LIST. */
#define BATCH_ID_SIZE 41
struct batch_id {
    char uuid[BATCH_ID_SIZE];
};
extern const struct model_object batch_id_model;

/* Puts one element into success_list or fail_list, and into all_list; `key` is the name of its id there. */
void batch_note(const struct call *call, const char *key, const char *uuid, enum code code);

#endif
