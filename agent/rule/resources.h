/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/resources.h - addresses, volumes and scripts of a rule on this member. Stateless: what is held is asked of
 * the system. `stop` is a descriptor that ends what runs when it gets readable. */
#ifndef DR_AGENT_RULE_RESOURCES_H
#define DR_AGENT_RULE_RESOURCES_H

#include "agent/config.h"
#include "agent/guarded.h"
#include "agent/keeper.h"
#include "agent/rule/authority.h"
#include "base/log.h"

struct resources {
    const char *root, *script_user;
    const struct rule *rule;
    enum member self;
    struct log *log;
    const struct authority *authority;
    struct keeper *keeper;            /* of a rule whose addresses stand behind a fence; else NULL */
    void (*script_ends)(void *baton); /* what must not wait until a script that is ended has ended; NULL: nothing */
    void *baton;
};

/* For a rule with guard = watchdog, before the rest. */
enum dr_code resources_keep(struct resources *r, struct dr_error *err) DR_MUST_USE;
/* Builds the fence that the rule wants, shut, so that a take-over need not; or removes one that it wants no more. */
void resources_fence(const struct resources *r, int stop);

/* Takes or renews every address of the rule, in a child that dies at `deadline`. */
enum dr_code resources_take(const struct resources *r, enum guarded_act act, msec lifetime, bool announce,
                            msec deadline, int stop, struct dr_error *err) DR_MUST_USE;
/* Asks the network whether somebody else has one of the addresses: DR_BUSY names it. Who answers before `until` may be
 * the former master, which lets go by then: it is asked again. */
enum dr_code resources_probe(const struct resources *r, msec until, int stop, struct dr_error *err) DR_MUST_USE;
/* Deletes every address; goes on after a failure, and tells the first one. */
enum dr_code resources_release(const struct resources *r, struct dr_error *err) DR_MUST_USE;
bool resources_holds(const struct resources *r, unsigned vip);

/* Mounts the volumes in their order, each in a guarded child that dies with the authority. */
enum dr_code resources_mount(const struct resources *r, int stop, struct dr_error *err) DR_MUST_USE;
/* Unmounts them in the reverse order; goes on after a failure, and tells the first one. Who uses one is named in the
 * log, has `patience` to end, and is killed then. */
enum dr_code resources_unmount(const struct resources *r, msec patience, int stop, struct dr_error *err) DR_MUST_USE;

/* Of a rule that is not decided on here any more: what no lease ends (mounted volumes, a fence) is taken away, but for
 * what `next` has too (NULL: nothing). */
void resources_forsake(const struct resources *r, const struct rule *next);
void resources_forsake_volumes(const struct resources *r, const struct rule *next); /* its part in volumes.c */

/* Runs the acquire or the release script; none configured is success. A failure tells exit code and last output. */
enum dr_code resources_acquire(const struct resources *r, term_no term, msec limit, int stop,
                               struct dr_error *err) DR_MUST_USE;
/* With `fence` (a demotion: the folders are read-only already) what the script did not end is killed, after
 * fence_timeout, or where volumes wait to be unmounted, when `limit` is over. */
enum dr_code resources_let_go(const struct resources *r, term_no term, bool fence, msec limit, int stop,
                              struct dr_error *err) DR_MUST_USE;

#endif
