/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ha_replay.h"

#include <stdio.h>
#include <string.h>

/* In their recorded form, which has every field and nothing else. */
static bool same_action(const struct ha_action *a, const struct ha_action *b)
{
    uint8_t one[HA_RECORD_MAX], other[HA_RECORD_MAX];
    struct cursor c = cursor_over(one, sizeof one), d = cursor_over(other, sizeof other);
    ha_record_action(&c, a);
    ha_record_action(&d, b);
    return c.at - one == d.at - other && memcmp(one, other, (size_t)(c.at - one)) == 0;
}

static void words_of(char text[WORDS_MAX], const struct ha_answer *answer, uint32_t i)
{
    if (i < answer->actions)
        ha_action_words(text, &answer->action[i]);
    else
        snprintf(text, WORDS_MAX, "nothing more");
}

static bool differ(const struct ha_answer *was, const struct ha_answer *is, char why[REPLAY_TEXT])
{
    char then[WORDS_MAX], now[WORDS_MAX];
    uint32_t i = 0;
    while (i < was->actions && i < is->actions && same_action(&was->action[i], &is->action[i]))
        i++;
    if (i < was->actions || i < is->actions) {
        words_of(then, was, i);
        words_of(now, is, i);
        snprintf(why, REPLAY_TEXT, "action %u was: %s; it is: %s%s", i + 1, then, now,
                 strcmp(then, now) == 0 ? " (details differ)" : "");
        return true;
    }
    if (was->wake == is->wake && was->refused == is->refused && strcmp(was->why, is->why) == 0)
        return false;
    snprintf(why, REPLAY_TEXT, "it wanted to be called again at %lld (%s), now at %lld (%s)", (long long)was->wake,
             was->refused ? was->why : "not refused", (long long)is->wake, is->refused ? is->why : "not refused");
    return true;
}

bool ha_replay_step(struct ha_replay *r, const struct flight_step *step, char why[REPLAY_TEXT])
{
    ha_step(&r->h, &step->held.event, &r->answer);
    r->steps++;
    return !differ(&step->answer, &r->answer, why);
}

static bool same_state(const struct ha *h, const struct flight_reader *segment)
{
    uint8_t bytes[HA_RECORD_MAX];
    struct cursor c = cursor_over(bytes, sizeof bytes);
    ha_record_state(&c, h);
    size_t size = (size_t)(c.at - bytes);
    return size == segment->state_size && memcmp(bytes, segment->state, size) == 0;
}

bool ha_replay_begin(struct ha_replay *r, const struct flight_reader *segment, char why[REPLAY_TEXT])
{
    const struct flight_head *head = &segment->head;
    bool follows = r->running && head->why == FLIGHT_FULL && head->life == r->life && head->step == r->steps;
    if (follows && !same_state(&r->h, segment)) {
        snprintf(why, REPLAY_TEXT, "the state that a new segment begins with is not the one that the steps led to");
        return false;
    }
    struct cursor c = cursor_reading(segment->state, segment->state_size);
    r->running = ha_record_get_state(&c, &r->h);
    r->life = head->life;
    r->steps = head->step;
    if (!r->running)
        snprintf(why, REPLAY_TEXT, "the state that a segment begins with makes no sense");
    return r->running;
}
