/* SPDX-License-Identifier: Apache-2.0
 * gate.h - every request that changes something passes here: shut it is EROFS, frozen it waits, and whoever shuts or
 * freezes it knows when the last one is through. */
#ifndef DR_CAPTURE_GATE_H
#define DR_CAPTURE_GATE_H

#include "core/ring.h"

#include <pthread.h>
#include <stdatomic.h>

#define GATE_FREEZE_MAX ((msec)10000)

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned inside;
    _Atomic bool open;
    bool lapsed;       /* the lease is over, and nobody has shut the gate since */
    bool lapse_seen;   /* ... but gate_lapse() was called */
    struct ring *ring; /* in which the lease is */
    msec frozen_until; /* of CLOCK_MONOTONIC; 0 = not frozen */
};

void gate_init(struct gate *gate, struct ring *ring); /* shut */
bool gate_is_open(const struct gate *gate);
/* 0, or -EROFS. Waits while frozen, at most GATE_FREEZE_MAX. */
int gate_enter(struct gate *gate);
/* The same without waiting: false if it is frozen. */
bool gate_enter_now(struct gate *gate);
void gate_leave(struct gate *gate);
/* Returns when nobody is inside; nobody gets in until gate_open. Ends a freeze. Was it open until now? */
bool gate_shut(struct gate *gate);
/* False: the lease is over. */
bool gate_open(struct gate *gate);
/* From `until` on nobody gets in. False: a former lease has run out, and the gate was not shut since. */
bool gate_lease(struct gate *gate, msec until);
/* When the lease is to be ended by gate_lapse(); 0: there is none, or it was. */
msec gate_lapses(struct gate *gate);
/* As gate_shut, but for the lease's end: see gate_lease. */
void gate_lapse(struct gate *gate);
/* Returns when nobody is inside; those who come wait. Thaws by itself. */
void gate_freeze(struct gate *gate, msec limit);
void gate_thaw(struct gate *gate);

#endif
