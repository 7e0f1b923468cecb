/* SPDX-License-Identifier: Apache-2.0
 * agent/node_state.h - the inside of struct node, shared by the node*.c files. */
#ifndef DR_AGENT_NODE_STATE_H
#define DR_AGENT_NODE_STATE_H

#include "agent/arbitration.h"
#include "agent/control.h"
#include "agent/errand.h"
#include "agent/group/answer.h"
#include "agent/group/groups.h"
#include "agent/listen.h"
#include "agent/node.h"
#include "agent/rule/runner.h"
#include "agent/rule/starts.h"
#include "agent/scribe.h"
#include "agent/trunk.h"

#include <pthread.h>
#include <stdatomic.h>

/* One rule that this node has to do with: as a member, or as an arbiter. */
struct place {
    const struct rule *rule;         /* as it was when the place was made; held */
    struct runner *runner;           /* NULL: not a member */
    struct arbitration *arbitration; /* NULL: not an arbiter */
    struct group_heed heed;          /* decision thread only */
    unsigned users;                  /* threads that work with it now; under node->lock */
};

#define PLACE_BUCKETS 1024u

struct node {
    char root[CONFIG_PATH_SIZE], log_folder[CONFIG_PATH_SIZE];
    struct log *log;
    struct tls *tls;
    struct inbox *inbox;
    struct scribe *scribe;
    struct trunks *trunks;
    struct errands *errands;     /* replication's */
    struct ha_answer answer;     /* decision thread only */
    struct outbox outbox;        /* ... */
    struct recorders *recorders; /* NULL: the settings want none */
    struct listen *listen;
    struct control *control;
    struct monitors *monitors;
    struct starts starts;
    struct groups *groups;
    uint64_t life; /* random: this start */
    char script_user[NODE_USER_SIZE], program[CONFIG_PATH_SIZE];
    pthread_t decider;
    bool deciding;
    _Atomic msec shortest; /* interval of all rules */

    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t left;
    struct config *config;
    struct {
        struct dr_id peer;
        const char *why;
        msec at;
    } refused;                             /* the last one that was said */
    struct place *place[CONFIG_RULES_MAX]; /* changed by the decision thread only, which reads it without the lock */
    /* Beside the places, as each message and each decision looks through all of them: ids, and when a runner wants to
     * be called (decision thread only; INT64_MAX: there is none). */
    struct dr_id id[CONFIG_RULES_MAX];
    msec due[CONFIG_RULES_MAX];
    unsigned places;
    uint16_t bucket[PLACE_BUCKETS], chain[CONFIG_RULES_MAX]; /* places by their id, from 1; 0: the end */
};

/* node_rules.c */
void node_apply(struct node *node, const struct config *config);
void node_forget_all(struct node *node);
/* The place of a rule, which stays until node_leave(). NULL: this node has nothing to do with it. */
struct place *node_enter(struct node *node, const struct dr_id *rule);
void node_leave(struct node *node, struct place *place);

/* node_serve.c: a connection that came in */
bool node_serve(void *baton, enum lane lane, struct wire *wire, struct guest *guest);

/* node_orders.c */
extern const struct control_command node_commands[];

/* For a config_say or a listener. */
void node_say(void *baton, const char *line);

#endif
