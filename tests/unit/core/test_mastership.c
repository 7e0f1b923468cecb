/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mastership.h"
#include "tests/unit/unit.h"

#define ID_A 11
#define ID_B 12
#define ID_W 13

static struct configuration_set set_of(enum quorum_kind kind)
{
    return (struct configuration_set){.count = 1, .of = {{.kind = kind, .voter = {ID_A, ID_B, ID_W}}}};
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

static void an_unknown_voter_grants_nothing(void)
{
    struct configuration_set set = set_of(QUORUM_TRIO);
    set.of[0].voter[SLOT_WITNESS] = 0;
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
    set.of[1].voter[SLOT_WITNESS] = 14;
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

static void a_fifth_voter_takes_the_place_that_ends_first(void)
{
    struct mastership m = begun();
    for (uint64_t i = 0; i < 4; i++)
        grant(&m, 20 + i, 1000 + (msec)i, 2100);
    grant(&m, 30, 5000, 2100);
    CU_ASSERT_EQUAL(mastership_end(&m, 20), 0);
    CU_ASSERT_EQUAL(mastership_end(&m, 21), 3001);
    CU_ASSERT_EQUAL(mastership_end(&m, 30), 7000);
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
    b.voter[SLOT_WITNESS] = 99;
    CU_ASSERT_FALSE(configuration_equal(&a, &b));
    b = a;
    b.release_grace++;
    CU_ASSERT_FALSE(configuration_equal(&a, &b));
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"a promise counts from when it was asked for, divided by r", counted_from_asking_and_divided},
        {"trio: the own vote and one more; authority is the best pair's (B5.1.2-25)",
         any_two_of_three_with_the_own_vote},
        {"any: the own vote alone (B5.1.2-17)", without_a_witness_the_own_vote_does},
        {"a voter that no configuration names grants nothing", an_unknown_voter_grants_nothing},
        {"an open proposal needs a quorum in each", an_open_proposal_needs_both},
        {"answers of old rounds are void", old_rounds_are_void},
        {"a late answer shortens nothing", a_late_answer_shortens_nothing},
        {"places for promises are bounded", a_fifth_voter_takes_the_place_that_ends_first},
        {"a hand-over counts while its promise runs", a_hand_over_counts_while_it_runs},
        {"versions order, and the content counts", versions_order_and_content_counts},
        CU_TEST_INFO_NULL};
    return unit_run("mastership", cases);
}
