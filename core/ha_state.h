/* SPDX-License-Identifier: Apache-2.0
 * core/ha_state.h - the inside of struct ha, shared by the ha*.c files; others only hold it by value. */
#ifndef DR_CORE_HA_STATE_H
#define DR_CORE_HA_STATE_H

#include "core/ha.h"

/* The one state machine; core/ha.c has its table and its picture. */
enum ha_mode {
    HA_STARTING,  /* releasing what a former life may have left */
    HA_LISTENING, /* votes for others; slave, or alone */
    HA_ASKING,    /* candidate, or a master without authority */
    HA_TAKING,    /* has authority; the take-over runs */
    HA_ACTING,    /* master */
    HA_HANDING,   /* planned switch or stop: releasing with authority */
    HA_RETAKING,  /* a hand-over failed: taking back what was released */
    HA_RELEASING, /* demotion */
    HA_STOPPED    /* by a person */
};

struct ha_peer {
    struct ha_report report;  /* newest; stamp {0, 0} = none yet */
    msec heard[HA_LINES_MAX]; /* when the last beat that was answered on this line was sent; 0 = never */
};

/* A list of commands that is being carried out. */
struct ha_job {
    const enum ha_command_kind *plan; /* NULL = none */
    uint32_t length, step;
    uint64_t id; /* of the command in flight; 0 = none */
    bool failed; /* a command of it failed */
    msec retry_at;
};

struct ha {
    struct ha_config config;
    struct ha_store store;
    struct voter voter;
    struct mastership mastership;
    struct ha_peer peer;
    struct ha_facts facts;
    enum ha_mode mode;
    struct ha_job job;
    msec now, started;
    msec beat_at;      /* next beat */
    msec asking_until; /* ASKING: give back then */
    msec ask_after;    /* LISTENING: not before */
    msec act_at;       /* TAKING: end of release_grace */
    uint64_t next_command, renewing;
    uint64_t random;
};

#endif
