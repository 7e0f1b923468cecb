/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/runner_state.h - the inside of struct runner, shared by runner.c, step.c, lines.c, thirds.c,
 * carry.c and report.c. */
#ifndef DR_AGENT_RULE_RUNNER_STATE_H
#define DR_AGENT_RULE_RUNNER_STATE_H

#include "agent/letters.h"
#include "agent/rule/resources.h"
#include "agent/rule/runner.h"
#include "agent/rule/worker.h"
#include "agent/scribe.h"
#include "agent/trunk.h"
#include "agent/witness/witness.h"
#include "core/ha_state.h"

#include <stdatomic.h>

/* A command that core does not know, for our own hands: note that the take-over was complete. */
#define COMMAND_TAKEN ((enum ha_command_kind)101)

struct runner_line { /* baton of a line */
    struct runner *runner;
    uint32_t number; /* of the line; of the arbiter, as its place in the rule */
    bool to_arbiter;
    struct rider *rider;
    struct wire *asked; /* decision thread: newest connection of the peer that a beat came on */
};

#define RUNNER_STORES (RULE_DISKS_MAX + RULE_ETCDS_MAX)
struct runner_store { /* baton of a third voter that is a store */
    struct runner *runner;
    uint32_t place; /* in the rule's list of third voters */
    struct witness *witness;
};

struct runner {
    struct runner_config config;
    char store_file[CONFIG_PATH_SIZE];
    struct resources resources;
    struct replicate *replicate;
    struct monitor_set *monitors; /* NULL: the rule has none */

    /* decision thread only */
    struct ha ha;
    struct recorder *recorder; /* NULL: none */
    struct ha_facts facts;     /* as core was told them last */
    bool told;
    enum ha_role role;
    msec wake, facts_at, facts_changed, role_since;
    msec *due;                              /* the earlier of the first two, where the node looks for it */
    bool target_stopped;                    /* as it was last said */
    bool inside;                            /* one of the rule's time windows, as it was last said */
    bool linked[RULE_LINES_MAX], witnessed; /* as it last was */
    bool left;                              /* letters that still come are for nobody */
    bool leasing;                           /* from a flip to read-write to the next to read-only */
    msec leased;                            /* what the last lease said */
    bool lease_failed;                      /* as it was last said */
    struct ha_said said[WITNESSES_MAX];

    /* decision thread: a STORE, and what waits for it */
    bool storing;
    struct scribe_note note;
    uint8_t bytes[HA_STORE_BYTES];
    struct runner_rest *rest;
    struct letters kept;

    struct runner_line line[RULE_LINES_MAX];
    struct runner_line arbiter[RULE_ARBITERS_MAX];
    struct runner_store store[RUNNER_STORES]; /* disk, then etcd; those that the rule has */
    unsigned stores;
    struct worker *hands, *renewer;
    struct authority authority; /* for the workers and their children */
    atomic_bool flip_waits;     /* a demotion's FLIP_RO waits for what hands has in flight */
    atomic_uint announced;      /* how often the addresses were announced since they were taken */
};

/* links.c */
void runner_watch_links(struct runner *r, const struct ha_glance *now);

/* lines.c */
enum dr_code runner_dial(struct runner *r, struct dr_error *err) DR_MUST_USE;
void runner_hang_up(struct runner *r);
void runner_send_peer(struct runner *r, uint32_t line, const struct ha_message *message);
void runner_send_arbiter(struct runner *r, uint32_t place, const struct ha_message *message);

/* carry.c: hands ends a script; a flip to read-only that waits behind it is done first */
void runner_script_ends(void *runner);

/* thirds.c: third voters of all kinds, by their place in the rule's list */
enum dr_code runner_watch_stores(struct runner *r, struct dr_error *err) DR_MUST_USE;
void runner_leave_stores(struct runner *r);
void runner_send_witness(struct runner *r, uint32_t place, const struct ha_message *message);
void runner_witness_name(const struct runner *r, uint32_t place, char *name, size_t size);
void runner_witness_check(const struct runner *r, uint32_t place, char *text, size_t size); /* if it does not answer */

/* carry.c: the two workers */
enum dr_code runner_hire(struct runner *r, struct dr_error *err) DR_MUST_USE;
void runner_command(struct runner *r, const struct command *command, bool at_once);

/* step.c */
/* Decides. Not while storing. */
void runner_step(struct runner *r, struct ha_event *event);
/* True: the letter waits for the store (or is lost, if it may be); false: deliver it now. */
bool runner_later(struct runner *r, const struct letter *letter, bool may_be_lost);
/* Waits for a store that is under way, and does nothing of what would follow it. */
void runner_forget_rest(struct runner *r);

/* runner.c */
void runner_note_due(struct runner *r);
/* Any thread. */
void runner_done(struct runner *r, uint64_t command, bool ok, const char *text);

#endif
