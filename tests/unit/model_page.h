/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/model_page.h - the reference page of a configuration object, made from its table. */
#ifndef DR_TESTS_MODEL_PAGE_H
#define DR_TESTS_MODEL_PAGE_H

#include "core/model.h"

#include <stdio.h>

/* Markdown: the object, then each kind of object inside it. `intro` stands below the title. */
void model_page_print(FILE *out, const struct model_object *type, const char *intro);

#endif
