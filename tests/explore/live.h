/* SPDX-License-Identifier: Apache-2.0
 * tests/explore/live.h - what can happen next to a cluster of the simulator, one event at a time, chosen by whoever
 * calls: the driver, worker, network and checks are those of tests/sim, but nothing is drawn and no clock moves unless
 * it is told to. */
#ifndef DR_TESTS_EXPLORE_LIVE_H
#define DR_TESTS_EXPLORE_LIVE_H

#include "tests/sim/sim.h"

#define LIVE_HOSTS   4u /* two members, two arbiters */
#define LIVE_OUT_MAX 16u
#define LIVE_STEP    ((msec)500) /* of time: an interval of the settings explored */
#define LIVE_KEPT    4u          /* steps; what is longer on its way has been lost */

/* A message on its way. */
struct flight {
    uint8_t from, to, line, age; /* in steps of time */
    struct ha_message message;
};

/* What the simulator keeps in its queue of events, and a state must remember. */
struct driver {
    msec wake;
    bool effected[2], orphaned[2]; /* by lane: a child whose effect is over; an orphan whose effect may come yet */
    bool disk_bad;                 /* the next store fails */
};

struct live {
    struct sim sim;
    struct driver driver[LIVE_HOSTS];
    struct flight out[LIVE_OUT_MAX]; /* what the last event sent */
    unsigned outs;
};

enum live_op {
    LIVE_DELIVER, /* a message */
    LIVE_TICK,    /* a member's wake has come */
    LIVE_CHILD,   /* arg: lane. Its effect happens; if that is over, it ends */
    LIVE_FAIL,    /* arg: lane. It ends as failed, without effect */
    LIVE_ORPHAN,  /* arg: lane. The effect of a child whose daemon was killed */
    LIVE_KILL,    /* the daemon, and it starts again: what the kernel holds stays */
    LIVE_POWER,   /* the host, and it starts again: the disk stays */
    LIVE_DISK,    /* the next store fails */
    LIVE_SWITCH,  /* a person orders a planned switch */
    LIVE_TIME,    /* a step of time passes everywhere */
    LIVE_OPS
};

/* On one host; `flight` for LIVE_DELIVER only. Not LIVE_TIME. sim.violation says what broke. */
void live_do(struct live *w, unsigned host, enum live_op op, unsigned arg, const struct flight *flight);
/* Bits of what may happen to a host, but for messages; of what has a lane, one for each. */
#define LIVE_MAY(op)            (1u << (op))
#define LIVE_MAY_LANE(op, lane) (1u << (16 + ((op)-LIVE_CHILD) * 2 + (lane)))
uint32_t live_may(const struct live *w, unsigned host);
/* Takes what the host sent, and how far its children are, out of the simulator's queue: live_do() does it. */
void live_collect(struct live *w, unsigned host);
/* What need not wait for the search, as after each event. */
void live_end_at_once(struct live *w, unsigned host);
/* After a copy: what points into itself points home. */
void live_home(struct live *w);

#endif
