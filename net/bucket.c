/* SPDX-License-Identifier: Apache-2.0 */
#include "net/bucket.h"

#define SECOND_US 1000000
#define SAVE_US   (SECOND_US / 10)

void bucket_take(struct bucket *b, uint64_t bytes)
{
    b->tokens -= (int64_t)bytes;
}

int64_t bucket_wait_us(struct bucket *b, uint64_t rate, int64_t now_us)
{
    int64_t elapsed = now_us - b->last_us;
    b->last_us = now_us;
    if (rate == 0) {
        b->tokens = 0;
        return 0;
    }
    /* In floating point: a rate times a long silence overflows 64 bits. */
    double tokens = (double)b->tokens + (double)rate * (double)elapsed / SECOND_US;
    double most = (double)rate * SAVE_US / SECOND_US;
    b->tokens = (int64_t)(tokens < most ? tokens : most);
    return b->tokens >= 0 ? 0 : (int64_t)((double)-b->tokens * SECOND_US / (double)rate) + 1;
}
