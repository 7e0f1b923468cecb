/* SPDX-License-Identifier: Apache-2.0
 * core/voter.h - promises its vote for one rule to one candidate at a time. The same machine in A, in B and in each
 * arbiter. Pure: reads no clock, sends nothing, allocates nothing. Feed it one request, carry out the answer (store
 * first, then send). */
#ifndef DR_CORE_VOTER_H
#define DR_CORE_VOTER_H

#include "core/cursor.h"

/* The longest promise that any settings allow: interval 60 s * max_fail 10. */
#define VOTER_LENGTH_MAX ((msec)600000)

/* Orders the requests of one asker: how often it started, and a number that grows within one life of it. */
struct vote_round {
    uint64_t start;
    uint64_t number;
};

enum vote_kind { VOTE_NONE = 0, VOTE_ASK, VOTE_GIVE_BACK };

struct vote_request {
    enum vote_kind kind;
    term_no term;
    enum member candidate;
    uint64_t
        asker; /* identity of the candidate's own voter: who lost its store is another one, with rounds of its own */
    struct vote_round round;
    msec length;   /* of the promise asked for */
    term_no acted; /* last mastership of the candidate */
    bool forced;   /* a person overrides promises to the other, and what was marked; never an older term */
    bool behind;   /* the other member's data are behind that mastership: mark it; false takes that back */
};

struct vote_reply {
    bool granted;
    bool handed_over;  /* set by a member only: it was master, gave this very term away, and holds nothing */
    uint64_t identity; /* of the voter */
    struct vote_round round;
    msec length; /* granted: what was promised; refused: what is left of the promise that stands in the way */
    term_no term;
    enum member candidate; /* whom it is promised to, in which term */
    term_no behind;        /* as in the store; refused to the member that it marks: this is why */
};

/* Durable. A lost store is a new voter with a new identity, that no configuration names. */
struct voter_store {
    uint64_t identity; /* random, made with the store; never 0 */
    term_no term;
    enum member candidate; /* MEMBER_NONE: promised to nobody */
    msec length;
    term_no behind; /* the mastership whose holder marked the other member as behind; 0 = none did */
};

/* Whom a request comes from, as known since the voter's own start. An identity that another one has replaced is not
 * heard any more: what the network still holds of it is void. */
struct voter_asker {
    uint64_t identity, replaced;
    struct vote_round last; /* {0, 0} = none */
};

struct voter {
    struct voter_store store;
    msec until;
    struct voter_asker asker[2];
    bool unsaved; /* the last store failed: nothing may be answered before one succeeds */
};

struct voter_answer {
    bool reply_due;  /* false: ignored, or a give-back */
    bool must_store; /* v->store, before the reply leaves */
    struct vote_reply reply;
};

/* A promise made before a crash still holds: it counts from `now`, for its full length. */
void voter_init(struct voter *v, const struct voter_store *stored, msec now);

/* `now` never goes back. At any instant the vote is promised to at most one candidate. */
void voter_step(struct voter *v, const struct vote_request *ask, msec now, struct voter_answer *out);

/* The store that voter_step() asked for failed; its reply must not be sent. */
void voter_store_failed(struct voter *v);

/* Whom the vote is promised to at `now`; MEMBER_NONE when the promise has run out. */
enum member voter_promised(const struct voter *v, msec now);

/* Whom the store marks as behind; MEMBER_NONE = nobody. */
enum member voter_behind(const struct voter_store *store);

/* For durable records; decode checks every bound. */
void voter_store_encode(struct cursor *c, const struct voter_store *store);
bool voter_store_decode(struct cursor *c, struct voter_store *store);

/* < 0, 0, > 0 as a is older than, the same as, newer than b. */
int vote_round_compare(struct vote_round a, struct vote_round b);

#endif
