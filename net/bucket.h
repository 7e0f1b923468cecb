/* SPDX-License-Identifier: Apache-2.0
 * net/bucket.h - a rate limit: tokens are bytes, they flow in at `rate`, and at most a tenth of a second's worth of
 * them is saved up. Pure: the clock is an argument. */
#ifndef DR_NET_BUCKET_H
#define DR_NET_BUCKET_H

#include <stdint.h>

struct bucket {
    double tokens;   /* below 0: taken in advance */
    int64_t last_us; /* when `tokens` was right */
};

/* Takes `bytes`, which may leave the bucket in debt. */
void bucket_take(struct bucket *b, uint64_t bytes);
/* How long until it is out of debt, in microseconds; 0 = go on. rate 0 = no limit: debts are forgotten. */
int64_t bucket_wait_us(struct bucket *b, uint64_t rate, int64_t now_us);

#endif
