/* SPDX-License-Identifier: Apache-2.0
 * agent/monitor/judge.c - what the answer of a check means, and what of it is told. */
#include "agent/monitor/monitors_state.h"

#include <stdio.h>
#include <string.h>

static void tell(const struct watch *w, enum log_level level, const char *what)
{
    log_write(w->set->owner->config.log, level, &w->set->rule->id, "monitor", "%s (%s %s) %s: %s", w->m->name,
              monitor_kind_words[w->m->kind], w->m->object, what, w->text);
}

/* Told once, until a check tells something again. */
static void unclear(struct watch *w)
{
    if (!w->unclear)
        tell(w, LOG_LEVEL_WARNING, "could not be checked, which counts nothing");
    w->unclear = true;
}

static const char *failed_words(const struct watch *w)
{
    return w->m->log_only || w->set->role == HA_ROLE_SLAVE ? "has failed (only logged)" : "has failed";
}

static void tell_change(const struct watch *w, enum monitor_state before)
{
    enum monitor_state now = w->state.state;
    if (now == before)
        return;
    if (now == MONITOR_FAILED)
        tell(w, LOG_LEVEL_WARNING, failed_words(w));
    else if (now == MONITOR_FAILING)
        tell(w, LOG_LEVEL_INFO, "does not work");
    else
        tell(w, LOG_LEVEL_INFO, "works");
}

/* Control characters would break a line. */
static void take_text(struct watch *w, const char *text)
{
    snprintf(w->text, sizeof w->text, "%s", text);
    for (char *c = w->text; *c; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
}

void judge(struct watch *w, enum monitor_result result, const char *text, msec now)
{
    take_text(w, text);
    enum monitor_state before = monitor_note(&w->state, w->m->max_failures, result, now);
    if (result == MONITOR_UNCLEAR) {
        unclear(w);
        return;
    }
    w->unclear = false;
    tell_change(w, before);
}
