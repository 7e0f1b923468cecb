/* SPDX-License-Identifier: Apache-2.0
 * core/ha_answer.c - builds the answer of a step. Two rows: what may be done whatever becomes of the store (logs, and
 * everything that releases), then STORE, then what rests on it (messages, and everything that takes). */
#include "core/ha_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void ha_answer_begin(struct ha *h, struct ha_answer *out)
{
    out->actions = 0;
    out->refused = false;
    out->why[0] = '\0';
    h->out = out;
    h->early = 0;
}

/* The bound is that of the busiest step: a give-back and a beat on 8 lines and to the arbiter, an answer, and a few
 * logs and commands; the last slot is the store's. */
static struct ha_action *insert(struct ha *h, uint32_t at, enum ha_action_kind kind)
{
    struct ha_answer *out = h->out;
    if (out->actions == HA_ACTIONS_MAX)
        return &out->action[HA_ACTIONS_MAX - 1];
    memmove(&out->action[at + 1], &out->action[at], (out->actions - at) * sizeof out->action[0]);
    out->actions++;
    out->action[at].kind = kind;
    memset(&out->action[at].u, 0, sizeof out->action[at].u);
    return &out->action[at];
}

struct ha_action *ha_action_late(struct ha *h, enum ha_action_kind kind)
{
    return insert(h, h->out->actions, kind);
}

struct ha_action *ha_action_early(struct ha *h, enum ha_action_kind kind)
{
    return insert(h, h->early++, kind);
}

void ha_answer_end(struct ha *h)
{
    h->store_tried = h->store_due;
    if (h->store_due) {
        h->store.voter = h->voter.store;
        insert(h, h->early, HA_STORE);
        h->store_due = false;
    }
    h->out = NULL;
}

void ha_log(struct ha *h, enum ha_level level, const char *format, ...)
{
    struct ha_action *a = ha_action_early(h, HA_LOG);
    va_list args;
    va_start(args, format);
    vsnprintf(a->u.log.text, sizeof a->u.log.text, format, args);
    va_end(args);
    a->u.log.level = level;
}

void ha_refuse(struct ha *h, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(h->out->why, sizeof h->out->why, format, args);
    va_end(args);
    h->out->refused = true;
}
