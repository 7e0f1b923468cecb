/* SPDX-License-Identifier: Apache-2.0
 * core/group_plan_record.c - a plan as a document. Its checksum is that of the file (agent/store.h). */
#include "core/group_plan_state.h"

#include "core/coder.h"

#define GROUP_PLAN_MAGIC 0x31504744u /* "DGP1": the number is the version */

static void code_stage(struct coder *c, struct group_plan_stage *s)
{
    code_bool(c, &s->confirm);
    code_msec(c, &s->timeout);
}

static void code_rule(struct coder *c, struct group_plan_rule *r)
{
    code_id(c, &r->id);
    code_text(c, r->name, sizeof r->name);
    code_u32(c, &r->stage, GROUP_STAGES_MAX - 1);
    CODE_WORD(c, r->wanted, MEMBER_NONE);
    CODE_WORD(c, r->step, GROUP_LEFT);
    CODE_WORD(c, r->order, GROUP_ORDER_TAKE);
    CODE_WORD(c, r->ordered, MEMBER_NONE);
    code_u32(c, &r->attempt, UINT32_MAX);
    code_text(c, r->text, sizeof r->text);
}

static void code_event(struct coder *c, struct group_plan_event *e)
{
    code_u64(c, &e->number);
    code_msec(c, &e->time_ms);
    code_text(c, e->by, sizeof e->by);
    code_text(c, e->text, sizeof e->text);
}

static void code_count(struct coder *c, unsigned *count, unsigned max)
{
    uint32_t value = *count;
    code_u32(c, &value, max);
    *count = value;
}

static void code_head(struct coder *c, struct group_plan *p)
{
    uint32_t magic = GROUP_PLAN_MAGIC;
    code_u32(c, &magic, UINT32_MAX);
    if (magic != GROUP_PLAN_MAGIC)
        c->cursor->bad = true;
    code_id(c, &p->group);
    code_text(c, p->name, sizeof p->name);
    code_text(c, p->by, sizeof p->by);
    code_u64(c, &p->plan);
    code_msec(c, &p->began_ms);
    CODE_WORD(c, p->kind, GROUP_FAIL_BACK);
    CODE_WORD(c, p->phase, GROUP_CANCELLED);
    code_bool(c, &p->force);
    code_bool(c, &p->switch_confirm);
    code_bool(c, &p->paused);
    code_bool(c, &p->cancelling);
    CODE_WORD(c, p->on_error, GROUP_ON_ERROR_IGNORE);
    code_u32(c, &p->stage, GROUP_STAGES_MAX - 1);
    code_u64(c, &p->noted);
    code_count(c, &p->stages, GROUP_STAGES_MAX);
    code_count(c, &p->rules, GROUP_RULES_MAX);
    code_count(c, &p->events, GROUP_EVENTS_MAX);
}

static void code_plan(struct coder *c, struct group_plan *p)
{
    code_head(c, p);
    for (unsigned i = 0; i < p->stages; i++)
        code_stage(c, &p->stage_of[i]);
    for (unsigned i = 0; i < p->rules; i++)
        code_rule(c, &p->rule[i]);
    for (unsigned i = 0; i < p->events; i++)
        code_event(c, &p->event[i]);
}

size_t group_plan_encode(uint8_t bytes[GROUP_PLAN_BYTES], const struct group_plan *plan)
{
    struct cursor c = cursor_over(bytes, GROUP_PLAN_BYTES);
    struct coder coder = {.cursor = &c};
    code_plan(&coder, (struct group_plan *)plan); /* writing changes nothing */
    return cursor_ok(&c) ? (size_t)(c.at - bytes) : 0;
}

/* What holds in every plan that we write. */
static bool makes_sense(const struct group_plan *p)
{
    if (p->stages == 0 || p->rules == 0 || p->stage >= p->stages)
        return false;
    for (unsigned i = 0; i < p->rules; i++) {
        const struct group_plan_rule *r = &p->rule[i];
        bool given = r->ordered != MEMBER_NONE && r->order != GROUP_ORDER_NONE && r->wanted != MEMBER_NONE;
        if (r->stage >= p->stages || (r->step == GROUP_SWITCHING && !given))
            return false;
    }
    return true;
}

enum dr_code group_plan_decode(struct group_plan *plan, const uint8_t *bytes, size_t size, struct dr_error *err)
{
    struct cursor c = cursor_reading(bytes, size);
    struct coder coder = {.cursor = &c, .reading = true};
    *plan = (struct group_plan){.kind = GROUP_SWITCH};
    code_plan(&coder, plan);
    if (cursor_ok(&c) && cursor_left(&c) == 0 && makes_sense(plan))
        return DR_OK;
    return dr_fail(err, DR_CORRUPT, "it is damaged, or of another version of drnode");
}
