/* SPDX-License-Identifier: Apache-2.0
 * tests/sim/store.h - an arbiter's place taken by a store that answers nobody (core/passive.h): the two records, and
 * each member's thread that reads and writes them, as agent/witness has it. */
#ifndef DR_TESTS_SIM_STORE_H
#define DR_TESTS_SIM_STORE_H

#include "core/ha_message.h"
#include "core/passive.h"

enum store_kind {
    STORE_NONE, /* an arbiter */
    STORE_DISK, /* own record written, then both read */
    STORE_ETCD  /* written only if both are as they were read */
};

struct store_client {
    struct passive passive;
    struct ha_message beat, work; /* the newest that waits; what is worked on */
    bool waits, asked;            /* there is a `beat`; `work` is one */
    enum { STORE_IDLE, STORE_LOOKS, STORE_CREATES, STORE_CLAIMS } step;
    bool fresh;     /* looked for this very request */
    uint64_t token; /* of the operation under way; there is never more than one, whatever becomes of who began it */
    bool orphan;    /* nobody waits for its end any more */
    struct witness_record record;
    struct witness_pair read;
    struct vote_reply reply;
};

struct sim;
struct host;
struct event;

void store_ask(struct sim *s, struct host *h, const struct ha_message *beat);
void store_start(struct sim *s, struct host *h);
/* The process is gone: what it began happens yet, or at a power cut perhaps. */
void store_crash(struct sim *s, struct host *h, bool power);
void store_event(struct sim *s, struct host *h, const struct event *e);
void store_lose(struct sim *s);
/* Never two with a running promise of it. */
void store_check(struct sim *s);

#endif
