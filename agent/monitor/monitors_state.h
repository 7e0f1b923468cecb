/* SPDX-License-Identifier: Apache-2.0
 * agent/monitor/monitors_state.h - the inside of struct monitors, shared by the files of this folder. */
#ifndef DR_AGENT_MONITOR_MONITORS_STATE_H
#define DR_AGENT_MONITOR_MONITORS_STATE_H

#include "agent/monitor/monitors.h"
#include "agent/monitor/probe.h"
#include "agent/script.h"
#include "platform/load.h"
#include "platform/process.h"

#include <pthread.h>
#include <stdatomic.h>

#define CHECKS_MAX  32 /* children at once */
#define CHECK_BATCH 64 /* names that one probe looks for */
#define CHECK_MERCY 1000

struct watch {
    struct monitor_set *set;
    const struct rule_monitor *m;
    struct monitor state;
    msec due;
    bool watched; /* in the present role */
    bool running; /* a check of it has not ended: no second one begins */
    bool unclear; /* the last check told nothing */
    struct load_cpu cpu;
    char text[MONITOR_TEXT_SIZE];
};

struct monitor_set {
    struct monitors *owner;
    const struct rule *rule;
    enum member self;
    enum ha_role role;
    uint32_t list; /* struct ha_monitors */
    uint64_t life; /* results of checks that began in an older one are void */
    struct watch watch[RULE_MONITORS_MAX];
    struct monitor_set *next;
};

/* One child: a script or a file system, or a batch of processes or services. Its own thread's, except where it says
 * "lock". */
struct check {
    struct check *next;
    enum monitor_kind kind;
    enum monitor_by by;
    unsigned slot; /* names its output file */
    char output[CONFIG_PATH_SIZE], result_file[CONFIG_PATH_SIZE];
    char extra[CONFIG_PATH_SIZE]; /* for a probe: probe.h */
    struct process child;
    bool begun, failed, timed_out; /* `failed`: it could not be started */
    enum { CHECK_RUNS, CHECK_ENDING, CHECK_KILLED } stage;
    msec limit, stage_ends;
    atomic_bool unwanted; /* its rule is gone */
    unsigned count;
    struct watch *watch[CHECK_BATCH]; /* lock; NULL: gone */
    uint64_t life[CHECK_BATCH];       /* lock */
    char name[CHECK_BATCH][MONITOR_OBJECT_SIZE];
    struct probe_answer answer[CHECK_BATCH];
    struct script script;
};

struct monitors {
    struct monitors_config config;
    pthread_t thread;
    bool started;
    int wake;             /* eventfd */
    pthread_mutex_t lock; /* guards all below */
    bool ending, crowded;
    struct monitor_set *sets;
    struct check *checks; /* linked and unlinked by the thread alone, which may read it without the lock */
    bool slot[CHECKS_MAX];
};

/* ---- check.c: one child ---- */
/* Lock. Linked, to be begun. NULL: no slot, or no memory. */
struct check *check_create(struct monitors *m, const struct rule_monitor *what);
void check_add(struct check *check, struct watch *w);
/* No lock. */
void check_begin(struct check *check, const struct monitors *m);
/* No lock. True: it has ended, or could not be started, and its answers are there. */
bool check_go_on(struct check *check, msec now);
/* No lock; kills it and waits a moment for its end. */
void check_kill(struct check *check);

/* ---- judge.c: what an answer means ---- */
/* Lock. The check of `w` has ended, now. */
void judge(struct watch *w, enum monitor_result result, const char *text, msec now);

#endif
