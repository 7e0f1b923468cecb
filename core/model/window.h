/* SPDX-License-Identifier: Apache-2.0
 * core/model/window.h - a time of the week that comes again every week, in the local time of whoever asks. */
#ifndef DR_CORE_MODEL_WINDOW_H
#define DR_CORE_MODEL_WINDOW_H

#include "core/model.h"

#define WINDOW_DAYS_SIZE 64
#define WINDOW_TIME_SIZE 8

struct window {
    char days[WINDOW_DAYS_SIZE];                       /* on which it begins: "mon-fri sun" */
    char from[WINDOW_TIME_SIZE], to[WINDOW_TIME_SIZE]; /* "08:00"; not later than `from`: of the next day */
};

extern const struct model_object window_model;

/* DR_INVALID: days or times that are none, or a window of no length. */
enum dr_code window_check(const struct window *window, struct dr_error *err) DR_MUST_USE;
/* Of a window that passed the check. `day`: 0 = Monday .. 6; `minute` of it: 0..1439. The minute `to` is outside. */
bool window_covers(const struct window *window, unsigned day, unsigned minute);

#endif
