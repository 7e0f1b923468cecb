/* SPDX-License-Identifier: Apache-2.0 */
#include "core/flight_read.h"

#include <string.h>

void flight_read_segment(struct flight_reader *r, const void *bytes, size_t size)
{
    memset(&r->pack, 0, sizeof r->pack);
    memset(&r->head, 0, sizeof r->head);
    r->segment = cursor_reading(bytes, size);
    r->items = cursor_reading(bytes, 0);
}

/* The next item, wherever its chunk is. */
static enum flight_found next_item(struct flight_reader *r, enum flight_kind *kind, uint8_t body[HA_RECORD_MAX],
                                   size_t *size)
{
    while (cursor_left(&r->items) == 0)
        if (!flight_chunk_open(&r->segment, &r->items))
            return FLIGHT_OVER;
    return flight_get(&r->pack, &r->items, kind, body, size) ? FLIGHT_STEP : FLIGHT_BAD;
}

static enum flight_found begin(struct flight_reader *r, struct cursor *head)
{
    enum flight_kind kind;
    if (!flight_head_decode(head, &r->head) || r->head.version != HA_RECORD_VERSION)
        return FLIGHT_BAD;
    enum flight_found found = next_item(r, &kind, r->state, &r->state_size);
    return found == FLIGHT_STEP && kind == FLIGHT_STATE ? FLIGHT_BEGAN : FLIGHT_BAD;
}

/* What an answer has, up to its end. */
static enum flight_found rest_of_step(struct flight_reader *r)
{
    uint8_t body[HA_RECORD_MAX];
    enum flight_kind kind = FLIGHT_ACTION;
    struct ha_answer *answer = &r->step.answer;
    answer->actions = 0;
    while (kind != FLIGHT_END) {
        size_t size;
        if (next_item(r, &kind, body, &size) != FLIGHT_STEP)
            return FLIGHT_BAD;
        struct cursor c = cursor_reading(body, size);
        bool legal = kind == FLIGHT_END ? ha_record_get_end(&c, answer)
                                        : kind > FLIGHT_HEARD_WITNESS && answer->actions < HA_ACTIONS_MAX &&
                                              ha_record_get_action(&c, &answer->action[answer->actions++]);
        if (!legal)
            return FLIGHT_BAD;
    }
    return FLIGHT_STEP;
}

enum flight_found flight_read_next(struct flight_reader *r)
{
    uint8_t body[HA_RECORD_MAX];
    enum flight_kind kind;
    size_t size;
    enum flight_found found = next_item(r, &kind, body, &size);
    if (found != FLIGHT_STEP)
        return found;
    struct cursor c = cursor_reading(body, size);
    if (kind == FLIGHT_HEAD)
        return begin(r, &c);
    bool event = kind >= FLIGHT_EVENT && kind <= FLIGHT_HEARD_WITNESS && r->head.version == HA_RECORD_VERSION;
    return event && ha_record_get_event(&c, &r->step.held) ? rest_of_step(r) : FLIGHT_BAD;
}
