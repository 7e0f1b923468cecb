/* SPDX-License-Identifier: Apache-2.0
 * agent/errand_state.h - what errand.c, errand_worker.c and errand_due.c share. Nobody else's. */
#ifndef DR_AGENT_ERRAND_STATE_H
#define DR_AGENT_ERRAND_STATE_H

#include "agent/errand.h"
#include "platform/watch.h"

#include <pthread.h>

enum errand_state { ERRAND_PARKED, ERRAND_READY, ERRAND_CARRIED };

struct errand { /* all but config under errands->lock */
    struct errands *all;
    struct errand_config config;
    enum errand_kind kind;
    enum errand_state state;
    bool woken; /* while it was carried */
    bool ended;
    msec until, ready_since;
    unsigned place;      /* in errands->due, from 1; 0: not there */
    struct errand *next; /* in its queue; among the dead */
};

struct errand_queue {
    struct errand *first, *last;
    unsigned count;
    unsigned carried, most; /* of this kind */
    msec said;
};

struct errands {
    struct errands_config config;
    struct watch *watch;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t work;  /* for workers that rest */
    pthread_cond_t left;  /* an errand is not carried any more; a thread has ended */
    struct errand_queue queue[ERRAND_KINDS];
    unsigned turn; /* the kind that is looked at first */
    struct errand **due;
    unsigned dues, due_room;
    unsigned count;      /* of errands: due has room for all */
    bool watching;       /* a worker waits for all that is parked ... */
    msec watch_until;    /* ... till then at the latest */
    struct errand *dead; /* ended while it was: it may still hear of them */
    unsigned threads, resting;
    unsigned called, coming; /* of those that rest; these, and new ones: they look for work in a moment */
    unsigned least_resting;  /* in this window of time: more than one of them is one too many */
    unsigned too_many;       /* end when they come to rest */
    msec window_end;
    bool ending;
};

/* errand.c; all under the lock */
void errand_make_ready(struct errand *e);
/* As it said when it was carried; over: it is dead when this returns. */
void errand_settle(struct errand *e, const struct errand_rest *rest);
void errand_bury(struct errands *all);

/* errand_worker.c; under the lock */
/* If there is work that nobody comes for, or nobody watches: one more comes. */
void errands_call(struct errands *all);

/* errand_due.c: a heap, the earliest first; under the lock */
bool errand_due_room(struct errands *all, unsigned count);
void errand_due_add(struct errand *e);
void errand_due_remove(struct errand *e);

#endif
