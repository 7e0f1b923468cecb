/* SPDX-License-Identifier: Apache-2.0 */
#include "net/bucket.h"

#define SECOND_US 1000000
#define SAVE_US   (SECOND_US / 10)

void bucket_take(struct bucket *b, uint64_t bytes)
{
    b->tokens -= (double)bytes;
}

int64_t bucket_wait_us(struct bucket *b, uint64_t rate, int64_t now_us)
{
    double most = (double)rate * SAVE_US / SECOND_US;
    double flowed = (double)rate * (double)(now_us - b->last_us) / SECOND_US;
    b->last_us = now_us;
    b->tokens = rate == 0 ? 0 : b->tokens + flowed;
    if (b->tokens > most)
        b->tokens = most;
    return b->tokens >= 0 ? 0 : (int64_t)(-b->tokens * SECOND_US / (double)rate) + 1;
}
