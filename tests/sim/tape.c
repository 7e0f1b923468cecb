/* SPDX-License-Identifier: Apache-2.0
 * tests/sim/tape.c - a flight recorder beside a member's core: what it wrote is played again as soon as a segment is
 * full, and must give the same answers and lead to the same state. So a field of the core that a record forgets is
 * found. Short segments, as a replay starts with each. */
#include "core/ha_replay.h"
#include "tests/sim/sim.h"

#include <stdlib.h>
#include <string.h>

#define SEGMENT      (128 * 1024)
#define STEPS        40 /* in a segment; not a divisor of anything that beats */
#define TAPED_EVERY  16 /* seeds: it takes longer than the run itself */
#define STEP_AT_MOST (16 * 1024)

struct tape {
    struct flight_pack pack;
    uint8_t bytes[SEGMENT];
    struct cursor items;
    uint64_t life, steps, in_segment;
    struct flight_reader reader;
    struct ha_replay replay;
};

void tape_begin(struct sim *s)
{
    for (unsigned i = 0; i < 2 && s->seed % TAPED_EVERY == 0; i++)
        if ((s->host[i].tape = calloc(1, sizeof *s->host[i].tape)) == NULL)
            abort();
}

static void play(struct sim *s, struct host *h)
{
    struct tape *t = h->tape;
    char why[REPLAY_TEXT] = "it does not read what it wrote";
    size_t items = (size_t)(t->items.at - t->bytes) - FLIGHT_CHUNK_HEAD;
    flight_read_segment(&t->reader, t->bytes, flight_chunk_close(t->bytes, items));
    enum flight_found found;
    bool same = true;
    uint64_t steps = 0;
    while (same && (found = flight_read_next(&t->reader)) != FLIGHT_OVER) {
        steps += found == FLIGHT_STEP;
        same = found == FLIGHT_BEGAN  ? ha_replay_begin(&t->replay, &t->reader, why)
               : found == FLIGHT_STEP ? ha_replay_step(&t->replay, &t->reader.step, why)
                                      : false;
    }
    if (!same || steps != t->in_segment)
        sim_violated(s, "the flight recorder of member %c: step %llu: %.200s", h->self == MEMBER_A ? 'A' : 'B',
                     (unsigned long long)t->replay.steps, why);
}

static void begin_segment(struct sim *s, struct host *h)
{
    struct tape *t = h->tape;
    struct flight_head head = {.version = HA_RECORD_VERSION,
                               .why = t->steps > 0 ? FLIGHT_FULL : FLIGHT_START,
                               .life = h->life,
                               .step = t->steps,
                               .now = host_clock(s, h)};
    if (t->in_segment > 0)
        play(s, h);
    t->in_segment = 0;
    t->items = cursor_over(t->bytes + FLIGHT_CHUNK_HEAD, SEGMENT - FLIGHT_CHUNK_EXTRA);
    if (!flight_put_begin(&t->pack, &t->items, &head, &h->ha))
        sim_violated(s, "the state of a member does not fit into a segment");
}

void tape_event(struct sim *s, struct host *h, const struct ha_event *event)
{
    struct tape *t = h->tape;
    if (t == NULL)
        return;
    if (t->life != h->life) {
        if (t->in_segment > 0)
            play(s, h);
        t->steps = t->in_segment = 0;
        t->life = h->life;
    }
    if (t->steps == 0 || t->in_segment == STEPS || cursor_left(&t->items) < STEP_AT_MOST)
        begin_segment(s, h);
    if (!flight_put_event(&t->pack, &t->items, event))
        sim_violated(s, "an event does not fit into a segment");
}

void tape_answer(struct sim *s, struct host *h)
{
    struct tape *t = h->tape;
    if (t == NULL)
        return;
    if (!flight_put_answer(&t->pack, &t->items, &h->answer))
        sim_violated(s, "an answer does not fit into a segment");
    t->steps++;
    t->in_segment++;
}

void tape_end(struct sim *s)
{
    for (unsigned i = 0; i < 2; i++) {
        if (s->host[i].tape != NULL && s->host[i].tape->in_segment > 0 && !s->violation[0])
            play(s, &s->host[i]);
        free(s->host[i].tape);
        s->host[i].tape = NULL;
    }
}
