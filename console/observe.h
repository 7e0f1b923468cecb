/* SPDX-License-Identifier: Apache-2.0
 * console/observe.h - what the console tells of its calls: a line of log/drconsole.log where one is due, and numbers
 * for /metrics. No parameter of a call is in either, since some are secrets. */
#ifndef DR_CONSOLE_OBSERVE_H
#define DR_CONSOLE_OBSERVE_H

#include "console/http/answer.h"
#include "console/http/request.h"

#include <stdint.h>

struct console;

/* Upper ends in microseconds; the last bucket has none. */
#define OBSERVE_BUCKETS                                                                                                \
    {                                                                                                                  \
        1000, 5000, 10000, 30000, 100000, 300000, 1000000, 3000000                                                     \
    }
#define OBSERVE_BUCKET_COUNT 9

/* Counted since the start; each by itself: no lock is needed for a page of numbers. */
struct observed {
    _Atomic uint64_t ok, failed, refused, no_call; /* code 0; another code; 403; 400 */
    _Atomic uint64_t login_refused, store_errors;
    _Atomic uint64_t bucket[OBSERVE_BUCKET_COUNT], took_us;
};

/* After each call, in its worker. */
void observe_call(struct console *console, const struct request *request, const struct answer *answer,
                  uint64_t took_us);

#endif
