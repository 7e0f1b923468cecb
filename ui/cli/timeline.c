/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/cli/timeline.h"

#include <time.h>

void timeline_when(char text[32], const struct flight_head *head, msec now)
{
    int64_t wall = head->wall_ms + (now - head->now);
    time_t seconds = (time_t)(wall / 1000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t used = strftime(text, 32, "%Y-%m-%d %H:%M:%S", &parts);
    snprintf(text + used, 32 - used, ".%03d", (int)(wall % 1000));
}

/* Renewals come twice a second, for ever. */
static bool worth_showing(const struct ha_action *a)
{
    if (a->kind == HA_COMMAND)
        return a->u.command.kind != HA_VIP_RENEW;
    return a->kind == HA_LOG || a->kind == HA_KILL_SCRIPT;
}

static bool anything(const struct ha *before, const struct ha_event *e, const struct ha *after,
                     const struct ha_answer *answer)
{
    bool done = e->kind == HA_DONE && (e->command == before->job.id || !e->ok);
    if (before->mode != after->mode || e->kind == HA_ORDER || e->kind == HA_STORE_FAILED || done)
        return true;
    for (uint32_t i = 0; i < answer->actions; i++)
        if (worth_showing(&answer->action[i]))
            return true;
    return false;
}

void timeline_step(const struct timeline *t, const struct ha *before, const struct ha_event *event,
                   const struct ha *after, const struct ha_answer *answer)
{
    char when[32], words[WORDS_MAX];
    if (!t->all && !anything(before, event, after, answer))
        return;
    timeline_when(when, &t->head, event->now);
    ha_event_words(words, before, event);
    fprintf(t->out, "%s  %s\n", when, words);
    for (uint32_t i = 0; i < answer->actions; i++) {
        if (!t->all && !worth_showing(&answer->action[i]))
            continue;
        ha_action_words(words, &answer->action[i]);
        fprintf(t->out, "%25s %s %s\n", "", answer->action[i].kind == HA_LOG ? "  " : "->", words);
    }
    if (answer->refused)
        fprintf(t->out, "%25s    refused: %s\n", "", answer->why);
    if (before->mode != after->mode)
        fprintf(t->out, "%25s => %s\n", "", ha_mode_name(after->mode));
}
