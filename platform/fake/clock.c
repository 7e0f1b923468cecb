/* SPDX-License-Identifier: Apache-2.0
 * platform/fake/clock.c - each host's own idea of the time that all of them share. */
#include "platform/clock.h"
#include "platform/fake/fake.h"

#define EPOCH_MS 1700000000000 /* when clocks of these hosts began, to people */

msec fake_clock(const struct fake_host *h)
{
    return (h->offset + *h->now / 1000 * h->rate / 1000 + *h->now % 1000 * h->rate / 1000000) / 1000;
}

fake_usec fake_when(const struct fake_host *h, msec clock)
{
    fake_usec ticks = clock * 1000 - h->offset;
    return ticks / h->rate * 1000000 + ticks % h->rate * 1000000 / h->rate + 1;
}

void fake_stall(struct fake_host *h, fake_usec span)
{
    h->stalled_until = *h->now + span;
}

bool fake_stalled(const struct fake_host *h)
{
    return *h->now < h->stalled_until;
}

msec clock_now(void)
{
    return fake_clock(fake_here());
}

int64_t clock_wall(void)
{
    return EPOCH_MS + clock_now();
}

void clock_sleep(msec span)
{
    if (span > 0)
        fake_pass(fake_when(fake_here(), clock_now() + span));
}
