/* SPDX-License-Identifier: Apache-2.0 */
#include "core/group_message.h"

#include "core/coder.h"
#include "core/id.h"

#define GROUP_MESSAGE_VERSION 1u

static void code_version(struct coder *c)
{
    uint8_t version = GROUP_MESSAGE_VERSION;
    code_u8(c, &version, UINT8_MAX);
    if (version != GROUP_MESSAGE_VERSION)
        c->cursor->bad = true;
}

static void code_ticket(struct coder *c, struct group_ticket *ticket)
{
    code_u64(c, &ticket->life);
    code_msec(c, &ticket->at);
}

static void code_ask(struct coder *c, struct group_ask *ask)
{
    code_version(c);
    code_id(c, &ask->group);
    code_id(c, &ask->rule);
    code_u64(c, &ask->plan);
    code_u32(c, &ask->attempt, UINT32_MAX);
    CODE_WORD(c, ask->order, GROUP_ORDER_TAKE);
    code_ticket(c, &ask->ticket);
}

static void code_tell(struct coder *c, struct group_tell *tell)
{
    code_version(c);
    code_id(c, &tell->rule);
    code_ticket(c, &tell->ticket);
    code_u64(c, &tell->plan);
    code_u32(c, &tell->attempt, UINT32_MAX);
    CODE_WORD(c, tell->outcome, GROUP_UNDONE);
    code_bool(c, &tell->runs);
    code_bool(c, &tell->faulted);
    CODE_WORD(c, tell->role, HA_ROLE_SWITCHING);
    code_text(c, tell->text, sizeof tell->text);
}

void group_ask_encode(struct cursor *c, const struct group_ask *ask)
{
    struct group_ask copy = *ask;
    code_ask(&(struct coder){.cursor = c}, &copy);
}

void group_tell_encode(struct cursor *c, const struct group_tell *tell)
{
    struct group_tell copy = *tell;
    code_tell(&(struct coder){.cursor = c}, &copy);
}

static bool at_end(struct cursor *c)
{
    if (cursor_left(c) > 0)
        c->bad = true;
    return cursor_ok(c);
}

bool group_ask_decode(struct cursor *c, struct group_ask *ask)
{
    *ask = (struct group_ask){.order = GROUP_ORDER_NONE};
    code_ask(&(struct coder){.cursor = c, .reading = true}, ask);
    return at_end(c);
}

bool group_tell_decode(struct cursor *c, struct group_tell *tell)
{
    *tell = (struct group_tell){.runs = false};
    code_tell(&(struct coder){.cursor = c, .reading = true}, tell);
    return at_end(c);
}
