/* SPDX-License-Identifier: Apache-2.0
 * lead.h - which of the threads reads /dev/fuse. The leader may keep the lead while it carries a request out itself, so
 * that nobody has to be woken; a watch relieves it when that takes longer than LEAD_TICK to 2 * LEAD_TICK. */
#ifndef DR_CAPTURE_LEAD_H
#define DR_CAPTURE_LEAD_H

#include "core/error.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#define LEAD_TICK_US 2000u
#define LEAD_QUIET   10u /* ticks with nothing kept, after which the watch sleeps until something is */
#define LEAD_REST    50u /* ticks after a relief in which nothing is kept: what blocked once may again */

/* Requests that one thread leads through; then another one does, in turn. A thread that is busy all the time is woken
 * on a processor of its own, far from the application: two wake-ups of a halted (virtual) processor for each request,
 * 60 us where the work is 15. Some schedulers keep a thread that does little beside whoever wakes it. Others do not
 * care. A request counts as one more for each LEAD_PART that it carries: what matters is how long a thread is busy, and
 * 1 MiB takes as long as 64 small ones. */
#define LEAD_TURN 64u
#define LEAD_PART (16u << 10)

/* More threads than usually wait: each has a condition of its own then. */
#define LEAD_SEATS 32u

struct waiter;
struct lead {
    pthread_mutex_t lock;
    TAILQ_HEAD(, waiter) waiters; /* who waits to lead, longest first */
    pthread_cond_t given[LEAD_SEATS];
    unsigned seat;       /* whose turn it is to be waited at */
    pthread_cond_t kept; /* the watch is to wake */
    const void *leader;  /* NULL: vacant */
    bool carrying;       /* the leader carries a request out instead of reading */
    bool asleep, end;    /* the watch is, is to */
    uint64_t carried;    /* requests that were kept */
    unsigned rest;       /* ticks until the next may be */
    size_t turn;         /* of LEAD_TURN: what the leader has kept */
    unsigned idle;       /* threads that wait to lead */
    unsigned away;       /* threads that gave the lead, or lost it, and are at work */

    pthread_t watch;
    void (*more)(void *baton); /* nobody is left to lead */
    void *baton;
};

enum dr_code lead_init(struct lead *l, void (*more)(void *baton), void *baton, struct dr_error *err) DR_MUST_USE;
/* When every thread that leads has left. */
void lead_end(struct lead *l);

/* Waits until `who` is the leader. */
void lead_take(struct lead *l, const void *who);
/* The leader lets another one lead, and is away with a request until lead_done(). */
void lead_give(struct lead *l);
/* The leader carries something out that should be short, until lead_done(). False: others are away, and what they do
 * (an fsync) may be what makes this wait; or it went wrong lately. Give, then. */
bool lead_keep(struct lead *l);
/* The request is carried out: what is left to do waits for nothing. */
void lead_done(struct lead *l, const void *who);
/* After that, with the bytes that it carried: is `who` the leader still? No: its turn is over, or it was relieved. */
bool lead_kept(struct lead *l, const void *who, size_t bytes);
/* How many wait to lead. */
unsigned lead_idle(struct lead *l);

#endif
