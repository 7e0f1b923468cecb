/* SPDX-License-Identifier: Apache-2.0
 * net/deadline.h - a limit becomes a moment once, so that a wait in several steps does not grow. */
#ifndef DR_NET_DEADLINE_H
#define DR_NET_DEADLINE_H

#include "core/types.h"

#include <limits.h>
#include <time.h>

static inline msec clock_msec(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (msec)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline msec deadline_after(msec limit)
{
    msec now = clock_msec();
    return limit > INT64_MAX - now ? INT64_MAX : now + limit;
}

/* What is left, as poll() takes it: never negative (that would mean for ever). */
static inline int deadline_left(msec deadline)
{
    msec left = deadline - clock_msec();
    if (left <= 0)
        return 0;
    return left > INT_MAX ? INT_MAX : (int)left;
}

#endif
