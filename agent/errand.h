/* SPDX-License-Identifier: Apache-2.0
 * agent/errand.h - work that waits costs no thread: a thousand rules are mostly idle. An errand says what it waits for
 * (descriptors, a moment, errand_wake()), and is carried on by one of a few workers when that has come; by one at a
 * time. One worker at a time watches for all that wait, and carries what it has seen itself, so that nothing is handed
 * over on the way; another one watches then. How many are carried at once is bounded for each kind by itself: what
 * blocks (a peer that takes nothing, a mirror) delays its own kind only. See agent/source/README.md. */
#ifndef DR_AGENT_ERRAND_H
#define DR_AGENT_ERRAND_H

#include "core/error.h"
#include "core/types.h"

#include <stdbool.h>

/* Who of them may wait for whom, here or on the other node: SEND, MIRROR for RECEIVE there; DIAL for the end of a
 * RECEIVE there; TELL for HEAR there. RECEIVE and HEAR wait for no errand: so there is always one that can go on. */
enum errand_kind {
    ERRAND_HEAR,    /* acknowledgements come in */
    ERRAND_TELL,    /* ... and go out */
    ERRAND_SEND,    /* records go out */
    ERRAND_RECEIVE, /* ... and come in */
    ERRAND_DIAL,    /* connections are made */
    ERRAND_MIRROR,  /* a tree is read and sent */
    ERRAND_KINDS
};

struct errands; /* of a node */
struct errand;

struct errand_rest { /* what follows when it was carried on */
    enum errand_next {
        ERRAND_PARK,  /* until a descriptor is readable, `until`, or errand_wake() */
        ERRAND_SLEEP, /* the same, but deaf to its descriptors */
        ERRAND_AGAIN, /* it has more to do: after those that wait already */
        ERRAND_OVER   /* never again; over() is called, and the errand is gone */
    } next;
    enum errand_kind kind;
    msec until; /* INT64_MAX: there is no such moment */
};

#define ERRAND_DESCRIPTORS 2
#define ERRAND_LOOK        20 /* ms */

struct errand_config {
    struct errand_rest (*carry)(void *baton);
    void (*over)(void *baton); /* NULL: it never returns ERRAND_OVER */
    void *baton;
    enum errand_kind kind;              /* of the first time */
    int descriptor[ERRAND_DESCRIPTORS]; /* -1: none; stay the caller's, and open until errand_end() or over() */
};

struct errands_config {
    unsigned most[ERRAND_KINDS]; /* carried at once; 0: the default */
    /* One line when errands have waited long for a worker; at most once a minute for each kind. */
    void (*say)(void *baton, const char *line);
    void *baton;
};

enum dr_code errands_create(struct errands **all, const struct errands_config *config,
                            struct dr_error *err) DR_MUST_USE;
/* After the last errand has ended. */
void errands_destroy(struct errands *all);
/* Threads that there are now. */
unsigned errands_threads(struct errands *all);

/* It is carried for the first time at once. */
enum dr_code errand_begin(struct errand **errand, struct errands *all, const struct errand_config *config,
                          struct dr_error *err) DR_MUST_USE;
/* Is carried on, once more if it is being carried now. Any thread. */
void errand_wake(struct errand *errand);
/* Is carried no more, and gone, when this returns; waits while it is being carried. Not for one that may be over by
 * itself, and not from its own carry(). */
void errand_end(struct errand *errand);

/* From its own carry(): */
/* It works since `began`. False: others of its kind wait for a worker, and it has had one for long enough. */
bool errand_may_go_on(struct errand *errand, msec began);
/* Nothing is left to do, but there was at `worked`: true while more may come soon, and no other of its kind waits for a
 * worker. Then it waits here, no longer than ERRAND_LOOK at a time. */
bool errand_may_linger(struct errand *errand, msec worked);
/* Goes on as another kind now; false: as many of that kind as may be are carried already. */
bool errand_turn(struct errand *errand, enum errand_kind kind);
/* How many of a kind are carried at once. */
unsigned errand_most(const struct errand *errand, enum errand_kind kind);

#endif
