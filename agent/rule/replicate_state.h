/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/replicate_state.h - the inside of struct replicate, shared by replicate.c, flip.c and session.c. */
#ifndef DR_AGENT_RULE_REPLICATE_STATE_H
#define DR_AGENT_RULE_REPLICATE_STATE_H

#include "agent/rule/replicate.h"
#include "agent/rule/terms.h"

#include <pthread.h>

enum session_lane { SESSION_REPLICATION, SESSION_MIRROR, SESSIONS };

struct replicate {
    struct replicate_config config;
    char state[CONFIG_PATH_SIZE], terms_file[CONFIG_PATH_SIZE];

    /* Written by hands only, under the lock; hands reads them without. */
    struct capture_link *link;   /* used by hands only; what it maps is read by all */
    struct capture_link *stream; /* the source's own */
    struct target *target;
    struct source *source;
    struct terms terms;
    bool writable;
    bool uncovered;    /* a capture that had covered the folders has ended, and no other is there yet */
    bool damaged;      /* what is durable about the target cannot be used: it could not be opened */
    term_no following; /* receiving: the mastership that is followed */
    bool receiving;

    pthread_mutex_t lock;
    pthread_cond_t change;
    struct wire *session[SESSIONS];
};

/* Does the target hold what a peer sent (true), or our own last mastership's data, or nothing? */
bool replicate_holds_foreign(const struct replicate *r, const struct target_progress *progress);

/* Makes new terms durable, then ours. */
enum dr_code replicate_note(struct replicate *r, const struct terms *terms, struct dr_error *err) DR_MUST_USE;

/* Ends both sessions and waits until they have. */
void replicate_end_sessions(struct replicate *r);

#endif
