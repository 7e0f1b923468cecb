/* SPDX-License-Identifier: Apache-2.0
 * core/mastership.h - the arithmetic of promises: which voters make a master, what promises a member holds, and until
 * when they let it act (its authority). Pure and small, so that it can be checked by reading. */
#ifndef DR_CORE_MASTERSHIP_H
#define DR_CORE_MASTERSHIP_H

#include "core/voter.h"

/* The rates of two clocks differ at most by r = 21/20. A promise is counted by its holder from when it asked, and
 * divided by r; by its giver from when it gave. */
static inline msec mastership_drift(msec span)
{
    return span * 20 / 21;
}

/* The other way round: the least span (rounded up) that still is `span` on a clock that is as slow as may be. */
static inline msec mastership_drift_over(msec span)
{
    return (span * 21 + 19) / 20;
}

enum quorum_kind {
    QUORUM_ANY = 1,      /* A; B. Not exclusive: a parted network makes two masters */
    QUORUM_TRIO = 2,     /* any two of A, B and the witness */
    QUORUM_MAJORITY = 3, /* A and B; or one of them and more than half of the witnesses */
    QUORUM_SOLO = 4      /* one member, named; the other acts with that one's vote beside its own */
};

/* Third voters that one rule may name: arbiters, a disk, etcd. */
#define WITNESSES_MAX 12u

/* Which sets of voters make a master. A value: compared, stored and sent as a whole. Voters are known by identity (0 =
 * not known yet, counts and grants nothing), never by address or position in a list. */
struct configuration {
    struct {
        term_no term;
        uint64_t counter;
    } version;
    enum quorum_kind kind;
    enum member solo; /* QUORUM_SOLO: who; else 0 */
    /* A part of it, because what one member leaves to an address after its authority the other must wait. */
    msec release_grace;
    uint64_t voter[2];               /* of A, of B */
    uint32_t witnesses;              /* TRIO: 1; MAJORITY: 1..WITNESSES_MAX, the unknown among them; else 0 */
    uint64_t witness[WITNESSES_MAX]; /* no two the same, but for 0 */
};

/* The configurations of which a quorum is needed in each: the present one, and those that the other member may still
 * be on while a change of it has not been acknowledged. */
#define CONFIGURATIONS_MAX 4
struct configuration_set {
    unsigned count; /* 1..CONFIGURATIONS_MAX; the last is the present one */
    struct configuration of[CONFIGURATIONS_MAX];
};

struct promise {
    uint64_t identity; /* who gave it; 0 = nobody */
    msec end;          /* on the holder's clock */
    bool handed_over;
    term_no behind; /* the mark in the voter's store when it last answered */
};

/* Promises by identity: the two members, and the witnesses of a configuration and of the one that follows it. */
#define PROMISES_MAX (2 + 2 * WITNESSES_MAX)
struct mastership {
    struct promise promise[PROMISES_MAX];
    struct vote_round round; /* of the last request */
    uint64_t void_before;    /* answers to requests with a lower number do not count */
};

/* Nothing is held; requests are numbered from 1 in life `start` of this member. */
void mastership_init(struct mastership *m, uint64_t start);
/* The round of the next request. */
struct vote_round mastership_next_round(struct mastership *m);
/* Forgets every promise; answers to requests made so far are void (give-back, candidature). */
void mastership_clear(struct mastership *m);
/* The authority that a former life of this member had until `end`, as if every voter of the set had promised it. */
void mastership_resume(struct mastership *m, const struct configuration_set *set, msec end);
/* A granted answer to a request sent at `asked`. Returns false when it is void. */
bool mastership_granted(struct mastership *m, const struct vote_reply *reply, msec asked);

/* Until when the promises held let `self` act: the least over the configurations of the largest, over their quorums
 * that have self's own vote, of the smallest end. 0 = no quorum. */
msec mastership_authority(const struct mastership *m, const struct configuration_set *set, enum member self);
/* When the promise of that voter ends; 0 = none is held. */
msec mastership_end(const struct mastership *m, uint64_t identity);
/* A quorum that holds until after `now` contains a promise that came with "handed over, nothing held". */
bool mastership_handed_over(const struct mastership *m, const struct configuration_set *set, enum member self,
                            msec now);

/* What the other member cannot become master without, in each configuration, has stored that it is behind (marked by a
 * mastership of `self`). */
bool mastership_behind_noted(const struct mastership *m, const struct configuration_set *set, enum member self);

/* No longer encoding. */
#define CONFIGURATION_WIRE 140u
void configuration_encode(struct cursor *c, const struct configuration *configuration);
bool configuration_decode(struct cursor *c, struct configuration *configuration);
int configuration_newer(const struct configuration *a, const struct configuration *b); /* by version: > 0, 0, < 0 */
bool configuration_equal(const struct configuration *a, const struct configuration *b);
bool configuration_same(const struct configuration *a, const struct configuration *b); /* but for the version */
bool configuration_names(const struct configuration *c, uint64_t identity);            /* as a witness; never 0 */

#endif
