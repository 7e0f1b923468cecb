/* SPDX-License-Identifier: Apache-2.0
 * core/ha_record_state.c - the whole of struct ha. A field that a step reads and that is missing here makes a replay
 * differ: tests/sim plays whole runs from recorded states and finds it. */
#include "core/coder.h"
#include "core/ha_record.h"

#include <string.h>

static void code_config(struct coder *c, struct ha_config *f)
{
    struct dr_error err;
    if (c->reading) {
        const uint8_t *digits = cursor_get_bytes(c->cursor, DR_ID_DIGITS);
        if (digits != NULL)
            memcpy(f->rule.hex, digits, DR_ID_DIGITS);
    } else {
        cursor_put_bytes(c->cursor, f->rule.hex, DR_ID_DIGITS);
    }
    CODE_WORD(c, f->self, MEMBER_B);
    code_u32(c, &f->lines, HA_LINES_MAX);
    code_u32(c, &f->witnesses, WITNESSES_MAX);
    code_bool(c, &f->majority);
    code_msec(c, &f->interval);
    code_u32(c, &f->max_fail, UINT32_MAX);
    code_msec(c, &f->release_grace);
    code_msec(c, &f->boot_wait);
    code_msec(c, &f->round_trip);
    code_msec(c, &f->script_timeout);
    code_msec(c, &f->drain_timeout);
    code_u32(c, &f->priority, UINT32_MAX);
    CODE_WORD(c, f->initial, MEMBER_B);
    code_bool(c, &f->auto_switch);
    code_bool(c, &f->need_rep_status);
    code_bool(c, &f->restart_takeover);
    code_bool(c, &f->vip);
    code_bool(c, &f->volume);
    code_msec(c, &f->fence_timeout);
    code_bool(c, &f->replicate[MEMBER_A]);
    code_bool(c, &f->replicate[MEMBER_B]);
    code_u32(c, &f->watch_master, UINT32_MAX);
    code_u32(c, &f->watch_both, UINT32_MAX);
    code_msec(c, &f->failure_timeout);
    CODE_WORD(c, f->guard, HA_GUARD_WATCHDOG);
    if (c->reading && cursor_ok(c->cursor) && ha_check(f, &err) != DR_OK)
        c->cursor->bad = true;
}

/* In its durable form, which checks itself. */
static void code_store(struct coder *c, struct ha_store *store)
{
    uint8_t bytes[HA_STORE_BYTES];
    struct dr_error err;
    if (!c->reading) {
        size_t size = ha_store_encode(bytes, store);
        cursor_put_u16(c->cursor, (uint16_t)size);
        cursor_put_bytes(c->cursor, bytes, size);
        return;
    }
    size_t size = cursor_get_u16(c->cursor);
    const uint8_t *read = cursor_get_bytes(c->cursor, size);
    if (read == NULL || ha_store_decode(store, read, size, &err) != DR_OK)
        c->cursor->bad = true;
}

static void code_round(struct coder *c, struct vote_round *round)
{
    code_u64(c, &round->start);
    code_u64(c, &round->number);
}

static void code_voter_store(struct coder *c, struct voter_store *store)
{
    if (!c->reading)
        voter_store_encode(c->cursor, store);
    else if (!voter_store_decode(c->cursor, store))
        c->cursor->bad = true;
}

static void code_voter(struct coder *c, struct voter *v)
{
    code_voter_store(c, &v->store);
    code_msec(c, &v->until);
    for (unsigned i = 0; i < 2; i++) {
        code_u64(c, &v->asker[i].identity);
        code_u64(c, &v->asker[i].replaced);
        code_round(c, &v->asker[i].last);
    }
    code_bool(c, &v->unsaved);
}

static void code_mastership(struct coder *c, struct mastership *m)
{
    for (unsigned i = 0; i < PROMISES_MAX; i++) {
        code_u64(c, &m->promise[i].identity);
        code_msec(c, &m->promise[i].end);
        code_bool(c, &m->promise[i].handed_over);
        code_u64(c, &m->promise[i].behind);
    }
    code_round(c, &m->round);
    code_u64(c, &m->void_before);
}

/* A report has a form in messages only: it is put into one of the member that said it. */
static void code_report(struct coder *c, struct ha_report *report, const struct ha_config *config)
{
    uint8_t bytes[HA_MESSAGE_WIRE];
    struct ha_message m = {
        .kind = HA_ANSWER, .rule = config->rule, .from = member_other(config->self), .asker = config->self + 1u};
    bool known = report->identity != 0;
    code_bool(c, &known);
    if (!known)
        return;
    if (c->reading) {
        size_t size = cursor_get_u16(c->cursor);
        const uint8_t *read = cursor_get_bytes(c->cursor, size);
        struct cursor in = cursor_reading(read, read != NULL ? size : 0);
        if (ha_message_decode(&in, &m) && m.from == member_other(config->self))
            *report = m.report;
        else
            c->cursor->bad = true;
        return;
    }
    m.report = *report;
    struct cursor out = cursor_over(bytes, sizeof bytes);
    ha_message_encode(&out, &m);
    cursor_put_u16(c->cursor, (uint16_t)(sizeof bytes - cursor_left(&out)));
    cursor_put_bytes(c->cursor, bytes, sizeof bytes - cursor_left(&out));
}

static void code_peer(struct coder *c, struct ha *h)
{
    code_report(c, &h->peer.report, &h->config);
    code_msec(c, &h->peer.reported);
    code_u64(c, &h->peer.replaced);
    for (unsigned i = 0; i < HA_LINES_MAX; i++)
        code_msec(c, &h->peer.heard[i]);
}

static void code_job(struct coder *c, struct ha_job *job)
{
    uint8_t plan = ha_plan_number(job);
    code_u8(c, &plan, UINT8_MAX);
    if (c->reading && !ha_plan_restore(job, plan))
        c->cursor->bad = true;
    code_u32(c, &job->step, job->length);
    code_u64(c, &job->id);
    code_bool(c, &job->issued_now);
    code_msec(c, &job->retry_at);
    code_u32(c, &job->tries, UINT32_MAX);
    if (c->reading && job->id != 0 && job->step == job->length)
        c->cursor->bad = true; /* a command in flight is one of the plan */
}

static void code_times(struct coder *c, struct ha *h)
{
    code_msec(c, &h->now);
    code_msec(c, &h->started);
    code_msec(c, &h->beat_at);
    code_msec(c, &h->orphans_until);
    code_msec(c, &h->ask_after);
    code_msec(c, &h->asking_since);
    code_msec(c, &h->asking_until);
    code_msec(c, &h->act_at);
    code_msec(c, &h->acting_since);
    code_msec(c, &h->ask_now_until);
    code_msec(c, &h->renewed);
    code_msec(c, &h->renewal_told);
    code_msec(c, &h->doubt_told);
    code_msec(c, &h->in_step);
    code_msec(c, &h->fence_at);
    code_msec(c, &h->cover_after);
    code_msec(c, &h->evade_after);
    code_msec(c, &h->failed_until);
    code_msec(c, &h->told);
    code_msec(c, &h->told_gone);
}

static void code_numbers(struct coder *c, struct ha *h)
{
    code_u64(c, &h->term);
    code_u64(c, &h->following);
    code_u64(c, &h->invited);
    code_u64(c, &h->ask_now);
    code_u64(c, &h->told_behind);
    code_u64(c, &h->renewing);
    code_u64(c, &h->commands);
    code_u64(c, &h->stamps);
    code_u64(c, &h->random);
}

static void code_flags(struct coder *c, struct ha *h)
{
    code_bool(c, &h->owner);
    code_bool(c, &h->forced);
    code_bool(c, &h->switch_forced);
    code_bool(c, &h->leaving);
    code_bool(c, &h->cover_due);
    code_bool(c, &h->evading);
    code_bool(c, &h->held);
    code_bool(c, &h->vip_held);
    code_bool(c, &h->renumber);
    code_bool(c, &h->script_stopped);
    code_bool(c, &h->renew_issued_now);
    code_bool(c, &h->store_bad);
    code_bool(c, &h->store_tried);
    code_bool(c, &h->store_due);
}

static void code_witnesses(struct coder *c, struct ha *h)
{
    for (unsigned i = 0; i < WITNESSES_MAX; i++) {
        code_u64(c, &h->third[i].identity);
        code_msec(c, &h->third[i].heard);
        code_u64(c, &h->third[i].round);
        code_u64(c, &h->third[i].term);
    }
    CODE_WORD(c, h->intended.count, CONFIGURATIONS_MAX);
    for (unsigned i = 0; i < h->intended.count; i++) {
        if (!c->reading)
            configuration_encode(c->cursor, &h->intended.of[i]);
        else if (!configuration_decode(c->cursor, &h->intended.of[i]))
            c->cursor->bad = true;
    }
}

static void code_state(struct coder *c, struct ha *h)
{
    code_config(c, &h->config);
    code_store(c, &h->store);
    code_voter(c, &h->voter);
    code_mastership(c, &h->mastership);
    code_peer(c, h);
    ha_code_facts(c, &h->facts);
    code_job(c, &h->job);
    CODE_WORD(c, h->mode, HA_STOPPED);
    CODE_WORD(c, h->bar, HA_BAR_UNSYNCED);
    code_times(c, h);
    code_numbers(c, h);
    code_flags(c, h);
    code_witnesses(c, h);
    code_text(c, h->evade_bar, sizeof h->evade_bar);
    CODE_WORD(c, h->fault_of, HA_DRAIN);
    code_text(c, h->fault, sizeof h->fault);
}

void ha_record_state(struct cursor *c, const struct ha *h)
{
    struct ha copy = *h;
    code_state(&(struct coder){.cursor = c}, &copy);
}

bool ha_record_get_state(struct cursor *c, struct ha *h)
{
    memset(h, 0, sizeof *h);
    code_state(&(struct coder){.cursor = c, .reading = true}, h);
    return cursor_ok(c) && cursor_left(c) == 0;
}
