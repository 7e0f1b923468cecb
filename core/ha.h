/* SPDX-License-Identifier: Apache-2.0
 * core/ha.h - one member of one rule: who is master, and what has to be done about it.
 * Pure: reads no clock, sends nothing, allocates nothing, calls nobody. Feed ha_step() one event with its time, carry
 * out the actions of the answer in their order, call again no later than answer.wake. */
#ifndef DR_CORE_HA_H
#define DR_CORE_HA_H

#include "core/error.h"
#include "core/ha_message.h"

#define HA_LINES_MAX   8
#define HA_TEXT_MAX    256
#define HA_ACTIONS_MAX 96

/* ---- settings ---- */

/* What killing the last users of a volume, and unmounting it, takes at most where its storage answers. */
#define HA_KILL_TIME ((msec)1000)

/* KERNEL: the addresses have a lifetime in the kernel. WATCHDOG: a fence (platform/fence.h) bounds what they can be
 * used for, to the millisecond, and a watchdog device resets a host that hangs with a volume. */
enum ha_guard { HA_GUARD_NONE = 0, HA_GUARD_KERNEL = 1, HA_GUARD_WATCHDOG = 2 };

struct ha_config {
    struct dr_id rule;
    enum member self;
    uint32_t lines; /* 1..HA_LINES_MAX */
    /* Third voters, in the order in which they are used: arbiters, a disk, etcd. Core knows them by their place in this
     * list, and by the identity that each answers with. 0..WITNESSES_MAX; 0: none, the rule is then not exclusive. */
    uint32_t witnesses;
    bool majority; /* all of them vote, more than half count; else one at a time, the next when it fails */
    msec interval; /* of beats; 50..60000 */
    uint32_t max_fail;
    msec release_grace, boot_wait;
    msec round_trip;                    /* that the settings must bear; also what a child needs to set an address */
    msec script_timeout, drain_timeout; /* of each acquire or release script; of the end of term on the slave */
    uint32_t priority;                  /* of this member; greater is better */
    enum member initial;                /* master at the very first start */
    bool auto_switch, need_rep_status, restart_takeover;
    bool vip;           /* the rule has addresses */
    bool volume;        /* the rule has shared volumes */
    msec fence_timeout; /* of a demotion of one that has: what uses them has so long to end, and is killed then */
    bool replicate[2];  /* from A, from B: that direction exists and starts by itself */
    uint32_t watch_master, watch_both; /* monitors by role, `log only` ones left out; as struct ha_monitors */
    msec failure_timeout;              /* how long a member that was left because of a monitor is not gone back to */
    enum ha_guard guard;
};

/* How a guard takes addresses away: in steps of so many ms, so late at most after the end of their lifetime; `child` is
 * what setting them takes, and `least` the lifetime from which on that is worth it. */
struct ha_fence {
    msec step, late, child, least;
};
const struct ha_fence *ha_fence_of(enum ha_guard guard);

/* DR_INVALID names the setting, its bound, and the inequality in words. */
enum dr_code ha_check(const struct ha_config *config, struct dr_error *err) DR_MUST_USE;
/* interval * max_fail: how long every promise is asked for. */
msec ha_length(const struct ha_config *config);

/* ---- durable state ---- */

struct ha_store {
    uint64_t start; /* how often this member started, this time included once ha_init() has run */
    struct voter_store voter;
    term_no seen;     /* highest term of all */
    term_no acted;    /* highest of its own in which it was master */
    term_no synced;   /* its data are those of this mastership, or of one that it was itself */
    term_no handed;   /* given away in a planned hand-over: the other may ask for this term; 0 = none */
    term_no forced;   /* a person's force carries this mastership until its voters make a quorum; 0 = none */
    term_no split[2]; /* A's and B's term that were masters at once, until a person chooses; 0, 0 = none */
    bool stopped;     /* by a person */
    bool rejoins;     /* its store was lost, and a person says that it is the rule's member all the same */
    struct configuration_set set;
};

#define HA_STORE_BYTES 1024
/* A new member: `identity` is random and not 0. */
void ha_store_create(struct ha_store *store, const struct ha_config *config, uint64_t identity);
size_t ha_store_encode(uint8_t bytes[HA_STORE_BYTES], const struct ha_store *store);
/* DR_CORRUPT: the rule must not start. */
enum dr_code ha_store_decode(struct ha_store *store, const uint8_t *bytes, size_t size,
                             struct dr_error *err) DR_MUST_USE;

/* ---- events ---- */

enum ha_event_kind {
    HA_TICK,         /* wake has come */
    HA_RECEIVED,     /* from.. message */
    HA_FACTS,        /* facts changed; the first one must come before a member becomes master by itself */
    HA_DONE,         /* a command has finished */
    HA_STORE_FAILED, /* a STORE of the last answer failed, so nothing after it was done. Before any other event */
    HA_ORDER         /* a person's; see answer.refused */
};

enum ha_order {
    HA_ORDER_SWITCH,       /* planned: give the mastership to the other member, with nothing lost */
    HA_ORDER_SWITCH_FORCE, /* the same; a release that fails or times out is not rolled back */
    HA_ORDER_TAKE_FORCE,   /* "force switch": become master though not in sync, or though the other is silent */
    HA_ORDER_STOP,         /* leave the rule; not while switching */
    HA_ORDER_STOP_FORCE,
    HA_ORDER_START,
    HA_ORDER_STOP_SCRIPT, /* kill the acquire or release script that runs, and go on */
    HA_ORDER_REJOIN       /* this member lost its store: the master may name it as a voter in the lost one's place */
};

struct ha_facts {
    enum ha_phase phase; /* of the replication half that runs here, in the present mastership */
    bool mixed;          /* own target holds no prefix */
    bool in_window;      /* inside one of the rule's time windows, or it has none */
    bool ended;          /* slave: end of term has been applied */
    bool uncovered;      /* the capture of the folders has ended: nobody can write there */
    bool alone;          /* master: it wants to go on without the other (sync): mark that one as behind */
    uint64_t lag_records, lag_bytes;
    msec lag_ms;
    struct ha_monitors monitors;
};

struct ha_event {
    enum ha_event_kind kind;
    msec now; /* CLOCK_BOOTTIME, read for this call; never goes back */
    /* HA_RECEIVED */
    uint32_t line; /* from the peer: which line; from a witness (message->from == MEMBER_NONE): its place in the list */
    const struct ha_message *message;
    /* HA_FACTS */
    struct ha_facts facts;
    /* HA_DONE */
    uint64_t command;
    bool ok;
    const char *text; /* what a failed command said: exit code, last output; never NULL then */
    /* HA_ORDER */
    enum ha_order order;
};

/* ---- answers ---- */

enum ha_action_kind {
    HA_STORE,        /* write h->store durably before any later action of any answer; else HA_STORE_FAILED */
    HA_SEND_PEER,    /* message on line */
    HA_SEND_WITNESS, /* message to the one at place `line` of the list */
    HA_COMMAND,      /* for the rule's resource worker */
    HA_KILL_SCRIPT,  /* the script that runs, its whole process group; its command then ends as failed */
    HA_LOG
};

/* Commands of one rule are carried out one after another, each answered by HA_DONE. VIP_RENEW alone does not wait for
 * the others (a long script must not let the address expire), only for an earlier VIP_RENEW. */
enum ha_command_kind {
    HA_RELEASE_ALL = 1,    /* at start: mount to EROFS, addresses off, volumes away, nothing replicates; no scripts */
    HA_REPLICATION_STOP,   /* neither half runs */
    HA_REPLICATION_FINISH, /* target stops taking records and recovers its log: folders are a prefix */
    HA_REPLICATION_SOURCE, /* in term */
    HA_REPLICATION_TARGET, /* in term */
    HA_FLIP_RW,            /* in term; again for a newer term while it is already read-write */
    HA_FLIP_RO,            /* EIO for requests that wait */
    HA_VIP_PROBE,          /* fails if somebody has an address; who answers until `deadline` may be the former master */
    HA_VIP_TAKE,           /* add with lifetime; announce; a child that dies at deadline */
    HA_VIP_RENEW,          /* replace, never create; a child that dies at deadline */
    HA_VIP_RELEASE,
    HA_VOLUME_TAKE,    /* check and mount; in a child that dies with the authority, whose end moves while it works */
    HA_VOLUME_RELEASE, /* unmount; what uses it has limit_ms to end, and is killed then */
    HA_RUN_ACQUIRE,    /* scripts, each with limit_ms */
    HA_RUN_RELEASE,
    HA_DRAIN /* append end of term, wait until the slave has applied it, at most limit_ms */
};

enum ha_level { HA_ERROR = 0, HA_WARNING = 1, HA_INFO = 2 };

struct ha_action {
    enum ha_action_kind kind;
    union {
        struct {
            uint32_t line;
            struct ha_message message;
        } send;
        struct {
            enum ha_command_kind kind;
            uint64_t id;
            bool at_once; /* kill what is in flight and drop what waits (renewals too), then do this */
            term_no term;
            msec lifetime; /* of addresses; whole seconds, but with guard = watchdog */
            msec deadline; /* boot time at which the child is killed */
            msec limit_ms;
        } command;
        struct {
            enum ha_level level;
            char text[HA_TEXT_MAX]; /* what, why, what to do */
        } log;
    } u;
};

struct ha_answer {
    msec wake;
    bool refused; /* an order was; `why` says why and what to do */
    char why[HA_TEXT_MAX];
    uint32_t actions;
    struct ha_action action[HA_ACTIONS_MAX];
};

/* ---- the machine ---- */

struct ha; /* a plain struct of core/ha_state.h: include that to hold one by value */

/* What a crash left is in `store` (its own copy is kept: h->store). `seed` feeds the random part of waits. The first
 * ha_step() (HA_TICK at once) stores, releases what may still be held, and only then beats. */
void ha_init(struct ha *h, const struct ha_config *config, const struct ha_store *store, uint64_t seed, msec now);
/* Right after ha_init(), by a member whose capture driver still has the folders read-write, in `term` and with a lease
 * until `until`: the end of the authority that a former life of this drnode had (it renews the lease with each renewal
 * of its authority). If that is our last mastership, not handed on, not stopped, and `until` has not come, then it
 * simply goes on: ACTING, authority until then (as if each voter of the set had promised until `until`), nothing is
 * released. Else nothing changes: the start releases. So a drnode that is back in time never disturbs the application.
 */
void ha_resume(struct ha *h, term_no term, msec until);
void ha_step(struct ha *h, const struct ha_event *event, struct ha_answer *answer);
/* Master: whoever the other needs to become master has stored that it is behind (facts.alone, or out of step for as
 * long as boot_wait): it cannot take over before it has caught up, unless a person forces it. */
bool ha_behind_noted(const struct ha *h);
/* What a HA_STORE action writes: encode this, at once. */
const struct ha_store *ha_stored(const struct ha *h);

/* ---- what a person sees; derived, never stored ---- */

enum ha_role { HA_ROLE_MASTER, HA_ROLE_SLAVE, HA_ROLE_DETACHED, HA_ROLE_SWITCHING };
enum ha_state {
    HA_STATE_MIRRORING,
    HA_STATE_READY,
    HA_STATE_WARNING,
    HA_STATE_STOPPED,
    HA_STATE_UNSYNCED,
    HA_STATE_UNKNOWN
};
/* UNKNOWN: who neither is master nor asks to be does not talk to it. */
enum ha_witness { HA_WITNESS_NONE, HA_WITNESS_NORMAL, HA_WITNESS_BROKEN, HA_WITNESS_UNKNOWN };

#define HA_WHY_MAX 24
struct ha_status {
    enum ha_role role;
    enum ha_state state;
    bool peer_heard;
    enum ha_role peer_role; /* as it last said; state unknown when it is not heard */
    enum ha_state peer_state;
    term_no term; /* of the mastership it has or follows; 0 = none */
    term_no peer_term;
    msec authority_left; /* 0: may not act */
    uint32_t lines;
    bool line_up[HA_LINES_MAX];
    enum quorum_kind quorum; /* agreed on: any, trio, majority, solo */
    enum ha_witness witness; /* normal: the one in use answers; with majority: more than half do */
    uint32_t witness_used;   /* its place in the list; WITNESSES_MAX: none, all (majority), or not known here */
    uint32_t witnesses;
    bool witness_up[WITNESSES_MAX]; /* answered within one length; only who is master or asks to be knows */
    term_no split[2];
    bool acquire_failed; /* and has not succeeded since */
    uint32_t whys;       /* each: a condition that is not met, and what to do; first the one that matters most */
    char why[HA_WHY_MAX][HA_TEXT_MAX];
};
/* What a person calls those whom core knows by their place. */
struct ha_names {
    const char *member[2];
    struct {
        const char *name;
        const char *check; /* what to look at when it does not answer, as "check that ..." */
    } witness[WITNESSES_MAX];
};
/* `names` NULL: nobody reads the words. */
void ha_status(const struct ha *h, msec now, const struct ha_names *names, struct ha_status *status);
/* The little of it that a caller looks at after each step, as of that step. */
struct ha_glance {
    enum ha_role role;
    term_no term;
    enum ha_witness witness;
    uint32_t lines;
    bool line_up[HA_LINES_MAX];
};
void ha_glance(const struct ha *h, struct ha_glance *glance);
const char *ha_role_name(enum ha_role role);
const char *ha_state_name(enum ha_state state);
const char *ha_quorum_name(enum quorum_kind kind); /* in words */
const char *ha_command_name(enum ha_command_kind kind);

#endif
