/* SPDX-License-Identifier: Apache-2.0
 * core/ha_message.h - what members and witnesses of a rule say to each other (lanes heartbeat and arbitration).
 * One shape: a beat, which may carry a vote request, and the answer to it, which carries the vote. */
#ifndef DR_CORE_HA_MESSAGE_H
#define DR_CORE_HA_MESSAGE_H

#include "core/cursor.h"
#include "core/mastership.h"

#define HA_MESSAGE_VERSION 2u
#define HA_MESSAGE_WIRE    384u /* no encoded message is longer */

enum ha_message_kind { HA_BEAT = 1, HA_ANSWER = 2 };

enum ha_phase { HA_PHASE_NONE = 0, HA_PHASE_MIRRORING = 1, HA_PHASE_REPLICATING = 2 };

/* What the monitors of a rule say on one member; bit i: the rule's monitor i. One in neither has not been decided yet,
 * is not watched in this role, or is `log only`. */
struct ha_monitors {
    uint32_t failed, good;
    uint32_t list; /* a sum over what the monitors are: bits of another list mean other objects */
};

/* What a member says about itself in every beat and answer. */
struct ha_report {
    struct vote_round stamp; /* orders the reports of one member */
    uint64_t identity;       /* of its voter */
    bool acting;             /* is master: holds authority, has or takes the resources */
    bool asking;             /* candidate, or a master without authority */
    bool switching;          /* resources are on their way */
    bool stopped;            /* left the rule on a person's word */
    bool able;    /* could be master: not stopped, its target not mixed, its folders covered, no pause, not the lower
                   * side of a split */
    bool initial; /* its settings name it as the initial master */
    bool rejoins; /* it lost its store, and a person has put it into the rule again */
    bool failed_here; /* not long ago it switched away because a monitored object had failed here */
    enum ha_phase phase;
    struct ha_monitors monitors;
    uint32_t priority;
    term_no term;     /* that it acts or asks in, or follows as slave; 0 = none */
    term_no acted;    /* highest of its own in which it was master */
    term_no seen;     /* highest of all that it knows of */
    term_no ask_now;  /* the planned hand-over: "ask me now in this term"; 0 = none */
    term_no split[2]; /* A's and B's term that were masters at once; 0, 0 = none, or a person has chosen */
    struct configuration configuration;
};

struct ha_message {
    enum ha_message_kind kind;
    struct dr_id rule;
    enum member from;        /* MEMBER_NONE: a witness, which has no report */
    uint64_t asker;          /* identity of the asker's voter; an answer repeats it */
    struct vote_round round; /* of the asker; an answer repeats it */
    msec sent;               /* on the asker's clock; an answer repeats it */
    struct vote_request ask; /* BEAT; kind VOTE_NONE if it asks for nothing */
    bool voted;              /* ANSWER: `vote` holds */
    struct vote_reply vote;
    struct ha_report report;
};

/* A member's last mastership. One that ended before it could write counts too, where another was master at once. */
static inline term_no ha_last_of(term_no acted, term_no split)
{
    return split > acted ? split : acted;
}

/* A request's `acted` is that of the report. */
void ha_message_encode(struct cursor *c, const struct ha_message *m);
/* Checks every bound; false (and c bad) for what no member or witness of ours would send. */
bool ha_message_decode(struct cursor *c, struct ha_message *m);
/* The highest term that it speaks of. */
term_no ha_message_term(const struct ha_message *m);

#endif
