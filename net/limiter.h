/* SPDX-License-Identifier: Apache-2.0
 * net/limiter.h - one rate limit for all connections that share it. Any thread. */
#ifndef DR_NET_LIMITER_H
#define DR_NET_LIMITER_H

#include "net/bucket.h"

#include <pthread.h>

struct limiter {
    pthread_mutex_t lock; /* guards what follows */
    uint64_t rate;        /* bytes per second; 0 = no limit */
    struct bucket bucket;
};

void limiter_init(struct limiter *l, uint64_t rate);
void limiter_destroy(struct limiter *l);
/* May be changed at any time, also while somebody waits. */
void limiter_set(struct limiter *l, uint64_t rate);
uint64_t limiter_rate(struct limiter *l);
/* Takes `bytes`, in advance if need be; limiter_wait_us() says how long to wait before more may be sent. */
void limiter_take(struct limiter *l, uint64_t bytes);
int64_t limiter_wait_us(struct limiter *l);

#endif
