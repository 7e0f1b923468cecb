/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/step.c - one decision: an event into core/ha.h, its answer carried out. An answer that must be stored
 * waits there, with the rule's later events behind it, until the scribe says that it is durable; other rules go on. */
#include "agent/rule/runner_state.h"
#include "platform/clock.h"

#include <stdlib.h>
#include <string.h>

#define KEPT_MOST 64u /* letters; a message that comes then is lost, as on the way */

/* What follows the STORE in its answer. */
struct runner_rest {
    uint32_t count;
    struct ha_action action[];
};

static void log_action(struct runner *r, enum ha_level level, const char *text)
{
    static const enum log_level levels[] = {
        [HA_ERROR] = LOG_LEVEL_ERROR, [HA_WARNING] = LOG_LEVEL_WARNING, [HA_INFO] = LOG_LEVEL_INFO};
    log_write(r->config.log, levels[level], &r->config.rule->id, "ha", "%s", text);
}

static void command(struct runner *r, const struct ha_action *action)
{
    struct command command = {.kind = action->u.command.kind,
                              .id = action->u.command.id,
                              .term = action->u.command.term,
                              .lifetime = action->u.command.lifetime,
                              .deadline = action->u.command.deadline,
                              .limit_ms = action->u.command.limit_ms};
    if (command.kind == HA_FLIP_RW)
        r->leasing = true;
    if (command.kind == HA_FLIP_RO || command.kind == HA_RELEASE_ALL)
        r->leasing = false;
    runner_command(r, &command, action->u.command.at_once);
}

static void carry_out_one(struct runner *r, const struct ha_action *action)
{
    switch (action->kind) {
    case HA_SEND_PEER: runner_send_peer(r, action->u.send.line, &action->u.send.message); break;
    case HA_SEND_WITNESS: runner_send_witness(r, action->u.send.line, &action->u.send.message); break;
    case HA_COMMAND: command(r, action); break;
    case HA_KILL_SCRIPT:
        worker_interrupt(r->hands, HA_RUN_ACQUIRE);
        worker_interrupt(r->hands, HA_RUN_RELEASE);
        break;
    case HA_LOG: log_action(r, action->u.log.level, action->u.log.text); break;
    case HA_STORE: break; /* store() */
    }
}

/* ---- a decision ---- */

static void decide(struct runner *r, struct ha_event *event)
{
    enum ha_mode before = r->ha.mode;
    event->now = clock_now();
    if (r->recorder != NULL)
        recorder_event(r->recorder, &r->ha, event);
    ha_step(&r->ha, event, r->config.answer);
    if (r->recorder != NULL)
        recorder_answer(r->recorder, r->config.answer, r->ha.mode != before || event->kind == HA_ORDER);
    r->wake = r->config.answer->wake;
}

/* The lease ended although the authority went on: this host stood still for a while. Nothing was ordered since that
 * would speak against it, so the folders come back. */
static void lease_lost(struct runner *r, const struct dr_error *err)
{
    if (!r->lease_failed)
        log_write(r->config.log, LOG_LEVEL_WARNING, &r->config.rule->id, "lease",
                  "the lease of the folders cannot be renewed: %s", err->text);
    runner_command(r, &(struct command){.kind = HA_FLIP_RW, .term = r->ha.term}, false);
}

/* The driver that holds the folders open for writing lets go by itself when our authority ends (capture_lease). */
static void follow_authority(struct runner *r)
{
    struct dr_error err;
    msec end = atomic_load(r->authority.end);
    if (!r->leasing || end == r->leased || end <= clock_now())
        return;
    enum dr_code code = replicate_lease(r->replicate, end, &err);
    if (code == DR_BUSY)
        return; /* the flip is on its way, with a lease of its own */
    r->leased = end;
    if (code == DR_REFUSED)
        lease_lost(r, &err);
    r->lease_failed = code != DR_OK;
}

static void watch_role(struct runner *r)
{
    struct ha_glance now;
    ha_glance(&r->ha, &now);
    monitors_follow(r->monitors, now.role);
    runner_watch_links(r, &now);
    if (now.role == r->role)
        return;
    log_write(r->config.log, LOG_LEVEL_INFO, &r->config.rule->id, "role", "%s, was %s, term %llu",
              ha_role_name(now.role), ha_role_name(r->role), (unsigned long long)now.term);
    r->role = now.role;
    r->role_since = clock_now();
    if (now.role == HA_ROLE_MASTER && r->leasing)
        runner_command(r, &(struct command){.kind = COMMAND_TAKEN}, false);
}

static void after(struct runner *r)
{
    runner_note_due(r);
    follow_authority(r);
    watch_role(r);
}

/* ---- the store ---- */

/* Nothing after the STORE is done; core says once, for many attempts, that it cannot be stored, and this why. */
static void store_failed(struct runner *r, const struct dr_error *err)
{
    struct ha_event event = {.kind = HA_STORE_FAILED};
    if (!r->ha.store_bad)
        log_action(r, HA_ERROR, err->text);
    decide(r, &event);
    for (uint32_t i = 0; i < r->config.answer->actions; i++)
        carry_out_one(r, &r->config.answer->action[i]);
    after(r);
}

static void take_up(struct runner *r)
{
    struct runner_rest *rest = r->rest;
    r->rest = NULL;
    r->storing = false;
    if (r->note.record.err.code != DR_OK) {
        store_failed(r, &r->note.record.err);
    } else {
        for (uint32_t i = 0; i < rest->count; i++)
            carry_out_one(r, &rest->action[i]);
        after(r);
    }
    free(rest);
    letters_deliver(&r->kept, &r->storing);
}

static void verdict(void *runner)
{
    take_up(runner);
}

static void store(struct runner *r, const struct ha_action *later, uint32_t count)
{
    struct runner_rest *rest = malloc(sizeof *rest + count * sizeof rest->action[0]);
    if (rest == NULL) {
        dr_fail(&r->note.record.err, DR_FULL, "no memory to store the state of rule %s", r->config.rule->name);
        store_failed(r, &r->note.record.err);
        return;
    }
    rest->count = count;
    memcpy(rest->action, later, count * sizeof rest->action[0]);
    r->rest = rest;
    r->storing = true;
    r->note = (struct scribe_note){.verdict = verdict, .baton = r};
    r->note.record = (struct store_record){
        .file = r->store_file, .bytes = r->bytes, .size = ha_store_encode(r->bytes, ha_stored(&r->ha))};
    runner_note_due(r);
    scribe_write(r->config.scribe, &r->note);
}

void runner_step(struct runner *r, struct ha_event *event)
{
    const struct ha_answer *answer = r->config.answer;
    if (r->left)
        return;
    decide(r, event);
    atomic_store(r->authority.end, ha_lease(&r->ha)); /* before a command that rests on it */
    for (uint32_t i = 0; i < answer->actions; i++) {
        if (answer->action[i].kind == HA_STORE) {
            store(r, &answer->action[i + 1], answer->actions - i - 1);
            return;
        }
        carry_out_one(r, &answer->action[i]);
    }
    after(r);
}

bool runner_later(struct runner *r, const struct letter *letter, bool may_be_lost)
{
    if (!r->storing || r->left)
        return false;
    if (may_be_lost && r->kept.count >= KEPT_MOST)
        return true;
    if (letters_keep(&r->kept, letter))
        return true;
    runner_settle(r);
    return false;
}

void runner_settle(struct runner *r)
{
    while (r->storing) {
        scribe_wait(r->config.scribe, &r->note);
        take_up(r);
    }
}

void runner_forget_rest(struct runner *r)
{
    if (r->storing)
        scribe_wait(r->config.scribe, &r->note);
    r->storing = false;
    free(r->rest);
    r->rest = NULL;
    letters_drop(&r->kept);
}
