/* SPDX-License-Identifier: Apache-2.0
 * ui/cli/timeline.h - what a member decided and why, as lines for people: what came, what followed from it. */
#ifndef DR_UI_TIMELINE_H
#define DR_UI_TIMELINE_H

#include "core/ha_replay.h"

#include <stdio.h>

struct timeline {
    FILE *out;
    bool all;                /* steps too in which nothing changed */
    struct flight_head head; /* whose clocks tell the time of a step */
};

/* 2026-11-23 17:04:56.123 of a moment on the member's clock. */
void timeline_when(char text[32], const struct flight_head *head, msec now);
/* A step that was just made; `before` as the member was before it. */
void timeline_step(const struct timeline *t, const struct ha *before, const struct ha_event *event,
                   const struct ha *after, const struct ha_answer *answer);

#endif
