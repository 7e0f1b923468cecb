/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mastership.h"
#include "tests/unit/unit.h"

#define ID_A 11
#define ID_B 12
#define ID_W 13

static struct configuration_set set_of(enum quorum_kind kind)
{
    return (struct configuration_set){.count = 1,
                                      .of = {{.kind = kind, .voter = {ID_A, ID_B}, .witnesses = 1, .witness = {ID_W}}}};
}

static bool grant(struct mastership *m, uint64_t who, msec asked, msec length)
{
    struct vote_reply r = {.granted = true, .identity = who, .round = m->round, .length = length};
    return mastership_granted(m, &r, asked);
}

static struct mastership begun(void)
{
    struct mastership m;
    mastership_init(&m, 1);
    mastership_next_round(&m);
    return m;
}

static void counted_from_asking_and_divided(void)
{
    struct mastership m = begun();
    CU_ASSERT_TRUE(grant(&m, ID_A, 1000, 2100));
    CU_ASSERT_EQUAL(mastership_end(&m, ID_A), 3000);
    CU_ASSERT_EQUAL(mastership_end(&m, ID_B), 0);
    CU_ASSERT_EQUAL(mastership_end(&m, 0), 0);
}

static void any_two_of_three_with_the_own_vote(void)
{
    struct configuration_set set = set_of(QUORUM_TRIO);
    struct mastership m = begun();
    grant(&m, ID_B, 1000, 2100);
    grant(&m, ID_W, 1000, 2100);
    CU_ASSERT_EQUAL(mastership_authority(&m, &set, MEMBER_A), 0);
    grant(&m, ID_A, 2000, 2100);
    CU_ASSERT_EQUAL(mastership_authority(&m, &set, MEMBER_A), 3000);
    grant(&m, ID_W, 1500, 2100);
    CU_ASSERT_EQUAL(mastership_authority(&m, &set, MEMBER_A), 3500);
    grant(&m, ID_W, 3000, 2100);
    CU_ASSERT_EQUAL(mastership_authority(&m, &set, MEMBER_A), 4000);
}

static void without_a_witness_the_own_vote_does(void)
{
    struct configuration_set set = set_of(QUORUM_ANY);
    struct mastership m = begun();
    grant(&m, ID_B, 1000, 2100);
    CU_ASSERT_EQUAL(mastership_authority(&m, &set, MEMBER_A), 0);
    grant(&m, ID_A, 1000, 2100);
    CU_ASSERT_EQUAL(mastership_authority(&m, &set, MEMBER_A), 3000);
}

static void majority_of(uint32_t witnesses, uint32_t granting, bool enough)
{
    struct configuration_set set = set_of(QUORUM_MAJORITY);
    struct mastership m = begun();
    set.of[0].witnesses = witnesses;
    for (uint32_t i = 0; i < witnesses; i++)
        set.of[0].witness[i] = 30 + i;
    grant(&m, ID_A, 1000, 2100);
    for (uint32_t i = 0; i < granting; i++)
        grant(&m, 30 + i, 900 - (msec)i, 2100);
    msec end = enough ? 2900 - (msec)(witnesses / 2) : 0;
    CU_ASSERT_EQUAL(mastership_authority(&m, &set, MEMBER_A), end);
    CU_ASSERT_EQUAL(mastership_authority(&m, &set, MEMBER_B), 0);
    grant(&m, ID_B, 1000, 2100);
    CU_ASSERT_EQUAL(mastership_authority(&m, &set, MEMBER_A), 3000);
}

static void more_than_half_of_the_witnesses(void)
{
    majority_of(1, 1, true);
    majority_of(2, 1, false);
    majority_of(2, 2, true);
    majority_of(3, 2, true);
    majority_of(12, 6, false);
    majority_of(12, 7, true);
    majority_of(12, 12, true);
}

/* Unknown ones count in the number, and grant nothing. */
static void unknown_witnesses_are_missing(void)
{
    struct configuration_set set = set_of(QUORUM_MAJORITY);
    struct mastership m = begun();
    set.of[0].witnesses = 3;
    grant(&m, ID_A, 1000, 2100);
    grant(&m, ID_W, 1000, 2100);
    CU_ASSERT_EQUAL(mastership_authority(&m, &set, MEMBER_A), 0);
}

static void solo_needs_the_named_member(void)
{
    struct configuration_set set = set_of(QUORUM_SOLO);
    struct mastership m = begun();
    set.of[0].solo = MEMBER_A;
    grant(&m, ID_A, 1000, 2100);
    CU_ASSERT_EQUAL(mastership_authority(&m, &set, MEMBER_A), 3000);
    CU_ASSERT_EQUAL(mastership_authority(&m, &set, MEMBER_B), 0);
    grant(&m, ID_B, 1500, 2100);
    CU_ASSERT_EQUAL(mastership_authority(&m, &set, MEMBER_B), 3000);
}

static void note(struct mastership *m, uint64_t who, term_no behind)
{
    struct vote_reply r = {.granted = true, .identity = who, .round = m->round, .length = 2100, .behind = behind};
    CU_ASSERT_TRUE(mastership_granted(m, &r, 1000));
}

static void who_must_know_that_the_other_is_behind(void)
{
    struct configuration_set set = set_of(QUORUM_TRIO);
    struct mastership m = begun();
    note(&m, ID_A, 1);
    CU_ASSERT_FALSE(mastership_behind_noted(&m, &set, MEMBER_A));
    note(&m, ID_W, 2); /* marked by the other's mastership */
    CU_ASSERT_FALSE(mastership_behind_noted(&m, &set, MEMBER_A));
    note(&m, ID_W, 1);
    CU_ASSERT_TRUE(mastership_behind_noted(&m, &set, MEMBER_A));
    set.of[0] = (struct configuration){
        .kind = QUORUM_MAJORITY, .voter = {ID_A, ID_B}, .witnesses = 3, .witness = {ID_W, 14, 15}};
    CU_ASSERT_FALSE(mastership_behind_noted(&m, &set, MEMBER_A));
    note(&m, 14, 1);
    CU_ASSERT_TRUE(mastership_behind_noted(&m, &set, MEMBER_A));
    set.of[0].kind = QUORUM_ANY;
    set.of[0].witnesses = 0;
    CU_ASSERT_FALSE(mastership_behind_noted(&m, &set, MEMBER_A));
    note(&m, ID_B, 1);
    CU_ASSERT_TRUE(mastership_behind_noted(&m, &set, MEMBER_A));
}

static void an_unknown_voter_grants_nothing(void)
{
    struct configuration_set set = set_of(QUORUM_TRIO);
    set.of[0].witness[0] = 0;
    struct mastership m = begun();
    grant(&m, ID_A, 1000, 2100);
    grant(&m, 99, 1000, 2100);
    CU_ASSERT_FALSE(grant(&m, 0, 1000, 2100));
    CU_ASSERT_EQUAL(mastership_authority(&m, &set, MEMBER_A), 0);
}

static void an_open_proposal_needs_both(void)
{
    struct configuration_set set = set_of(QUORUM_TRIO);
    set.count = 2;
    set.of[1] = set.of[0];
    set.of[1].witness[0] = 14;
    struct mastership m = begun();
    grant(&m, ID_A, 1000, 2100);
    grant(&m, ID_W, 1000, 2100);
    CU_ASSERT_EQUAL(mastership_authority(&m, &set, MEMBER_A), 0);
    grant(&m, 14, 1000, 2100);
    CU_ASSERT_EQUAL(mastership_authority(&m, &set, MEMBER_A), 3000);
    grant(&m, ID_B, 900, 2100);
    CU_ASSERT_EQUAL(mastership_authority(&m, &set, MEMBER_A), 3000);
}

static void old_rounds_are_void(void)
{
    struct mastership m = begun();
    struct vote_reply late = {.granted = true, .identity = ID_W, .round = m.round, .length = 2100};
    mastership_next_round(&m);
    CU_ASSERT_TRUE(mastership_granted(&m, &late, 1000));
    mastership_clear(&m);
    CU_ASSERT_EQUAL(mastership_end(&m, ID_W), 0);
    mastership_next_round(&m);
    CU_ASSERT_FALSE(mastership_granted(&m, &late, 1000));
    late.round.number = m.round.number + 1;
    CU_ASSERT_FALSE(mastership_granted(&m, &late, 1000));
    late.round = (struct vote_round){.start = 2, .number = m.round.number};
    CU_ASSERT_FALSE(mastership_granted(&m, &late, 1000));
}

static void a_late_answer_shortens_nothing(void)
{
    struct mastership m = begun();
    grant(&m, ID_W, 2000, 2100);
    grant(&m, ID_W, 1000, 2100);
    CU_ASSERT_EQUAL(mastership_end(&m, ID_W), 4000);
}

static void one_voter_too_many_takes_the_place_that_ends_first(void)
{
    struct mastership m = begun();
    for (uint64_t i = 0; i < PROMISES_MAX; i++)
        grant(&m, 20 + i, 1000 + (msec)i, 2100);
    grant(&m, 90, 5000, 2100);
    CU_ASSERT_EQUAL(mastership_end(&m, 20), 0);
    CU_ASSERT_EQUAL(mastership_end(&m, 21), 3001);
    CU_ASSERT_EQUAL(mastership_end(&m, 90), 7000);
}

static void a_hand_over_counts_while_it_runs(void)
{
    struct configuration_set set = set_of(QUORUM_TRIO);
    struct mastership m = begun();
    grant(&m, ID_B, 1000, 2100);
    struct vote_reply handed = {
        .granted = true, .handed_over = true, .identity = ID_A, .round = m.round, .length = 2100};
    CU_ASSERT_FALSE(mastership_handed_over(&m, &set, MEMBER_B, 1500));
    mastership_granted(&m, &handed, 1000);
    CU_ASSERT_TRUE(mastership_handed_over(&m, &set, MEMBER_B, 2999));
    CU_ASSERT_FALSE(mastership_handed_over(&m, &set, MEMBER_B, 3000));
    grant(&m, ID_A, 1001, 2100);
    CU_ASSERT_FALSE(mastership_handed_over(&m, &set, MEMBER_B, 1500));
}

static void versions_order_and_content_counts(void)
{
    struct configuration a = set_of(QUORUM_TRIO).of[0], b = a;
    CU_ASSERT_TRUE(configuration_equal(&a, &b));
    b.version.counter = 1;
    CU_ASSERT_TRUE(configuration_newer(&b, &a) > 0);
    a.version.term = 1;
    CU_ASSERT_TRUE(configuration_newer(&b, &a) < 0);
    b.version = a.version;
    b.witness[0] = 99;
    CU_ASSERT_FALSE(configuration_equal(&a, &b));
    CU_ASSERT_TRUE(configuration_names(&b, 99));
    CU_ASSERT_FALSE(configuration_names(&a, 99) || configuration_names(&a, 0));
    b = a;
    b.release_grace++;
    CU_ASSERT_FALSE(configuration_equal(&a, &b));
}

static bool travels(const struct configuration *was)
{
    uint8_t wire[CONFIGURATION_WIRE];
    struct configuration is;
    struct cursor out = cursor_over(wire, sizeof wire);
    configuration_encode(&out, was);
    CU_ASSERT_TRUE(cursor_ok(&out));
    struct cursor in = cursor_reading(wire, sizeof wire - cursor_left(&out));
    return configuration_decode(&in, &is) && configuration_equal(was, &is) && cursor_left(&in) == 0;
}

static void only_sound_ones_are_read(void)
{
    struct configuration most = {.kind = QUORUM_MAJORITY, .voter = {1, 2}, .witnesses = WITNESSES_MAX};
    for (uint32_t i = 0; i < WITNESSES_MAX; i++)
        most.witness[i] = 3 + i;
    CU_ASSERT_TRUE(travels(&most));
    struct configuration c = most;
    c.witness[4] = c.witness[5] = 0;
    CU_ASSERT_TRUE(travels(&c));
    c.witness[4] = c.witness[6]; /* votes twice */
    CU_ASSERT_FALSE(travels(&c));
    c.witness[4] = 2; /* a member */
    CU_ASSERT_FALSE(travels(&c));
    c = (struct configuration){.kind = QUORUM_SOLO, .solo = MEMBER_B, .voter = {1, 2}};
    CU_ASSERT_TRUE(travels(&c));
    c.solo = MEMBER_NONE;
    CU_ASSERT_FALSE(travels(&c));
    c = (struct configuration){.kind = QUORUM_TRIO, .voter = {1, 2}};
    CU_ASSERT_FALSE(travels(&c));
    c.witnesses = 1;
    CU_ASSERT_TRUE(travels(&c));
    c.kind = QUORUM_ANY;
    CU_ASSERT_FALSE(travels(&c));
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"a promise counts from when it was asked for, divided by r", counted_from_asking_and_divided},
        {"trio: the own vote and one more; authority is the best pair's (B5.1.2-25)",
         any_two_of_three_with_the_own_vote},
        {"any: the own vote alone (B5.1.2-17)", without_a_witness_the_own_vote_does},
        {"majority: more than half of 1 to 12 witnesses, or the other member (B5.1.2-20)",
         more_than_half_of_the_witnesses},
        {"majority: witnesses that are not known count as missing", unknown_witnesses_are_missing},
        {"solo: the named member alone; the other with its vote", solo_needs_the_named_member},
        {"behind: noted where the other needs a vote", who_must_know_that_the_other_is_behind},
        {"a voter that no configuration names grants nothing", an_unknown_voter_grants_nothing},
        {"an open proposal needs a quorum in each", an_open_proposal_needs_both},
        {"answers of old rounds are void", old_rounds_are_void},
        {"a late answer shortens nothing", a_late_answer_shortens_nothing},
        {"places for promises are bounded", one_voter_too_many_takes_the_place_that_ends_first},
        {"a hand-over counts while its promise runs", a_hand_over_counts_while_it_runs},
        {"versions order, and the content counts", versions_order_and_content_counts},
        {"a configuration survives its wire form, if no voter counts twice", only_sound_ones_are_read},
        CU_TEST_INFO_NULL};
    return unit_run("mastership", cases);
}
