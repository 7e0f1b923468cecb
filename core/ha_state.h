/* SPDX-License-Identifier: Apache-2.0
 * core/ha_state.h - the inside of struct ha, shared by the ha*.c files; others only hold one by value. */
#ifndef DR_CORE_HA_STATE_H
#define DR_CORE_HA_STATE_H

#include "core/ha.h"

/* The one state machine; core/ha.c has its switch and its picture. */
enum ha_mode {
    HA_STARTING,  /* releasing what a former life may have left; silent */
    HA_LISTENING, /* votes for others; slave, or alone */
    HA_ASKING,    /* candidate, or a master without authority; holds nothing */
    HA_TAKING,    /* has authority; the take-over runs */
    HA_ACTING,    /* master */
    HA_HANDING,   /* master that releases on a person's word: switch, or stop */
    HA_RETAKING,  /* the hand-over failed: taking back what was released */
    HA_RELEASING, /* demotion: authority is gone, or belongs to another */
    HA_STOPPED    /* left the rule on a person's word; still votes */
};

/* What keeps a member from asking for the mastership; the texts are in ha_ask.c. */
enum ha_bar {
    HA_MAY_ASK = 0,
    HA_BAR_PAUSE,        /* a wait between two candidatures */
    HA_BAR_PEER_MASTER,  /* the other is master */
    HA_BAR_PROMISED,     /* own vote is promised to the other */
    HA_BAR_PEER_ASKS,    /* the other is asking, or is better placed to */
    HA_BAR_BOOT,         /* boot_wait */
    HA_BAR_PEER_STOPPED, /* a person stopped the other: nothing changes by itself */
    HA_BAR_SPLIT,
    HA_BAR_MIXED,
    HA_BAR_BEHIND,
    HA_BAR_AUTO_OFF,
    HA_BAR_WINDOW,
    HA_BAR_UNSYNCED
};

struct ha_peer {
    struct ha_report report;  /* newest; identity 0 = none yet */
    msec reported;            /* when it came */
    uint64_t replaced;        /* identity that the present one has taken the place of: not heard any more */
    msec heard[HA_LINES_MAX]; /* when the last beat that was answered on this line was sent; 0 = never */
};

/* A witness as it last answered in this life. */
struct ha_third {
    uint64_t identity; /* 0 = not yet */
    msec heard;
    uint64_t round; /* of our newest request that it answered ... */
    term_no term;   /* ... with this one */
};

/* A list of commands that is being carried out, one in flight. */
struct ha_job {
    const enum ha_command_kind *plan; /* NULL = none */
    uint32_t length, step;
    uint64_t id;     /* of the command in flight; 0 = none */
    bool issued_now; /* in this very step: lost if its STORE fails */
    msec retry_at;
    uint32_t tries; /* of this step, that failed */
};

struct ha {
    struct ha_config config;
    struct ha_store store;
    struct voter voter;
    struct mastership mastership;
    struct ha_peer peer;
    struct ha_facts facts;
    struct ha_job job;
    enum ha_mode mode;
    enum ha_bar bar; /* as last logged */

    msec now, started;
    msec beat_at;
    msec orphans_until; /* a child of a former life may set an address, which then stands until here at most */
    msec ask_after;     /* no candidature before */
    msec in_step;       /* ACTING: the other was last in step; else now */
    msec asking_since;  /* the voters have been asked, as candidate or master, from then on */
    msec asking_until;  /* ASKING: give back then */
    msec act_at;        /* TAKING: nothing exclusive before */
    msec fence_at;      /* RELEASING: what has not ended is killed */
    msec acting_since;
    msec ask_now_until;

    term_no term;        /* that it asks, acts or releases in */
    term_no following;   /* of the master whose slave it is; 0 = none */
    term_no invited;     /* the other hands over: ask in this term; 0 = no */
    term_no ask_now;     /* said to the other */
    term_no told_behind; /* mark for which another voter refused this member; 0 = none */
    bool owner;          /* was master in `term` in this life, and nobody followed */
    bool forced;         /* a person overrides the voters that cannot be reached; store.forced outlives a restart */
    bool switch_forced, leaving;
    bool cover_due;              /* the folders' capture has ended, and nothing that opens it again is under way yet */
    msec cover_after;            /* not again before */
    bool evading;                /* HANDING: because of a monitored object */
    msec evade_after;            /* not again before */
    msec failed_until;           /* it was left because of one: other members' monitors do not switch to it before */
    char evade_bar[HA_TEXT_MAX]; /* as last logged; "" = none */
    bool held;                   /* may hold an exclusive resource, or have the mount read-write */
    bool vip_held, renumber, script_stopped;
    msec renewed;      /* authority that the last VIP_RENEW was computed from */
    msec doubt_told;   /* when something that is not to be believed was last said; 0: never */
    msec renewal_told; /* when a VIP_RENEW that failed was last said; 0: never */
    uint64_t renewing; /* id of the renewal in flight */
    bool renew_issued_now;
    uint64_t commands; /* ids given so far */
    uint64_t stamps;   /* reports made so far */
    uint64_t random;
    struct ha_third third[WITNESSES_MAX]; /* by place in the list */
    struct configuration_set intended;    /* with the proposal that is about to be opened; count 0 = none */
    msec told;                            /* greatest lease that is known outside */
    msec told_gone;                       /* until when addresses may stand by it */
    enum ha_command_kind fault_of;
    char fault[HA_TEXT_MAX]; /* what failed, until it succeeds; "" = nothing */

    bool store_bad;   /* the last STORE failed */
    bool store_tried; /* the last answer had one: it succeeded if the next event does not say otherwise */

    /* Valid inside ha_step() only. */
    struct ha_answer *out;
    uint32_t early; /* actions that need not wait for the store come first */
    bool store_due;
};

static inline enum member ha_self(const struct ha *h)
{
    return h->config.self;
}
static inline enum member ha_other(const struct ha *h)
{
    return member_other(h->config.self);
}
static inline const struct configuration *ha_configuration(const struct ha *h)
{
    return &h->store.set.of[h->store.set.count - 1];
}

/* ---- ha_answer.c: the answer under construction ---- */
void ha_answer_begin(struct ha *h, struct ha_answer *out);
/* Puts the STORE before everything that must wait for it. */
void ha_answer_end(struct ha *h);
void ha_log(struct ha *h, enum ha_level level, const char *format, ...) __attribute__((format(printf, 3, 4)));
void ha_refuse(struct ha *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct ha_action *ha_action_late(struct ha *h, enum ha_action_kind kind);
struct ha_action *ha_action_early(struct ha *h, enum ha_action_kind kind);

/* ---- ha_vote.c: votes asked for, given and given back; authority ---- */
msec ha_authority(const struct ha *h);
/* Under other configurations. A person's force counts the own vote alone until the voters make a quorum again. */
msec ha_authority_under(const struct ha *h, const struct configuration_set *set);
/* The authority that may be told outside, and that lasts over a proposal which is about to be opened: what the kernel's
 * lifetimes and the folders' lease are made of. */
msec ha_lease(const struct ha *h);
bool ha_holding(const struct ha *h); /* a mode that needs authority */
void ha_beat(struct ha *h);          /* to everybody it has to go to, now */
void ha_give_back(struct ha *h);
bool ha_orphans(const struct ha *h); /* so nothing may be given back yet */
bool ha_start_asking(struct ha *h, term_no term);
term_no ha_next_term(const struct ha *h, enum member whose);
void ha_saw_term(struct ha *h, term_no term);
void ha_go_on_in_newer_term(struct ha *h, term_no known, const char *by);
void ha_on_vote(struct ha *h, const struct ha_message *m); /* of the other member */
void ha_on_witness(struct ha *h, const struct ha_message *m, uint32_t place);
void ha_answer_beat(struct ha *h, const struct ha_message *m, uint32_t line);
msec ha_random(struct ha *h, msec below);

/* ---- ha_doubt.c: what no honest member or voter says. True: it is not to be believed, and that has been told ---- */
bool ha_doubts(struct ha *h, const struct ha_message *m);
bool ha_doubts_peer(struct ha *h, const struct ha_message *m);
bool ha_doubts_third(struct ha *h, const struct ha_message *m, uint32_t place);

/* ---- ha_peer.c: what is known of the other member ---- */
void ha_on_report(struct ha *h, const struct ha_message *m);
struct ha_report ha_own_report(struct ha *h);
msec ha_last_heard(const struct ha *h);   /* 0 = never in this life */
bool ha_hears(const struct ha *h);        /* gets answers */
bool ha_peer_acts(const struct ha *h);    /* it said so within one length */
bool ha_peer_follows(const struct ha *h); /* heard, and slave of our present term */
bool ha_peer_lost(const struct ha *h);    /* its store: it is not the voter that is known in its place */
bool ha_peer_rejoins(const struct ha *h); /* and a person has put it into the rule again */
void ha_follow(struct ha *h);

/* ---- ha_joint.c: on which configuration both members are ---- */
void ha_on_configuration(struct ha *h, const struct ha_report *r);
void ha_propose(struct ha *h);
msec ha_grace_least(const struct ha *h); /* over the open configurations: for lifetimes */
msec ha_grace_most(const struct ha *h);  /* for who takes over */

/* ---- ha_choose.c: which one the master wants ---- */
bool ha_choose(const struct ha *h, struct configuration *next); /* false: the present one */
bool ha_third_fresh(const struct ha *h, uint32_t place);        /* it answered within one length */
uint32_t ha_third_used(const struct ha *h);                     /* place of the trio's witness; or WITNESSES_MAX */

/* ---- ha_ask.c: may this member ask to be master? ---- */
enum ha_bar ha_bar(const struct ha *h);
bool ha_in_sync(const struct ha *h);
bool ha_able(const struct ha *h);       /* nothing here is in the way of being master: what the other hears */
bool ha_split(const struct ha *h);      /* two were masters at once, and no person has chosen yet */
bool ha_lower_side(const struct ha *h); /* this one in the lower term */
bool ha_bar_stands(const struct ha *h, enum ha_bar bar); /* for status: each condition on its own */
const char *ha_bar_text(enum ha_bar bar);
bool ha_bar_needs_person(enum ha_bar bar);

/* ---- ha_behind.c: whose data are too old ---- */
bool ha_marks_behind(const struct ha *h); /* this member asks with a mark on the other */
bool ha_is_behind(const struct ha *h);    /* a voter said that this member is marked */
term_no ha_last_mastership(const struct ha *h);
void ha_watch_step(struct ha *h);

/* ---- ha_job.c: plans of commands ---- */
void ha_plan_start(struct ha *h);
void ha_plan_take(struct ha *h);
void ha_plan_retake(struct ha *h);
void ha_plan_renumber(struct ha *h);
void ha_plan_vip(struct ha *h);
void ha_plan_hand(struct ha *h);
void ha_plan_leave(struct ha *h);
void ha_plan_release(struct ha *h);
void ha_plan_follow(struct ha *h);
void ha_plan_cover(struct ha *h);
void ha_plan_stop(struct ha *h);
uint8_t ha_plan_number(const struct ha_job *job); /* for a record of the state */
bool ha_plan_restore(struct ha_job *job, uint8_t number);
bool ha_job_done(const struct ha *h);
void ha_job_run(struct ha *h); /* issues what can be issued */
void ha_on_done(struct ha *h, const struct ha_event *e);
void ha_forget_take(struct ha *h);         /* what a take-over failed for is no fault of a slave */
bool ha_release_fails(const struct ha *h); /* a demotion does, again and again: the other need not wait for it */
void ha_renew(struct ha *h);
/* For the least lifetime of an address. */
bool ha_lifetime_suffices(const struct ha *h, msec authority, msec grace);
void ha_note_told(struct ha *h);                         /* the lease as it is now is, or may be, known outside */
enum ha_command_kind ha_job_command(const struct ha *h); /* in flight; 0 = none */
bool ha_is_script(enum ha_command_kind kind);

/* ---- ha_order.c ---- */
void ha_on_order(struct ha *h, enum ha_order order);
const char *ha_switch_bar(const struct ha *h, bool forced); /* why the mastership cannot be handed over; NULL: it can */
void ha_hand(struct ha *h, bool forced);
void ha_left(struct ha *h); /* nothing is held any more: stopped */

/* ---- ha_monitor.c: monitored objects ---- */
bool ha_object_failed(const struct ha *h); /* on this member, as master */
bool ha_peer_object_failed(const struct ha *h);
const char *ha_evade_bar(const struct ha *h); /* why no switch follows; NULL: it does */
void ha_watch_objects(struct ha *h);          /* ACTING: begins to hand over if it is better so */
void ha_evaded(struct ha *h);                 /* handed over */
bool ha_failed_here(const struct ha *h);

/* ---- ha.c ---- */
void ha_force_ends(struct ha *h); /* the voters make a quorum, or another is master */
/* Begins to release. `owner`: it stays owner of its term, and acts in it again when it can. */
void ha_demote(struct ha *h, bool owner, const char *why);
/* Gives back what was granted and asks again `pause` later at the earliest. */
void ha_leave_asking(struct ha *h, msec pause);

#endif
