/* SPDX-License-Identifier: Apache-2.0
 * agent/target/writeback.h - keeps the disk busy while a mirror is applied. Nothing of a mirror has to be durable
 * before its end; without its thread the disk would begin to write then, and the stream would wait for it. */
#ifndef DR_AGENT_WRITEBACK_H
#define DR_AGENT_WRITEBACK_H

#include "agent/stint.h"
#include "core/error.h"
#include "platform/capture.h"

struct writeback {
    pthread_mutex_t lock;
    struct stint stint;
    int root[CAPTURE_PATHS_MAX]; /* descriptors of its own: what goes wrong here is told again to the others' syncfs */
    unsigned paths;
    size_t bytes; /* applied since the last time */
    bool stopping;
};

enum dr_code writeback_start(struct writeback *w, const int *root, unsigned paths, struct dr_error *err) DR_MUST_USE;
/* So much was written to the folders. */
void writeback_add(struct writeback *w, size_t bytes);
void writeback_stop(struct writeback *w); /* {0}, too */

#endif
