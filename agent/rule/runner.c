/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/runner.c - events into core/ha.h, answers out of it. */
#include "agent/rule/runner_state.h"
#include "agent/store.h"
#include "platform/clock.h"
#include "platform/host.h"
#include "platform/volume.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FACTS_EVERY 100
#define FACTS_IDLE  500 /* ... once nothing has changed for so long: */
#define FACTS_STILL 3000
#define ROUND_TRIP  100 /* that a renewal must bear; rule_check() reckons with the same */

/* A rule that waits for the disk is woken by the scribe's verdict. */
void runner_note_due(struct runner *r)
{
    msec next = r->wake < r->facts_at ? r->wake : r->facts_at;
    *r->due = r->storing ? INT64_MAX : next;
}

void runner_due(struct runner *r, msec *due)
{
    r->due = due;
    runner_note_due(r);
}

/* ---- events ---- */

/* Said when it begins and when it is over, not at every attempt between. */
static void watch_target(struct runner *r)
{
    char trouble[REPL_TEXT_MAX];
    replicate_trouble(r->replicate, trouble);
    if (r->target_stopped == (trouble[0] != '\0'))
        return;
    r->target_stopped = !r->target_stopped;
    if (r->target_stopped)
        log_write(r->config.log, LOG_LEVEL_ERROR, &r->config.rule->id, "target_stopped", "%s", trouble);
    else
        log_write(r->config.log, LOG_LEVEL_INFO, &r->config.rule->id, "target_goes_on", "nothing was lost");
}

/* Outside its windows a rule does not switch by itself: told when it begins and ends. */
static bool in_window(struct runner *r)
{
    unsigned day, minute;
    if (r->config.rule->windows == 0)
        return true;
    clock_week(&day, &minute);
    bool inside = rule_in_window(r->config.rule, day, minute);
    if (inside != r->inside)
        log_write(r->config.log, LOG_LEVEL_INFO, &r->config.rule->id, "window", "%s the rule's time windows",
                  inside ? "inside" : "outside");
    r->inside = inside;
    return inside;
}

/* Objects that are watched may fail at any time, and a change of roles waits for facts. */
static void next_facts(struct runner *r)
{
    msec now = clock_now();
    bool still = r->monitors == NULL && now - r->facts_changed > FACTS_STILL && now - r->role_since > FACTS_STILL &&
                 (r->ha.mode == HA_ACTING || r->ha.mode == HA_LISTENING);
    r->facts_at = now + (still ? FACTS_IDLE : FACTS_EVERY);
}

static void tell_facts(struct runner *r)
{
    struct ha_event event = {.kind = HA_FACTS};
    replicate_facts(r->replicate, &event.facts);
    event.facts.monitors = monitors_verdict(r->monitors);
    event.facts.in_window = in_window(r);
    watch_target(r);
    if (r->told && memcmp(&event.facts, &r->facts, sizeof event.facts) == 0) {
        next_facts(r);
        return;
    }
    r->facts_changed = clock_now();
    next_facts(r);
    r->told = true;
    r->facts = event.facts;
    runner_step(r, &event);
}

void runner_tick(struct runner *r)
{
    msec now = clock_now();
    if (now >= r->wake && !r->storing) {
        struct ha_event event = {.kind = HA_TICK};
        runner_step(r, &event);
    }
    if (now >= r->facts_at && !r->storing)
        tell_facts(r);
    runner_note_due(r);
}

bool runner_order(struct runner *r, enum ha_order order, char why[HA_TEXT_MAX])
{
    struct ha_event event = {.kind = HA_ORDER, .order = order};
    runner_settle(r);
    runner_step(r, &event);
    if (r->config.answer->refused) {
        snprintf(why, HA_TEXT_MAX, "%s", r->config.answer->why);
        return false;
    }
    runner_settle(r);
    const struct dr_error *stored = &r->note.record.err; /* core itself hears of a success with its next step only */
    if (stored->code != DR_OK)
        snprintf(why, HA_TEXT_MAX, "%s cannot be written: free space there; a restart forgets what was begun",
                 r->store_file);
    return stored->code == DR_OK;
}

static void deliver_message(void *to, struct letter *letter)
{
    struct runner *r = to;
    if (r->left || runner_later(r, letter, true))
        return;
    if (letter->wire != NULL && letter->wire != r->line[letter->line].asked) {
        wire_drop(r->line[letter->line].asked);
        r->line[letter->line].asked = wire_hold(letter->wire);
    }
    if (letter->message.from == MEMBER_NONE && letter->message.voted)
        r->said[letter->line] = (struct ha_said){.at = clock_now(), .vote = letter->message.vote};
    struct ha_event event = {.kind = HA_RECEIVED, .line = letter->line, .message = &letter->message};
    runner_step(r, &event);
}

void runner_hear(struct runner *r, uint32_t line, struct wire *wire, const struct ha_message *message)
{
    struct letter letter = {.deliver = deliver_message, .to = r, .wire = wire, .line = line, .message = *message};
    (void)inbox_offer(r->config.inbox, &letter); /* full: lost, as on the way */
}

static void deliver_done(void *to, struct letter *letter)
{
    struct ha_event event = {.kind = HA_DONE, .command = letter->command, .ok = letter->ok, .text = letter->text};
    if (!runner_later(to, letter, false))
        runner_step(to, &event);
}

void runner_done(struct runner *r, uint64_t id, bool ok, const char *text)
{
    struct letter letter = {.deliver = deliver_done, .to = r, .command = id, .ok = ok};
    snprintf(letter.text, sizeof letter.text, "%.*s", HA_TEXT_MAX - 1, text);
    inbox_post(r->config.inbox, &letter);
}

/* ---- life ---- */

static void configure_monitors(struct ha_config *c, const struct rule *rule)
{
    for (unsigned i = 0; i < rule->monitors; i++) {
        const struct rule_monitor *m = &rule->monitor[i];
        if (!m->log_only && m->role == MONITOR_OF_MASTER)
            c->watch_master |= 1u << i;
        if (!m->log_only && m->role == MONITOR_OF_BOTH)
            c->watch_both |= 1u << i;
    }
    c->failure_timeout = rule->failure_timeout;
}

static void configure(struct ha_config *c, const struct rule *rule, enum member self)
{
    static const enum ha_guard guards[] = {[RULE_GUARD_KERNEL] = HA_GUARD_KERNEL,
                                           [RULE_GUARD_WATCHDOG] = HA_GUARD_WATCHDOG,
                                           [RULE_GUARD_NONE] = HA_GUARD_NONE};
    enum member forward = rule->initial_master;
    *c = (struct ha_config){.rule = rule->id,
                            .self = self,
                            .lines = rule->lines,
                            .witnesses = rule_witnesses(rule),
                            .majority = rule->arbitration == RULE_ARBITRATION_MAJORITY,
                            .interval = rule->interval,
                            .max_fail = rule->max_fail,
                            .release_grace = rule_release_grace(rule),
                            .boot_wait = rule->boot_wait > rule_length(rule) ? rule->boot_wait : rule_length(rule),
                            .round_trip = ROUND_TRIP,
                            .script_timeout = rule->script.timeout,
                            .drain_timeout = rule->script.timeout,
                            .priority = rule->member[self].priority,
                            .initial = rule->initial_master,
                            .auto_switch = rule->auto_switch,
                            .need_rep_status = rule->need_rep_status,
                            .restart_takeover = rule->restart_takeover,
                            .vip = rule->vips > 0,
                            .volume = rule->volumes > 0,
                            .fence_timeout = rule->fence_timeout,
                            .guard = guards[rule->guard]};
    configure_monitors(c, rule);
    c->replicate[forward] = true;
    c->replicate[member_other(forward)] = rule->reverse_rule && rule->auto_start;
}

static uint64_t random_number(void)
{
    uint64_t number = 0;
    while (number == 0)
        host_random(&number, sizeof number);
    return number;
}

static enum dr_code load(struct runner *r, struct ha_config *config, struct dr_error *err)
{
    uint8_t bytes[HA_STORE_BYTES];
    struct ha_store stored;
    size_t size;
    enum dr_code code = store_read(r->store_file, bytes, sizeof bytes, &size, err);
    if (code == DR_NOT_FOUND) {
        ha_store_create(&stored, config, random_number());
        code = DR_OK;
    } else if (code == DR_OK) {
        code = ha_store_decode(&stored, bytes, size, err);
    }
    if (code != DR_OK)
        return dr_within(err, "%s", r->store_file);
    ha_init(&r->ha, config, &stored, random_number(), clock_now());
    term_no term;
    msec until;
    if (replicate_outlived(r->replicate, &term, &until)) {
        ha_resume(&r->ha, term, until);
    }
    return DR_OK;
}

static enum dr_code build(struct runner *r, struct dr_error *err)
{
    const struct runner_config *c = &r->config;
    struct replicate_config data = {.root = c->root,
                                    .rule = c->rule,
                                    .self = c->self,
                                    .tls = c->tls,
                                    .errands = c->errands,
                                    .log = c->log,
                                    .starts = c->starts};
    struct ha_config config;
    configure(&config, c->rule, c->self);
    enum dr_code code = ha_check(&config, err);
    if (code == DR_OK && c->rule->volumes > 0)
        code = volume_tools(err);
    if (code == DR_OK)
        code = authority_create(&r->authority, err);
    if (code == DR_OK && rule_fenced(c->rule))
        code = resources_keep(&r->resources, err);
    if (code == DR_OK)
        code = runner_hire(r, err);
    if (code == DR_OK)
        code = replicate_create(&r->replicate, &data, err);
    if (code == DR_OK && c->rule->monitors > 0)
        code = monitors_add(&r->monitors, c->monitors, c->rule, c->self, err);
    if (code == DR_OK)
        code = load(r, &config, err);
    if (code == DR_OK && c->recorders != NULL)
        code = recorder_open(&r->recorder, c->recorders, c->root, c->rule, err);
    return code;
}

enum dr_code runner_create(struct runner **out, const struct runner_config *config, struct dr_error *err)
{
    struct runner *r = calloc(1, sizeof *r);
    char relative[64];
    if (r == NULL)
        return dr_fail(err, DR_FULL, "no memory for rule %s", config->rule->name);
    r->config = *config;
    r->resources = (struct resources){.root = config->root,
                                      .rule = config->rule,
                                      .self = config->self,
                                      .log = config->log,
                                      .script_user = config->script_user,
                                      .authority = &r->authority,
                                      .script_ends = runner_script_ends,
                                      .baton = r};
    r->role = HA_ROLE_DETACHED;
    r->inside = true;
    r->role_since = clock_now();
    snprintf(relative, sizeof relative, "var/rules/%s/ha", config->rule->id.hex);
    enum dr_code code = config_path(r->store_file, config->root, relative)
                            ? build(r, err)
                            : dr_fail(err, DR_INVALID, "the path %s is too long", config->root);
    if (code != DR_OK) {
        runner_destroy(r);
        return dr_within(err, "rule %s", config->rule->name);
    }
    *out = r;
    return DR_OK;
}

enum dr_code runner_start(struct runner *r, struct dr_error *err)
{
    enum dr_code code = runner_dial(r, err);
    if (code == DR_OK)
        code = runner_watch_stores(r, err);
    if (code != DR_OK)
        return code;
    struct ha_event event = {.kind = HA_TICK};
    runner_step(r, &event);
    return DR_OK;
}

const struct rule *runner_rule(const struct runner *r)
{
    return r->config.rule;
}

enum member runner_self(const struct runner *r)
{
    return r->config.self;
}

struct replicate *runner_replicate(struct runner *r)
{
    return r->replicate;
}

void runner_leave(struct runner *r)
{
    r->left = true;
    runner_forget_rest(r);
}

void runner_quit(struct runner *r)
{
    runner_hang_up(r);
    monitors_remove(r->monitors);
    r->monitors = NULL;
    runner_leave_stores(r);
    worker_end(r->hands);
    worker_end(r->renewer);
    worker_destroy(r->hands);
    worker_destroy(r->renewer);
    r->hands = r->renewer = NULL;
    if (r->replicate != NULL)
        replicate_stop(r->replicate);
}

void runner_destroy(struct runner *r)
{
    runner_quit(r);
    runner_forget_rest(r);
    if (r->replicate != NULL)
        replicate_destroy(r->replicate);
    authority_destroy(&r->authority);
    keeper_destroy(r->resources.keeper);
    if (r->recorder != NULL)
        recorder_close(r->recorder);
    free(r);
}
