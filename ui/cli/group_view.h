/* SPDX-License-Identifier: Apache-2.0
 * ui/cli/group_view.h - groups and their plans as people read them. */
#ifndef DR_UI_GROUP_VIEW_H
#define DR_UI_GROUP_VIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

void group_view_list(FILE *out, const json_t *answer);
void group_view_show(FILE *out, const json_t *answer);
/* Those after the event with that number; returns the number of the last. An event a line, as JSON if wanted. */
long long group_view_events(FILE *out, const json_t *answer, bool json, long long after);

#endif
