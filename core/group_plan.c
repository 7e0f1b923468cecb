/* SPDX-License-Identifier: Apache-2.0
 * core/group_plan.c - stages: which one is at work, what a person says, when the plan has ended. */
#include "core/group_plan_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- what is written down ---- */

void group_note(struct group_work *w, const char *format, ...)
{
    struct group_plan *p = w->plan;
    if (p->events == GROUP_EVENTS_MAX)
        memmove(&p->event[0], &p->event[1], --p->events * sizeof p->event[0]);
    struct group_plan_event *e = &p->event[p->events++];
    *e = (struct group_plan_event){.number = ++p->noted, .time_ms = w->event->time_ms};
    snprintf(e->by, sizeof e->by, "%s", w->event->by ? w->event->by : "");
    va_list args;
    va_start(args, format);
    vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
    w->answer->must_store = true;
}

static void refuse(struct group_work *w, const char *why)
{
    w->answer->refused = true;
    snprintf(w->answer->why, sizeof w->answer->why, "%s", why);
}

/* ---- stages ---- */

static bool at_work(const struct group_plan *p, const struct group_plan_rule *r)
{
    return r->stage == p->stage;
}

static unsigned count(const struct group_plan *p, enum group_step_of_rule step)
{
    unsigned found = 0;
    for (unsigned i = 0; i < p->rules; i++)
        found += at_work(p, &p->rule[i]) && p->rule[i].step == step;
    return found;
}

static void set_phase(struct group_work *w, enum group_phase phase)
{
    w->plan->phase = phase;
    w->answer->must_store = true;
}

static void start_clocks(struct group_plan *p, msec now)
{
    for (unsigned i = 0; i < p->rules; i++)
        if (at_work(p, &p->rule[i]))
            p->rule[i].since = now;
}

static void run_stage(struct group_work *w)
{
    struct group_plan *p = w->plan;
    start_clocks(p, w->event->now);
    set_phase(w, GROUP_RUNNING);
    group_note(w, "stage %u of %u begins", p->stage + 1, p->stages);
}

static void enter_stage(struct group_work *w, uint32_t stage)
{
    struct group_plan *p = w->plan;
    p->stage = stage;
    if (!p->stage_of[stage].confirm) {
        run_stage(w);
        return;
    }
    set_phase(w, GROUP_CONFIRM);
    group_note(w, "stage %u of %u waits for a person's confirmation", stage + 1, p->stages);
}

static void end(struct group_work *w)
{
    const struct group_plan *p = w->plan;
    unsigned bad = 0;
    for (unsigned i = 0; i < p->rules; i++)
        bad += p->rule[i].step != GROUP_SWITCHED;
    set_phase(w, GROUP_DONE);
    if (bad > 0)
        group_note(w, "done, without %u of %u rules", bad, p->rules);
    else
        group_note(w, "done: all %u rules", p->rules);
}

static void end_cancelled(struct group_work *w)
{
    struct group_plan *p = w->plan;
    for (unsigned i = 0; i < p->rules; i++)
        if (p->rule[i].step == GROUP_WAITING)
            p->rule[i].step = GROUP_LEFT;
    set_phase(w, GROUP_CANCELLED);
    group_note(w, "cancelled: what has switched stays as it is");
}

static void leave_stage(struct group_work *w)
{
    struct group_plan *p = w->plan;
    unsigned failed = count(p, GROUP_FAILED);
    if (failed > 0 && p->on_error == GROUP_ON_ERROR_STOP) {
        set_phase(w, GROUP_STOPPED);
        group_note(w, "stopped in stage %u of %u: %u rules failed; retry, skip or cancel", p->stage + 1, p->stages,
                   failed);
        return;
    }
    if (p->paused)
        return;
    if (failed > 0)
        group_note(w, "stage %u of %u: goes on in spite of %u rules that failed", p->stage + 1, p->stages, failed);
    if (p->stage + 1 < p->stages)
        enter_stage(w, p->stage + 1);
    else
        end(w);
}

static bool all_known(const struct group_plan *p)
{
    for (unsigned i = 0; i < p->rules; i++)
        if (p->rule[i].step == GROUP_WAITING && p->rule[i].wanted == MEMBER_NONE)
            return false;
    return true;
}

/* Who is to be master is settled, as far as it can be, before the first rule moves. */
static void look(struct group_work *w)
{
    struct group_plan *p = w->plan;
    for (unsigned i = 0; i < p->rules; i++)
        group_rule_choose(w, &p->rule[i]);
    if (p->paused)
        p->since = w->event->now;
    else if (all_known(p) || w->event->now - p->since >= GROUP_REACH)
        enter_stage(w, 0);
}

static void work(struct group_work *w)
{
    struct group_plan *p = w->plan;
    for (unsigned i = 0; i < p->rules; i++)
        if (at_work(p, &p->rule[i]))
            group_rule_step(w, &p->rule[i]);
    if (count(p, GROUP_SWITCHING) == 0 && (p->cancelling || count(p, GROUP_WAITING) == 0)) {
        if (p->cancelling)
            end_cancelled(w);
        else
            leave_stage(w);
    }
}

/* As far as it goes by itself: one event may end a stage whose successor has nothing to do. */
static void go_on(struct group_work *w)
{
    const struct group_plan *p = w->plan;
    uint32_t stage;
    enum group_phase phase;
    do {
        stage = p->stage;
        phase = p->phase;
        if (phase == GROUP_LOOKING && !p->cancelling)
            look(w);
        else if (phase == GROUP_RUNNING)
            work(w);
        else if (p->cancelling && !group_ended(p))
            end_cancelled(w);
    } while (stage != p->stage || phase != p->phase);
}

bool group_ended(const struct group_plan *p)
{
    return p->phase == GROUP_DONE || p->phase == GROUP_CANCELLED;
}

/* ---- a person ---- */

static void pause_it(struct group_work *w)
{
    if (w->plan->paused) {
        refuse(w, "it is paused already");
        return;
    }
    w->plan->paused = true;
    group_note(w, "paused: what runs ends, nothing new begins");
}

static void resume(struct group_work *w)
{
    if (!w->plan->paused) {
        refuse(w, w->plan->phase == GROUP_STOPPED
                      ? "it is not paused, it has stopped on an error: retry, skip or cancel"
                  : w->plan->phase == GROUP_CONFIRM ? "it is not paused, it waits for a confirmation: confirm"
                                                    : "it is not paused");
        return;
    }
    w->plan->paused = false;
    group_note(w, "resumed");
}

static void confirm(struct group_work *w)
{
    if (w->plan->phase != GROUP_CONFIRM) {
        refuse(w, "no stage waits for a confirmation");
        return;
    }
    group_note(w, "stage %u of %u confirmed", w->plan->stage + 1, w->plan->stages);
    run_stage(w);
}

/* What failed waits again, or is left out. */
static void mend(struct group_work *w, enum group_step_of_rule step, const char *what)
{
    struct group_plan *p = w->plan;
    if (p->phase != GROUP_STOPPED) {
        refuse(w, "it has not stopped on an error");
        return;
    }
    for (unsigned i = 0; i < p->rules; i++)
        if (at_work(p, &p->rule[i]) && p->rule[i].step == GROUP_FAILED)
            p->rule[i].step = step;
    start_clocks(p, w->event->now);
    set_phase(w, GROUP_RUNNING);
    group_note(w, "%s", what);
}

static void cancel(struct group_work *w)
{
    if (w->plan->cancelling) {
        refuse(w, "it is being cancelled already: what runs ends first");
        return;
    }
    w->plan->cancelling = true;
    group_note(w, "cancel: what runs ends, nothing new begins");
}

static void hear(struct group_work *w)
{
    const struct group_event *e = w->event;
    w->plan->rule[e->rule].seen[e->member] = (struct group_seen){.at = e->now, .tell = *e->tell};
}

void group_step(struct group_plan *plan, const struct group_event *event, struct group_answer *answer)
{
    struct group_work w = {.plan = plan, .event = event, .answer = answer};
    *answer = (struct group_answer){.must_store = false};
    if (group_ended(plan)) {
        if (event->kind > GROUP_SEEN)
            refuse(&w, "it has ended: begin another with switch or fail-back");
        return;
    }
    switch (event->kind) {
    case GROUP_TICK: break;
    case GROUP_SEEN: hear(&w); break;
    case GROUP_PAUSE: pause_it(&w); break;
    case GROUP_RESUME: resume(&w); break;
    case GROUP_CONFIRMED: confirm(&w); break;
    case GROUP_RETRY: mend(&w, GROUP_WAITING, "the rules that failed are tried again"); break;
    case GROUP_SKIP: mend(&w, GROUP_LEFT, "the rules that failed are left out"); break;
    case GROUP_CANCEL: cancel(&w); break;
    }
    if (!answer->refused)
        go_on(&w);
}

/* ---- begin ---- */

static void take_rules(struct group_plan *p, const struct group *group, const struct group_wish *wish)
{
    bool back = wish->kind == GROUP_FAIL_BACK;
    for (unsigned i = 0; i < group->stages; i++) {
        const struct group_stage *stage = &group->stage[i];
        uint32_t place = back ? group->stages - 1 - i : i;
        p->stage_of[place] = (struct group_plan_stage){.confirm = stage->confirm, .timeout = stage->timeout};
        for (unsigned n = 0; n < stage->rules; n++) {
            struct group_plan_rule *r = &p->rule[p->rules];
            *r = (struct group_plan_rule){
                .id = stage->rule[n].id, .stage = place, .wanted = MEMBER_NONE, .ordered = MEMBER_NONE};
            snprintf(r->name, sizeof r->name, "%s", wish->name[p->rules]);
            p->rules++;
        }
    }
    p->stages = group->stages;
}

static const struct group_plan_rule *same_rule(const struct group_plan *plan, const struct dr_id *id)
{
    for (unsigned i = 0; i < plan->rules; i++)
        if (strcmp(plan->rule[i].id.hex, id->hex) == 0)
            return &plan->rule[i];
    return NULL;
}

/* The original master is the one that the last plan took the mastership from. What that plan did not know of, or never
 * found the master of, is left out. */
static enum dr_code turn_back(struct group_plan *p, const struct group_plan *last, struct dr_error *err)
{
    unsigned known = 0;
    if (last == NULL || last->kind != GROUP_SWITCH)
        return dr_fail(err, DR_REFUSED, "there is no switch of this group to fail back from: its last plan is %s",
                       last ? "a fail-back" : "none");
    for (unsigned i = 0; i < p->rules; i++) {
        struct group_plan_rule *r = &p->rule[i];
        const struct group_plan_rule *before = same_rule(last, &r->id);
        if (before != NULL && before->wanted != MEMBER_NONE) {
            r->wanted = member_other(before->wanted);
            known++;
            continue;
        }
        r->step = GROUP_LEFT;
        snprintf(r->text, sizeof r->text, "the last switch never found its master: there is nothing to go back to");
    }
    return known > 0 ? DR_OK : dr_fail(err, DR_REFUSED, "the last switch of this group never found a master");
}

enum dr_code group_begin(struct group_plan *p, const struct group *group, const struct group_wish *wish,
                         struct dr_error *err)
{
    *p = (struct group_plan){.group = group->id,
                             .plan = wish->plan,
                             .began_ms = wish->time_ms,
                             .kind = wish->kind,
                             .force = wish->force,
                             .switch_confirm = group->switch_confirm,
                             .on_error = group->on_error,
                             .since = wish->now};
    snprintf(p->name, sizeof p->name, "%s", group->name);
    snprintf(p->by, sizeof p->by, "%s", wish->by);
    take_rules(p, group, wish);
    if (wish->kind == GROUP_FAIL_BACK && turn_back(p, wish->last, err) != DR_OK)
        return err->code;
    struct group_answer answer = {.must_store = false};
    const struct group_event event = {.now = wish->now, .time_ms = wish->time_ms, .by = wish->by};
    struct group_work w = {.plan = p, .event = &event, .answer = &answer};
    group_note(&w, "%s%s of %u rules in %u stages", wish->kind == GROUP_SWITCH ? "switch" : "fail-back",
               wish->force ? ", by force," : "", p->rules, p->stages);
    return DR_OK;
}

void group_resume(struct group_plan *p, msec now, int64_t time_ms)
{
    struct group_answer answer = {.must_store = false};
    const struct group_event event = {.now = now, .time_ms = time_ms};
    struct group_work w = {.plan = p, .event = &event, .answer = &answer};
    if (group_ended(p))
        return;
    p->since = now;
    start_clocks(p, now);
    group_note(&w, "drnode started, or read its files again: the plan goes on where it was");
}
