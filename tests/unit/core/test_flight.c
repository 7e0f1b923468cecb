/* SPDX-License-Identifier: Apache-2.0
 * The flight recorder's form: what is written is read back, and plays again with the same answers. */
#include "core/ha_replay.h"
#include "core/seal.h"
#include "tests/unit/core/ha_rig.h"

#include <string.h>

#define ROOM 65536

static uint8_t segment[ROOM];
static struct cursor items;
static struct flight_pack pack;
static struct flight_reader reader;
static struct ha_replay replay;
static char why[REPLAY_TEXT];

static void begin(const struct ha *h, enum flight_begin because, uint64_t at_step)
{
    struct flight_head head = {.version = HA_RECORD_VERSION,
                               .why = because,
                               .life = 7,
                               .step = at_step,
                               .now = h->now,
                               .wall_ms = 1790000000000,
                               .rule = "orders",
                               .member = {"alpha", "beta"}};
    items = cursor_over(segment + FLIGHT_CHUNK_HEAD, ROOM - FLIGHT_CHUNK_EXTRA);
    CU_ASSERT_TRUE_FATAL(flight_put_begin(&pack, &items, &head, h));
}

static void record(struct rig *r, struct ha_event e)
{
    e.now = r->now;
    CU_ASSERT_TRUE_FATAL(flight_put_event(&pack, &items, &e));
    ha_step(&r->h, &e, &r->a);
    CU_ASSERT_TRUE_FATAL(flight_put_answer(&pack, &items, &r->a));
}

static size_t finish(void)
{
    return flight_chunk_close(segment, (size_t)(items.at - segment) - FLIGHT_CHUNK_HEAD);
}

/* Steps that play the same; -1: one does not, or the record cannot be read. */
static int play(size_t size)
{
    int steps = 0;
    enum flight_found found;
    flight_read_segment(&reader, segment, size);
    while ((found = flight_read_next(&reader)) != FLIGHT_OVER) {
        bool same = found == FLIGHT_BEGAN  ? ha_replay_begin(&replay, &reader, why)
                    : found == FLIGHT_STEP ? ha_replay_step(&replay, &reader.step, why)
                                           : false;
        if (!same)
            return -1;
        steps += found == FLIGHT_STEP;
    }
    return steps;
}

/* The former master comes back alone and takes over with the arbiter. */
static struct rig recorded_take_over(void)
{
    struct ha_config c = settings();
    struct ha_store s = known(&c, true);
    struct rig r = started(&c, &s);
    begin(&r.h, FLIGHT_START, 0);
    r.now += 30000;
    record(&r, (struct ha_event){.kind = HA_TICK});
    struct ha_message m = {
        .kind = HA_ANSWER, .rule = c.rule, .from = MEMBER_NONE, .asker = SELF_ID, .sent = r.now, .voted = true};
    m.round = r.h.mastership.round;
    m.vote = (struct vote_reply){.granted = true, .identity = W_ID, .round = m.round, .length = 2000};
    record(&r, (struct ha_event){.kind = HA_RECEIVED, .message = &m});
    const struct ha_action *finish_target = command(&r, HA_REPLICATION_FINISH);
    CU_ASSERT_PTR_NOT_NULL_FATAL(finish_target);
    record(&r,
           (struct ha_event){.kind = HA_DONE, .command = finish_target->u.command.id, .ok = false, .text = "no disk"});
    record(&r, (struct ha_event){.kind = HA_ORDER, .order = HA_ORDER_SWITCH});
    record(&r, (struct ha_event){.kind = HA_FACTS, .facts = {.in_window = true, .lag_records = 7}});
    return r;
}

static void what_is_recorded_plays_again(void)
{
    recorded_take_over();
    CU_ASSERT_EQUAL(play(finish()), 5);
    CU_ASSERT_STRING_EQUAL(reader.head.rule, "orders");
    CU_ASSERT_STRING_EQUAL(reader.head.member[MEMBER_B], "beta");
    CU_ASSERT_EQUAL(reader.head.wall_ms, 1790000000000);
}

static void a_segment_that_follows_must_fit(void)
{
    memset(&replay, 0, sizeof replay);
    struct rig r = recorded_take_over();
    CU_ASSERT_EQUAL_FATAL(play(finish()), 5);
    begin(&r.h, FLIGHT_FULL, 5);
    record(&r, (struct ha_event){.kind = HA_TICK});
    size_t size = finish();
    CU_ASSERT_EQUAL(play(size), 1);
    replay.steps = 5;
    replay.h.store.seen += 2;
    CU_ASSERT_EQUAL(play(size), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "state"));
}

static void the_first_difference_is_told(void)
{
    struct rig r = recorded_take_over();
    r.now += 100;
    struct ha_event e = {.kind = HA_ORDER, .order = HA_ORDER_STOP, .now = r.now};
    flight_put_event(&pack, &items, &e);
    ha_step(&r.h, &e, &r.a);
    r.a.refused = !r.a.refused;
    flight_put_answer(&pack, &items, &r.a);
    memset(&replay, 0, sizeof replay);
    CU_ASSERT_EQUAL(play(finish()), -1);
    CU_ASSERT_EQUAL(replay.steps, 6);
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "refused"));
}

static void an_action_that_is_missing_is_told(void)
{
    struct rig r = recorded_take_over();
    struct ha_event e = {.kind = HA_TICK, .now = r.now += 600};
    flight_put_event(&pack, &items, &e);
    ha_step(&r.h, &e, &r.a);
    CU_ASSERT_TRUE_FATAL(r.a.actions > 0);
    r.a.actions--;
    flight_put_answer(&pack, &items, &r.a);
    memset(&replay, 0, sizeof replay);
    CU_ASSERT_EQUAL(play(finish()), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "nothing more; it is: beat to the"));
}

static void a_torn_or_damaged_chunk_ends_the_segment(void)
{
    recorded_take_over();
    size_t size = finish();
    memset(&replay, 0, sizeof replay);
    CU_ASSERT_EQUAL(play(size - 1), 0);
    CU_ASSERT_EQUAL(play(3), 0);
    segment[size / 2] ^= 1;
    CU_ASSERT_EQUAL(play(size), 0);
}

/* Of another version nothing but the number is read. */
static void another_version_is_told_by_its_number(void)
{
    struct rig r = recorded_take_over();
    struct flight_head head = {.version = HA_RECORD_VERSION + 1};
    items = cursor_over(segment + FLIGHT_CHUNK_HEAD, ROOM - FLIGHT_CHUNK_EXTRA);
    CU_ASSERT_TRUE_FATAL(flight_put_begin(&pack, &items, &head, &r.h));
    flight_read_segment(&reader, segment, finish());
    CU_ASSERT_EQUAL(flight_read_next(&reader), FLIGHT_BAD);
    CU_ASSERT_EQUAL(reader.head.version, HA_RECORD_VERSION + 1);
}

/* Beats are what a record is full of: one costs a tenth of its wire form. */
static void beats_are_small(void)
{
    struct rig r = restarted(false);
    begin(&r.h, FLIGHT_START, 0);
    for (int i = 0; i < 20; i++) {
        r.now += 500;
        uint8_t *before = items.at;
        struct ha_message m = from_peer(&r, HA_BEAT);
        record(&r, (struct ha_event){.kind = HA_RECEIVED, .message = &m});
        CU_ASSERT_TRUE(i < 4 || items.at - before < 120);
    }
}

static void what_does_not_fit_leaves_nothing(void)
{
    struct rig r = recorded_take_over();
    struct cursor full = items;
    full.end = full.at + 10;
    struct ha_event e = {.kind = HA_FACTS, .now = r.now};
    CU_ASSERT_FALSE(flight_put_event(&pack, &full, &e));
    CU_ASSERT_PTR_EQUAL(full.at, items.at);
    CU_ASSERT_TRUE(cursor_ok(&full));
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"what is recorded plays again, with the same answers", what_is_recorded_plays_again},
        {"a segment that follows another must begin with its state", a_segment_that_follows_must_fit},
        {"the first difference is told", the_first_difference_is_told},
        {"an action that is missing is told", an_action_that_is_missing_is_told},
        {"a torn or damaged chunk ends the segment", a_torn_or_damaged_chunk_ends_the_segment},
        {"another version is told by its number", another_version_is_told_by_its_number},
        {"a beat costs little", beats_are_small},
        {"what does not fit leaves nothing behind", what_does_not_fit_leaves_nothing},
        CU_TEST_INFO_NULL};
    return unit_run("flight", cases);
}
