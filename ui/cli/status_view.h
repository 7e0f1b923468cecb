/* SPDX-License-Identifier: Apache-2.0
 * ui/cli/status_view.h - a status answer as people read it. */
#ifndef DR_UI_STATUS_VIEW_H
#define DR_UI_STATUS_VIEW_H

#include <jansson.h>
#include <stdio.h>

void status_view_print(FILE *out, const json_t *answer);
/* The part of one rule that says why it is not better. */
void status_view_why(FILE *out, const json_t *rule);

/* A field of a status object; "" or 0 if it is not there. */
const char *status_view_text(const json_t *object, const char *key);
long long status_view_number(const json_t *object, const char *key);
int status_view_is(const json_t *object, const char *key);

#endif
