/* SPDX-License-Identifier: Apache-2.0
 * platform/clock.h - the two clocks: one to measure with, one to show to people. */
#ifndef DR_PLATFORM_CLOCK_H
#define DR_PLATFORM_CLOCK_H

#include "core/types.h"

/* Milliseconds since boot, suspend included: what core calls `now`. Never goes back. */
msec clock_now(void);
/* Milliseconds since 1970, for logs and events only: it may jump. */
int64_t clock_wall(void);
/* Local time as a place in the week: day 0 = Monday, minute of the day. A changed time zone counts at once. */
void clock_week(unsigned *day, unsigned *minute);
void clock_sleep(msec span);

#endif
