/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/clock.c - CLOCK_BOOTTIME counts suspend, as the promises of a voter must. */
#include "platform/clock.h"

#include <errno.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec at;
    clock_gettime(id, &at);
    return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

msec clock_now(void)
{
    return read_clock(CLOCK_BOOTTIME);
}

int64_t clock_wall(void)
{
    return read_clock(CLOCK_REALTIME);
}

void clock_week(unsigned *day, unsigned *minute)
{
    time_t now = time(NULL);
    struct tm local;
    tzset();
    localtime_r(&now, &local);
    *day = (unsigned)(local.tm_wday + 6) % 7;
    *minute = (unsigned)(local.tm_hour * 60 + local.tm_min);
}

void clock_sleep(msec span)
{
    struct timespec left = {.tv_sec = span / 1000, .tv_nsec = span % 1000 * 1000000};
    while (span > 0 && nanosleep(&left, &left) < 0 && errno == EINTR)
        ;
}
