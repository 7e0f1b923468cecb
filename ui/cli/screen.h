/* SPDX-License-Identifier: Apache-2.0
 * ui/cli/screen.h - a terminal that is drawn again and again. */
#ifndef DR_UI_SCREEN_H
#define DR_UI_SCREEN_H

#include <stdbool.h>

/* Keys come one by one and unseen, if stdin is a terminal; screen_end() and Ctrl-C put it back. */
void screen_begin(void);
void screen_end(void);
/* Shows the text in place of the former one (or just prints it, if stdout is no terminal). */
void screen_show(const char *text);
/* Waits; false when the person wants to end: q, Ctrl-C, SIGTERM. */
bool screen_wait(int ms);

#endif
