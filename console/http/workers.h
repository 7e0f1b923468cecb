/* SPDX-License-Identifier: Apache-2.0
 * console/http/workers.h - threads that make the answers, so that the thread of the connections never waits for a data
 * base or a password's hash. A full queue is told at once: the caller answers "try again". */
#ifndef DR_CONSOLE_HTTP_WORKERS_H
#define DR_CONSOLE_HTTP_WORKERS_H

#include "core/error.h"

#include <stdbool.h>

#define WORKERS_MAX   16
#define WORKERS_QUEUE 1024

/* `own`: what this worker has to itself. */
typedef void workers_job(void *own, void *job);

struct workers;

enum dr_code workers_start(struct workers **workers, workers_job *run, void *const *own, unsigned count,
                           struct dr_error *err) DR_MUST_USE;
/* False: the queue is full. Any thread. */
bool workers_give(struct workers *workers, void *job);
/* What was given is finished first. */
void workers_stop(struct workers *workers);

#endif
