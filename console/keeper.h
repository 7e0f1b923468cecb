/* SPDX-License-Identifier: Apache-2.0
 * console/keeper.h - a thread that throws away what is too old: sessions, and lines of the operation log; and that says
 * which licence ends soon. */
#ifndef DR_CONSOLE_KEEPER_H
#define DR_CONSOLE_KEEPER_H

#include "console/console.h"

struct keeper;

/* `keep_days`: of the operation log. */
enum dr_code keeper_start(struct keeper **keeper, struct console *console, unsigned keep_days,
                          struct dr_error *err) DR_MUST_USE;
void keeper_stop(struct keeper *keeper);

/* One round, as the thread does it each hour. */
enum dr_code keeper_round(struct console *console, struct store *store, unsigned keep_days,
                          struct dr_error *err) DR_MUST_USE;

#endif
