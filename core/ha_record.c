/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ha_record.h"

#include "core/coder.h"

#include <string.h>

static bool all_read(const struct cursor *c)
{
    return cursor_ok(c) && cursor_left(c) == 0;
}

/* Its own bound on the wire is checked with it. A message is the last thing in what it is part of. */
static void code_message(struct coder *c, struct ha_message *m)
{
    if (c->reading)
        (void)ha_message_decode(c->cursor, m); /* spoils the cursor if it is none */
    else
        ha_message_encode(c->cursor, m);
}

/* ---- events ---- */

void ha_code_facts(struct coder *c, struct ha_facts *f)
{
    CODE_WORD(c, f->phase, HA_PHASE_REPLICATING);
    code_bool(c, &f->mixed);
    code_bool(c, &f->in_window);
    code_bool(c, &f->ended);
    code_bool(c, &f->uncovered);
    code_bool(c, &f->alone);
    code_u64(c, &f->lag_records);
    code_u64(c, &f->lag_bytes);
    code_msec(c, &f->lag_ms);
    code_u32(c, &f->monitors.failed, UINT32_MAX);
    code_u32(c, &f->monitors.good, UINT32_MAX);
    code_u32(c, &f->monitors.list, UINT32_MAX);
}

static void code_event(struct coder *c, struct ha_event_held *held)
{
    struct ha_event *e = &held->event;
    CODE_WORD(c, e->kind, HA_ORDER);
    code_msec(c, &e->now);
    switch (e->kind) {
    case HA_TICK:
    case HA_STORE_FAILED: break;
    case HA_RECEIVED:
        code_u32(c, &e->line, WITNESSES_MAX - 1);
        code_message(c, &held->message);
        if (c->reading && held->message.from != MEMBER_NONE && e->line >= HA_LINES_MAX)
            c->cursor->bad = true;
        break;
    case HA_FACTS: ha_code_facts(c, &e->facts); break;
    case HA_DONE:
        code_u64(c, &e->command);
        code_bool(c, &e->ok);
        code_text(c, held->text, sizeof held->text);
        break;
    case HA_ORDER: CODE_WORD(c, e->order, HA_ORDER_REJOIN); break;
    }
}

void ha_record_event(struct cursor *c, const struct ha_event *event)
{
    struct ha_event_held held;
    held.event = *event;
    held.text[0] = '\0';
    if (event->kind == HA_RECEIVED)
        held.message = *event->message;
    if (event->kind == HA_DONE && event->text != NULL)
        memcpy(held.text, event->text, strnlen(event->text, HA_TEXT_MAX - 1) + 1);
    held.text[HA_TEXT_MAX - 1] = '\0';
    code_event(&(struct coder){.cursor = c}, &held);
}

bool ha_record_get_event(struct cursor *c, struct ha_event_held *held)
{
    memset(held, 0, sizeof *held);
    code_event(&(struct coder){.cursor = c, .reading = true}, held);
    held->event.message = &held->message;
    held->event.text = held->text;
    return all_read(c);
}

/* ---- answers ---- */

static void code_command(struct coder *c, struct ha_action *a)
{
    CODE_WORD(c, a->u.command.kind, HA_DRAIN);
    code_u64(c, &a->u.command.id);
    code_bool(c, &a->u.command.at_once);
    code_u64(c, &a->u.command.term);
    code_msec(c, &a->u.command.lifetime);
    code_msec(c, &a->u.command.deadline);
    code_msec(c, &a->u.command.limit_ms);
}

static void code_action(struct coder *c, struct ha_action *a)
{
    CODE_WORD(c, a->kind, HA_LOG);
    switch (a->kind) {
    case HA_STORE:
    case HA_KILL_SCRIPT: break;
    case HA_SEND_PEER:
    case HA_SEND_WITNESS:
        code_u32(c, &a->u.send.line, WITNESSES_MAX - 1);
        code_message(c, &a->u.send.message);
        break;
    case HA_COMMAND: code_command(c, a); break;
    case HA_LOG:
        CODE_WORD(c, a->u.log.level, HA_INFO);
        code_text(c, a->u.log.text, sizeof a->u.log.text);
        break;
    }
}

void ha_record_action(struct cursor *c, const struct ha_action *action)
{
    struct ha_action copy = *action;
    code_action(&(struct coder){.cursor = c}, &copy);
}

bool ha_record_get_action(struct cursor *c, struct ha_action *action)
{
    memset(action, 0, sizeof *action);
    code_action(&(struct coder){.cursor = c, .reading = true}, action);
    return all_read(c);
}

void ha_record_end(struct cursor *c, const struct ha_answer *answer)
{
    cursor_put_u64(c, (uint64_t)answer->wake);
    cursor_put_u8(c, answer->refused);
    cursor_put_text(c, answer->why);
}

bool ha_record_get_end(struct cursor *c, struct ha_answer *answer)
{
    struct coder k = {.cursor = c, .reading = true};
    answer->why[0] = '\0';
    code_msec(&k, &answer->wake);
    code_bool(&k, &answer->refused);
    code_text(&k, answer->why, sizeof answer->why);
    return all_read(c);
}
