/* SPDX-License-Identifier: Apache-2.0
 * tests/sim/sim.h - a whole cluster in one thread: two members with the real core, up to 12 arbiters with the real
 * voter, the network between them, their kernels and their clocks. One seed decides everything, so that a failure
 * replays. */
#ifndef DR_TESTS_SIM_H
#define DR_TESTS_SIM_H

#include "core/arbiter.h"
#include "core/ha_state.h"
#include "platform/fake/fake.h"
#include "tests/sim/store.h"

typedef fake_usec usec; /* true time, that no machine knows */

#define SECOND   FAKE_SECOND
#define FOREVER  FAKE_FOREVER
#define WITNESS  2 /* the first arbiter, as a host */
#define HOSTS    (WITNESS + WITNESSES_MAX)
#define LINES    4     /* at most */
#define LINE_ARB LINES /* the line of each member to each arbiter */

/* What a seed draws; a directed scenario sets it by hand. */
struct plan {
    struct ha_config config[2];
    unsigned arbiters;              /* hosts that answer votes, from WITNESS on */
    uint8_t list[2][WITNESSES_MAX]; /* which of them the rule's file names, on each member; config[].witnesses many */
    int64_t rate[HOSTS];            /* ticks of a host's clock in a million of true time */
    usec delay_least, delay_most;
    unsigned loss, duplication; /* per 1000 messages */
    unsigned stall;             /* per 1000 actions; the driver stops between two of them */
    usec stall_most;
    unsigned slow; /* per 1000 commands; the child takes up to slow_most */
    usec slow_most;
    bool worst; /* children often finish just before their deadline, addresses go as late as they can, all else is quick
                 */
    unsigned fail;                   /* per 1000 commands */
    unsigned disk_fail;              /* per 1000 stores */
    usec faults_every, faults_until; /* mean distance of faults, and when they end */
    usec objects_every;              /* mean distance of what befalls monitored objects; 0: nothing does */
    enum store_kind store;           /* what stands in the first arbiter's place */
    bool orders, forces, identities; /* persons switch, stop and start; force; arbiters lose their stores */
    bool edits, losses;              /* lists of arbiters are edited; members lose their stores too */
};

struct command {
    enum ha_command_kind kind;
    uint64_t id;
    term_no term;
    msec lifetime, deadline, limit;
};

/* The serial resource worker, or the lane of renewals beside it. */
struct lane {
    struct command queue[8];
    unsigned length;
    bool running;
    uint64_t token; /* of what runs; older tokens were killed */
    struct fake_process child;
    bool ok;
};

struct tape;

struct host {
    unsigned self; /* MEMBER_A, MEMBER_B, or an arbiter's number from WITNESS on */
    bool up;
    uint64_t life;       /* events of a former life are void */
    struct fake_host os; /* its clock, its kernel, its capture process */

    /* the process */
    struct ha ha;
    struct voter voter; /* WITNESS */
    struct ha_answer answer;
    uint32_t next_action;
    bool pending;      /* stalled in the middle of an answer */
    struct tape *tape; /* NULL: this run has none */
    uint64_t wake;
    struct lane lane[2], orphan[2]; /* children of a killed daemon go on until their instant */
    struct ha_facts facts;
    struct ha_monitors objects; /* as its monitors see them */
    bool outside;               /* of the rule's time windows */
    bool told;                  /* the core knows `facts` */
    struct store_client store;

    /* what a crash keeps */
    uint8_t disk[HA_STORE_BYTES];
    size_t disk_size;
    struct ha_store durable; /* what `disk` says; for invariant 4 */
    term_no fence;           /* highest term that any take was for */

    bool taken; /* noted beside the lease of the folders: the take-over was complete */

    struct vip vip;
    struct capture_link *folders;
    term_no source, target;
    bool volume;    /* mounted: no kernel takes it away, but ... */
    msec authority; /* ... on its clock, as a living daemon last told it: children that mount die then ... */
    msec watchdog;  /* ... and the machine itself, if the volume is still mounted, then */
};

struct event;

struct sim {
    uint64_t seed, random;
    bool trace;
    struct plan plan;
    struct host host[HOSTS];
    bool cut[HOSTS][HOSTS][LINES + 1]; /* from, to, line */
    usec now;
    struct event *heap;
    size_t events, room;
    uint64_t order;
    bool overridden; /* a person forced: invariant 1 no longer binds */
    bool lost;       /* a member lost its store: until a person puts it into the rule again nobody may be master */
    usec replicating_from;
    struct witness_pair records; /* of the store */
    uint64_t identity;           /* last given */
    uint64_t objects;            /* how often something befell one */
    /* invariant 4, seen from outside: to whom a voter's vote is promised */
    struct {
        uint64_t identity;
        enum member candidate;
        msec until;
    } promised[HOSTS];
    /* what happened, so that no run is empty */
    uint64_t takes, hands, evasions, demotions, resumed, stores_failed, mounts, opened, closed, solos;
    char violation[256]; /* "" = none */
};

/* ---- world.c: time and events ---- */
void sim_begin(struct sim *s, uint64_t seed, const struct plan *plan, bool trace);
void sim_run(struct sim *s, usec until); /* stops at a violation */
void sim_end(struct sim *s);
uint64_t sim_draw(struct sim *s, uint64_t below);
bool sim_chance(struct sim *s, unsigned per_1000);
void sim_violated(struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_trace(struct sim *s, const struct host *h, const char *format, ...) __attribute__((format(printf, 3, 4)));
msec host_clock(const struct sim *s, const struct host *h);
unsigned sim_hosts(const struct sim *s); /* how many there are */
char host_name(unsigned host);           /* A, B, then 1, 2 .. 9, a, b, c for arbiters */

enum event_kind {
    EVENT_WAKE,
    EVENT_MESSAGE,
    EVENT_EFFECT,
    EVENT_DONE,
    EVENT_RESUME,
    EVENT_FAULT,
    EVENT_START,
    EVENT_REPLICATION,
    EVENT_OBJECT,
    EVENT_CUT,
    EVENT_STORE
};
struct event {
    usec at;
    uint64_t order;
    enum event_kind kind;
    unsigned host;
    uint64_t life, token;
    unsigned lane, line, from;
    struct ha_message *message;
};
void sim_post(struct sim *s, usec at, struct event event);

/* ---- host.c: a member's driver, the arbiter's, and the network ---- */
void host_make(struct sim *s, struct host *h);
void host_start(struct sim *s, struct host *h);
void host_crash(struct sim *s, struct host *h, bool power);
void host_wake(struct sim *s, struct host *h, const struct event *e);
void host_message(struct sim *s, struct host *h, const struct event *e);
void host_done(struct sim *s, struct host *h, const struct event *e);
void host_resume(struct sim *s, struct host *h);
bool host_writes(const struct host *h); /* may its application */
bool host_order(struct sim *s, struct host *h, enum ha_order order);
void host_facts(struct sim *s, struct host *h);
void host_stall(struct sim *s, struct host *h, usec length);
void host_lose_store(struct sim *s, struct host *h);
void host_watchdog(struct sim *s, struct host *h); /* bites if it is time */

/* ---- worker.c: commands and the kernel ---- */
void worker_submit(struct sim *s, struct host *h, const struct ha_action *a);
void worker_effect(struct sim *s, struct host *h, const struct event *e);
void worker_next(struct sim *s, struct host *h, unsigned lane);
void worker_crash(struct host *h, bool power);
void worker_kill(struct sim *s, struct host *h);
void worker_kill_script(struct sim *s, struct host *h);
/* Tells the capture worker, children and watchdog the authority that the core has now. */
void worker_lease(struct sim *s, struct host *h);
void world_replication(struct sim *s); /* mirrors and replicates where both halves run */

/* ---- faults.c ---- */
/* Monitors by role, as bits of struct ha_monitors. */
#define WATCH_MASTER 1u
#define WATCH_BOTH   2u
#define WATCH_SLAVE  4u
#define WATCH_ALL    7u
void plan_draw(struct plan *plan, uint64_t seed);
void plan_calm(struct plan *plan); /* default settings, no faults */
void fault_happen(struct sim *s);
void fault_heal(struct sim *s);
void object_happen(struct sim *s);
void isolate(struct sim *s, unsigned alone);
void list_arbiters(struct plan *plan, unsigned count); /* on both members, in their order */
void cut_between(struct sim *s, unsigned a, unsigned b, bool cut);

/* ---- tape.c: a flight recorder of each member, played again; in one seed of many ---- */
void tape_begin(struct sim *s);
void tape_event(struct sim *s, struct host *h, const struct ha_event *event);
void tape_answer(struct sim *s, struct host *h);
void tape_end(struct sim *s); /* plays the rest */

/* ---- check.c ---- */
void check_instant(struct sim *s);
void check_take(struct sim *s, struct host *h, const struct command *c);
void check_evasion(struct sim *s, const struct host *h);
void check_store(struct sim *s, struct host *h);
bool check_exclusive(const struct sim *s); /* no member may act on its own vote alone */
void check_vote(struct sim *s, const struct host *h, const struct ha_message *m);
void check_give_back(struct sim *s, const struct host *h, const struct vote_request *ask);
usec check_bound(const struct sim *s); /* of invariant 5 */
bool check_live(struct sim *s);        /* invariant 5: heals, waits, and looks for a master */

/* ---- scenarios.c, scenarios_joint.c, scenarios_terms.c, scenarios_margins.c ---- */
struct scenario {
    const char *name; /* what must hold, with the behaviour ids that it covers */
    bool (*run)(struct sim *s);
    unsigned arbiters; /* that the rule names */
};
/* Each ends with one without a name. */
extern const struct scenario scenarios[], joint_scenarios[], term_scenarios[], margin_scenarios[];

#endif
