/* SPDX-License-Identifier: Apache-2.0
 * core/group_plan.h - one switch or fail-back of a group, from the order to its end. Pure: reads no clock, sends
 * nothing, allocates nothing. The plan is a durable document: feed group_step() one event, store the plan if the answer
 * says so, and only then ask the members what group_plan_order() says. What a crash leaves in the document goes on with
 * group_resume(): that a rule has switched is read from its members again, never remembered.
 *
 *   LOOKING --every rule's master is known, or it takes too long--> stage 0
 *   stage n --it wants a word of a person--> CONFIRM --confirm--> RUNNING --each rule done, or ignored--> stage n + 1
 *   RUNNING --a rule failed, on_error = stop--> STOPPED --retry, skip--> RUNNING
 *   last stage --> DONE;  any --cancel, when what runs has ended--> CANCELLED
 *
 * `paused` is beside that: no rule is ordered, no stage begins; what was ordered ends. About 60 KiB. */
#ifndef DR_CORE_GROUP_PLAN_H
#define DR_CORE_GROUP_PLAN_H

#include "core/group_message.h"
#include "core/model/group.h"

#define GROUP_TEXT_SIZE  200
#define GROUP_BY_SIZE    64
#define GROUP_EVENTS_MAX 80

#define GROUP_FRESH    ((msec)3000)  /* what a member said counts so long */
#define GROUP_REACH    ((msec)10000) /* a member that cannot be ordered for so long is an error */
#define GROUP_AGAIN    ((msec)1000)  /* an order that was refused is given again, until GROUP_REACH */
#define GROUP_PATIENCE ((msec)3000)  /* by force: so long the former master may still turn up */

enum group_kind { GROUP_SWITCH, GROUP_FAIL_BACK };
enum group_phase { GROUP_LOOKING, GROUP_RUNNING, GROUP_CONFIRM, GROUP_STOPPED, GROUP_DONE, GROUP_CANCELLED };
enum group_step_of_rule { GROUP_WAITING, GROUP_SWITCHING, GROUP_SWITCHED, GROUP_FAILED, GROUP_LEFT };

/* What a member said last. Not durable. */
struct group_seen {
    msec at; /* 0: nothing in this life */
    struct group_tell tell;
};

struct group_plan_rule {
    struct dr_id id;
    char name[GROUP_NAME_SIZE];
    uint32_t stage;     /* from 0, in the order of this plan */
    enum member wanted; /* that is to be master; MEMBER_NONE: not known yet */
    enum group_step_of_rule step;
    enum group_order order; /* given last */
    enum member ordered;    /* to whom */
    uint32_t attempt;       /* counts the orders given: a member obeys each once */
    char text[GROUP_TEXT_SIZE];
    msec since, tried; /* of its step, and of the last order; not durable */
    struct group_seen seen[2];
};

struct group_plan_stage {
    bool confirm;
    msec timeout;
};

struct group_plan_event {
    uint64_t number;
    int64_t time_ms; /* since 1970 */
    char by[GROUP_BY_SIZE];
    char text[GROUP_TEXT_SIZE];
};

struct group_plan {
    struct dr_id group;
    char name[GROUP_NAME_SIZE], by[GROUP_BY_SIZE]; /* who ordered it */
    uint64_t plan;                                 /* random: tells this plan's orders from others' */
    int64_t began_ms;
    enum group_kind kind;
    enum group_phase phase;
    bool force, switch_confirm, paused, cancelling;
    enum group_on_error on_error;
    uint32_t stage; /* at work now, from 0 */
    unsigned stages, rules, events;
    struct group_plan_stage stage_of[GROUP_STAGES_MAX];
    struct group_plan_rule rule[GROUP_RULES_MAX];
    struct group_plan_event event[GROUP_EVENTS_MAX]; /* the newest; oldest first */
    uint64_t noted;                                  /* events ever */
    msec since;                                      /* of LOOKING; not durable */
};

enum group_event_kind {
    GROUP_TICK,
    GROUP_SEEN, /* tell of `member` of the rule at place `rule` */
    GROUP_PAUSE,
    GROUP_RESUME,
    GROUP_CONFIRMED,
    GROUP_RETRY,
    GROUP_SKIP,
    GROUP_CANCEL
};

struct group_event {
    enum group_event_kind kind;
    msec now;
    int64_t time_ms; /* of day, for people only */
    const char *by;  /* who ordered; "" for TICK and SEEN */
    unsigned rule;
    enum member member;
    const struct group_tell *tell;
};

struct group_answer {
    bool must_store; /* before anything that follows from the plan as it is now */
    bool refused;    /* a person's order; nothing changed */
    char why[GROUP_TEXT_SIZE];
};

/* What a new plan is made of. `name` of the rules by their places in group order (stage after stage). */
struct group_wish {
    enum group_kind kind;
    bool force;
    uint64_t plan;
    const char *by;
    const char *name[GROUP_RULES_MAX];
    const struct group_plan *last; /* FAIL_BACK: the plan to undo */
    msec now;
    int64_t time_ms;
};

/* DR_REFUSED: there is nothing to fail back from. */
enum dr_code group_begin(struct group_plan *plan, const struct group *group, const struct group_wish *wish,
                         struct dr_error *err) DR_MUST_USE;
/* Of a document that was read: spans count anew. To be stored if it has not ended. */
void group_resume(struct group_plan *plan, msec now, int64_t time_ms);
void group_step(struct group_plan *plan, const struct group_event *event, struct group_answer *answer);

/* It has ended; nothing more happens. */
bool group_ended(const struct group_plan *plan);
/* What to tell this member of the rule at place `rule`, each time that it is asked how it stands. */
enum group_order group_plan_order(const struct group_plan *plan, unsigned rule, enum member member);

/* ---- durable form ---- */
#define GROUP_PLAN_BYTES (64u << 10)
size_t group_plan_encode(uint8_t bytes[GROUP_PLAN_BYTES], const struct group_plan *plan);
enum dr_code group_plan_decode(struct group_plan *plan, const uint8_t *bytes, size_t size,
                               struct dr_error *err) DR_MUST_USE;

/* ---- what people see ---- */
extern const struct model_object group_plan_model;

#endif
