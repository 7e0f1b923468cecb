/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ha_message.h"
#include "tests/unit/unit.h"

#include <string.h>

static struct ha_message sample(enum ha_message_kind kind)
{
    struct ha_message m = {.kind = kind, .rule = {"0123456789ABCDEF0123456789ABCDEF"}, .from = MEMBER_B};
    m.round = (struct vote_round){.start = 3, .number = 9};
    m.asker = 8;
    m.sent = 123456;
    if (kind == HA_BEAT)
        m.ask = (struct vote_request){.kind = VOTE_ASK,
                                      .term = 6,
                                      .candidate = MEMBER_B,
                                      .round = m.round,
                                      .length = 2000,
                                      .forced = true,
                                      .behind = true};
    m.voted = kind == HA_ANSWER;
    if (m.voted)
        m.vote = (struct vote_reply){.granted = true,
                                     .handed_over = true,
                                     .identity = 5,
                                     .round = m.round,
                                     .length = 2000,
                                     .term = 5,
                                     .candidate = MEMBER_A};
    m.report = (struct ha_report){.stamp = {3, 44},
                                  .identity = 8,
                                  .acting = true,
                                  .able = true,
                                  .failed_here = true,
                                  .phase = HA_PHASE_REPLICATING,
                                  .monitors = {.failed = 1, .good = 6, .list = 9},
                                  .priority = 2,
                                  .term = 6,
                                  .acted = 6,
                                  .seen = 7,
                                  .ask_now = 7,
                                  .split = {1, 2}};
    m.report.configuration = (struct configuration){
        .version = {4, 1}, .kind = QUORUM_TRIO, .release_grace = 500, .voter = {1, 8}, .witnesses = 1, .witness = {9}};
    return m;
}

static size_t encode(uint8_t wire[HA_MESSAGE_WIRE], const struct ha_message *m)
{
    struct cursor c = cursor_over(wire, HA_MESSAGE_WIRE);
    ha_message_encode(&c, m);
    CU_ASSERT_TRUE(cursor_ok(&c));
    return HA_MESSAGE_WIRE - cursor_left(&c);
}

static bool decodes(const struct ha_message *m, struct ha_message *back)
{
    uint8_t wire[HA_MESSAGE_WIRE];
    struct cursor c = cursor_reading(wire, encode(wire, m));
    return ha_message_decode(&c, back);
}

static void both_kinds_survive(void)
{
    struct ha_message beat = sample(HA_BEAT), answer = sample(HA_ANSWER), back;
    CU_ASSERT_TRUE_FATAL(decodes(&beat, &back));
    CU_ASSERT_TRUE(back.ask.forced && back.ask.behind && back.ask.kind == VOTE_ASK && !back.voted);
    CU_ASSERT_EQUAL(back.ask.term, 6);
    CU_ASSERT_EQUAL(back.ask.candidate, MEMBER_B);
    CU_ASSERT_EQUAL(back.ask.round.number, 9);
    CU_ASSERT_TRUE(configuration_equal(&back.report.configuration, &beat.report.configuration));
    CU_ASSERT_TRUE(back.report.acting && back.report.able && !back.report.stopped);
    CU_ASSERT_TRUE(back.report.failed_here);
    CU_ASSERT_EQUAL(back.report.monitors.failed, 1);
    CU_ASSERT_EQUAL(back.report.monitors.good, 6);
    CU_ASSERT_EQUAL(back.report.monitors.list, 9);
    CU_ASSERT_EQUAL(back.report.ask_now, 7);
    CU_ASSERT_EQUAL(back.report.split[MEMBER_B], 2);
    CU_ASSERT_TRUE_FATAL(decodes(&answer, &back));
    CU_ASSERT_TRUE(back.voted && back.vote.granted && back.vote.handed_over);
    CU_ASSERT_EQUAL(back.vote.candidate, MEMBER_A);
    CU_ASSERT_EQUAL(back.sent, 123456);
}

/* A mark as behind is worth nothing against either. */
static void a_request_tells_the_last_mastership(void)
{
    struct ha_message m = sample(HA_BEAT), back;
    CU_ASSERT_TRUE(decodes(&m, &back));
    CU_ASSERT_EQUAL(back.ask.acted, 6);
    m.report.split[MEMBER_A] = 9;
    m.report.split[MEMBER_B] = 8;
    CU_ASSERT_TRUE(decodes(&m, &back));
    CU_ASSERT_EQUAL(back.ask.acted, 8);
    m.report.split[MEMBER_B] = 7; /* A's */
    CU_ASSERT_FALSE(decodes(&m, &back));
}

static void the_longest_one_fits(void)
{
    struct ha_message m = sample(HA_ANSWER), back;
    m.report.configuration.kind = QUORUM_MAJORITY;
    m.report.configuration.witnesses = WITNESSES_MAX;
    for (uint32_t i = 0; i < WITNESSES_MAX; i++)
        m.report.configuration.witness[i] = 20 + i;
    CU_ASSERT_TRUE_FATAL(decodes(&m, &back));
    CU_ASSERT_TRUE(configuration_equal(&back.report.configuration, &m.report.configuration));
}

static void an_arbiter_has_no_report(void)
{
    struct ha_message m = sample(HA_ANSWER), back;
    m.from = MEMBER_NONE;
    CU_ASSERT_TRUE(decodes(&m, &back));
    CU_ASSERT_EQUAL(back.report.identity, 0);
    uint8_t wire[HA_MESSAGE_WIRE];
    CU_ASSERT_TRUE(encode(wire, &m) < 128);
}

static void every_truncation_and_extension_is_refused(void)
{
    struct ha_message m = sample(HA_BEAT), back;
    uint8_t wire[HA_MESSAGE_WIRE + 1] = {0};
    size_t size = encode(wire, &m);
    for (size_t cut = 0; cut <= size + 1; cut++) {
        struct cursor c = cursor_reading(wire, cut);
        CU_ASSERT_EQUAL(ha_message_decode(&c, &back), cut == size);
    }
}

static void what_no_member_sends_is_refused(void)
{
    struct ha_message back, m = sample(HA_BEAT);
    m.ask.term = 5; /* the other's kind */
    CU_ASSERT_FALSE(decodes(&m, &back));
    m = sample(HA_BEAT);
    m.ask.length = VOTER_LENGTH_MAX + 1;
    CU_ASSERT_FALSE(decodes(&m, &back));
    m = sample(HA_BEAT);
    m.from = MEMBER_NONE; /* an arbiter that asks */
    CU_ASSERT_FALSE(decodes(&m, &back));
    m = sample(HA_BEAT);
    m.report.term = 7; /* acts in the other's term */
    CU_ASSERT_FALSE(decodes(&m, &back));
    m = sample(HA_BEAT);
    m.report.ask_now = 8; /* gives itself away */
    CU_ASSERT_FALSE(decodes(&m, &back));
    m = sample(HA_BEAT);
    m.report.configuration.kind = 9;
    CU_ASSERT_FALSE(decodes(&m, &back));
    m = sample(HA_ANSWER);
    m.kind = HA_BEAT; /* votes unasked */
    CU_ASSERT_FALSE(decodes(&m, &back));
    m = sample(HA_BEAT);
    m.rule.hex[0] = 'x';
    CU_ASSERT_FALSE(decodes(&m, &back));
    m = sample(HA_BEAT);
    m.asker = 9; /* asks in the name of another voter */
    CU_ASSERT_FALSE(decodes(&m, &back));
    m = sample(HA_BEAT);
    m.sent = -1;
    CU_ASSERT_FALSE(decodes(&m, &back));
}

/* Whatever one byte becomes: refused, or a message within its bounds. */
static void no_byte_leads_out_of_bounds(void)
{
    struct ha_message m = sample(HA_ANSWER), back;
    uint8_t wire[HA_MESSAGE_WIRE];
    size_t size = encode(wire, &m);
    for (size_t at = 0; at < size; at++)
        for (unsigned value = 0; value < 256; value++) {
            uint8_t was = wire[at];
            wire[at] = (uint8_t)value;
            struct cursor c = cursor_reading(wire, size);
            if (ha_message_decode(&c, &back))
                CU_ASSERT_TRUE(back.vote.candidate <= MEMBER_NONE && back.from <= MEMBER_NONE &&
                               back.vote.length <= VOTER_LENGTH_MAX);
            wire[at] = was;
        }
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"a beat and an answer survive their wire form", both_kinds_survive},
        {"a request tells the last mastership, also one that a split ended", a_request_tells_the_last_mastership},
        {"an answer with 12 witnesses fits (B5.1.2-20)", the_longest_one_fits},
        {"an arbiter has no report", an_arbiter_has_no_report},
        {"every truncation and extension is refused", every_truncation_and_extension_is_refused},
        {"what no member sends is refused", what_no_member_sends_is_refused},
        {"no byte leads out of bounds", no_byte_leads_out_of_bounds},
        CU_TEST_INFO_NULL};
    return unit_run("ha_message", cases);
}
