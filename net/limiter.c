/* SPDX-License-Identifier: Apache-2.0 */
#include "net/limiter.h"

#include <time.h>

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void limiter_init(struct limiter *l, uint64_t rate)
{
    *l = (struct limiter){.rate = rate};
    pthread_mutex_init(&l->lock, NULL);
}

void limiter_destroy(struct limiter *l)
{
    pthread_mutex_destroy(&l->lock);
}

void limiter_set(struct limiter *l, uint64_t rate)
{
    pthread_mutex_lock(&l->lock);
    l->rate = rate;
    pthread_mutex_unlock(&l->lock);
}

uint64_t limiter_rate(struct limiter *l)
{
    pthread_mutex_lock(&l->lock);
    uint64_t rate = l->rate;
    pthread_mutex_unlock(&l->lock);
    return rate;
}

void limiter_take(struct limiter *l, uint64_t bytes)
{
    pthread_mutex_lock(&l->lock);
    bucket_take(&l->bucket, bytes);
    pthread_mutex_unlock(&l->lock);
}

int64_t limiter_wait_us(struct limiter *l)
{
    pthread_mutex_lock(&l->lock);
    int64_t wait = bucket_wait_us(&l->bucket, l->rate, now_us());
    pthread_mutex_unlock(&l->lock);
    return wait;
}
