/* SPDX-License-Identifier: Apache-2.0
 * Each sentence of ha.md about the voter is a case here. */
#include "core/arbiter.h"
#include "tests/unit/unit.h"

#define T0 ((msec)100000)

static struct voter fresh(msec now)
{
    struct voter v;
    struct voter_store empty = {.identity = 77, .candidate = MEMBER_NONE};
    voter_init(&v, &empty, now);
    return v;
}

static struct vote_request ask(enum member who, term_no term, uint64_t number, msec length)
{
    return (struct vote_request){
        .kind = VOTE_ASK, .term = term, .candidate = who, .round = {.start = 1, .number = number}, .length = length};
}

static struct vote_request give_back(enum member who, uint64_t number)
{
    struct vote_request r = ask(who, 1, number, 0);
    r.kind = VOTE_GIVE_BACK;
    return r;
}

static struct voter_answer step(struct voter *v, struct vote_request r, msec now)
{
    struct voter_answer a;
    voter_step(v, &r, now, &a);
    return a;
}

static void first_come_first_served(void)
{
    struct voter v = fresh(T0);
    struct voter_answer a = step(&v, ask(MEMBER_A, 1, 1, 2000), T0);
    CU_ASSERT_TRUE(a.reply_due && a.reply.granted && a.must_store);
    CU_ASSERT_EQUAL(a.reply.identity, 77);
    CU_ASSERT_EQUAL(a.reply.length, 2000);
    a = step(&v, ask(MEMBER_B, 2, 1, 2000), T0 + 1999);
    CU_ASSERT_TRUE(a.reply_due && !a.reply.granted && !a.must_store);
    CU_ASSERT_EQUAL(a.reply.candidate, MEMBER_A);
    CU_ASSERT_EQUAL(a.reply.term, 1);
    CU_ASSERT_EQUAL(a.reply.length, 1);
    a = step(&v, ask(MEMBER_B, 2, 2, 2000), T0 + 2000);
    CU_ASSERT_TRUE(a.reply.granted);
}

static void an_older_term_is_refused(void)
{
    struct voter v = fresh(T0);
    step(&v, ask(MEMBER_A, 5, 1, 2000), T0);
    struct voter_answer a = step(&v, ask(MEMBER_B, 4, 1, 2000), T0 + 5000);
    CU_ASSERT_FALSE(a.reply.granted);
    CU_ASSERT_EQUAL(a.reply.term, 5);
    CU_ASSERT_EQUAL(a.reply.candidate, MEMBER_NONE);
}

static void a_renewal_changes_nothing_on_disk(void)
{
    struct voter v = fresh(T0);
    step(&v, ask(MEMBER_A, 1, 1, 2000), T0);
    struct voter_answer a = step(&v, ask(MEMBER_A, 1, 2, 2000), T0 + 500);
    CU_ASSERT_TRUE(a.reply.granted && !a.must_store);
    CU_ASSERT_EQUAL(voter_promised(&v, T0 + 2499), MEMBER_A);
    CU_ASSERT_EQUAL(voter_promised(&v, T0 + 2500), MEMBER_NONE);
}

static void a_renewal_shortens_neither(void)
{
    struct voter v = fresh(T0);
    step(&v, ask(MEMBER_A, 1, 1, 4000), T0);
    struct voter_answer a = step(&v, ask(MEMBER_A, 1, 2, 1000), T0 + 500);
    CU_ASSERT_TRUE(a.reply.granted && a.must_store);
    CU_ASSERT_EQUAL(a.reply.length, 1000);
    CU_ASSERT_EQUAL(v.store.length, 3500);
    CU_ASSERT_EQUAL(voter_promised(&v, T0 + 3999), MEMBER_A);
    struct voter again;
    voter_init(&again, &v.store, T0 + 600);
    CU_ASSERT_EQUAL(voter_promised(&again, T0 + 4000), MEMBER_A);
}

static void older_requests_are_ignored(void)
{
    struct voter v = fresh(T0);
    step(&v, ask(MEMBER_A, 1, 7, 2000), T0);
    struct voter_answer a = step(&v, ask(MEMBER_A, 1, 6, 2000), T0 + 1000);
    CU_ASSERT_FALSE(a.reply_due || a.must_store);
    CU_ASSERT_EQUAL(voter_promised(&v, T0 + 2000), MEMBER_NONE);
    struct vote_request old_life = ask(MEMBER_A, 1, 9, 2000);
    old_life.round.start = 0;
    CU_ASSERT_FALSE(step(&v, old_life, T0 + 1000).reply_due);
}

static void a_give_back_frees_the_vote(void)
{
    struct voter v = fresh(T0);
    step(&v, ask(MEMBER_A, 1, 1, 2000), T0);
    struct voter_answer a = step(&v, give_back(MEMBER_A, 2), T0 + 10);
    CU_ASSERT_TRUE(a.must_store && !a.reply_due);
    CU_ASSERT_TRUE(step(&v, ask(MEMBER_B, 2, 1, 2000), T0 + 10).reply.granted);
    CU_ASSERT_FALSE(step(&v, give_back(MEMBER_A, 3), T0 + 11).must_store);
    CU_ASSERT_EQUAL(voter_promised(&v, T0 + 11), MEMBER_B);
}

static void an_old_give_back_is_ignored(void)
{
    struct voter v = fresh(T0);
    step(&v, ask(MEMBER_A, 1, 5, 2000), T0);
    step(&v, give_back(MEMBER_A, 4), T0 + 10);
    CU_ASSERT_EQUAL(voter_promised(&v, T0 + 10), MEMBER_A);
    struct voter again;
    voter_init(&again, &v.store, T0 + 20);
    step(&again, give_back(MEMBER_A, 9), T0 + 30);
    CU_ASSERT_EQUAL(voter_promised(&again, T0 + 2019), MEMBER_A);
}

static void a_promise_survives_a_restart_in_full(void)
{
    struct voter v = fresh(T0), again;
    step(&v, ask(MEMBER_A, 1, 1, 2000), T0);
    voter_init(&again, &v.store, T0 + 1900);
    CU_ASSERT_EQUAL(voter_promised(&again, T0 + 3899), MEMBER_A);
    CU_ASSERT_FALSE(step(&again, ask(MEMBER_B, 2, 1, 2000), T0 + 3899).reply.granted);
    CU_ASSERT_TRUE(step(&again, ask(MEMBER_A, 1, 2, 2000), T0 + 1901).reply.granted);
    struct voter_store unknown = {.identity = 1, .term = 1, .candidate = MEMBER_B, .length = 0};
    voter_init(&again, &unknown, T0);
    CU_ASSERT_EQUAL(voter_promised(&again, T0 + VOTER_LENGTH_MAX - 1), MEMBER_B);
}

static void a_person_overrides_but_not_an_older_term(void)
{
    struct voter v = fresh(T0);
    step(&v, ask(MEMBER_A, 3, 1, 2000), T0);
    struct vote_request forced = ask(MEMBER_B, 2, 1, 2000);
    forced.forced = true;
    CU_ASSERT_FALSE(step(&v, forced, T0 + 1).reply.granted);
    forced = ask(MEMBER_B, 4, 2, 500);
    forced.forced = true;
    CU_ASSERT_TRUE(step(&v, forced, T0 + 2).reply.granted);
    CU_ASSERT_EQUAL(voter_promised(&v, T0 + 2), MEMBER_B);
    CU_ASSERT_EQUAL(v.store.length, 500);
}

static void a_failed_store_is_tried_again(void)
{
    struct voter v = fresh(T0);
    CU_ASSERT_TRUE(step(&v, ask(MEMBER_A, 1, 1, 2000), T0).must_store);
    voter_store_failed(&v);
    CU_ASSERT_TRUE(step(&v, ask(MEMBER_A, 1, 2, 2000), T0 + 1).must_store);
    CU_ASSERT_FALSE(step(&v, ask(MEMBER_A, 1, 3, 2000), T0 + 2).must_store);
}

/* Its rounds begin anew; what the network still holds of the former one is void. */
static void a_lost_store_is_another_asker(void)
{
    struct voter v = fresh(T0);
    struct vote_request was = ask(MEMBER_A, 1, 9, 2000), is = ask(MEMBER_A, 1, 1, 2000);
    was.asker = 5;
    is.asker = 6;
    CU_ASSERT_TRUE(step(&v, was, T0).reply.granted);
    struct vote_request back = give_back(MEMBER_A, 1);
    back.asker = 6;
    step(&v, back, T0 + 1); /* not heard before: what the former one was promised runs on */
    CU_ASSERT_EQUAL(voter_promised(&v, T0 + 1), MEMBER_A);
    is.round.number = 2;
    CU_ASSERT_TRUE(step(&v, is, T0 + 2).reply.granted);
    was.round.number = 10;
    CU_ASSERT_FALSE(step(&v, was, T0 + 3).reply_due);
    is.round.number = 1;
    CU_ASSERT_FALSE(step(&v, is, T0 + 4).reply_due);
}

static struct vote_request marking(term_no term, uint64_t number, bool behind)
{
    struct vote_request r = ask(MEMBER_A, term, number, 2000);
    r.acted = 1;
    r.behind = behind;
    return r;
}

static void who_is_marked_behind_gets_no_vote(void)
{
    struct voter v = fresh(T0);
    CU_ASSERT_TRUE(step(&v, marking(1, 1, true), T0).must_store);
    CU_ASSERT_FALSE(step(&v, marking(1, 2, true), T0).must_store);
    struct voter again;
    voter_init(&again, &v.store, T0);
    struct voter_answer a = step(&again, ask(MEMBER_B, 2, 1, 2000), T0 + 5000);
    CU_ASSERT_FALSE(a.reply.granted);
    CU_ASSERT_EQUAL(a.reply.behind, 1);
    CU_ASSERT_EQUAL(a.reply.candidate, MEMBER_NONE);
    CU_ASSERT_TRUE(step(&again, marking(3, 3, true), T0 + 5000).reply.granted);
    CU_ASSERT_EQUAL(again.store.behind, 1); /* a candidature in a newer term says nothing newer about the data */
    CU_ASSERT_TRUE(step(&again, marking(3, 4, false), T0 + 5000).must_store);
    CU_ASSERT_TRUE(step(&again, ask(MEMBER_B, 4, 2, 2000), T0 + 9000).reply.granted);
}

static void a_mark_ends_with_a_later_mastership_of_the_marked(void)
{
    struct voter v = fresh(T0);
    step(&v, marking(1, 1, true), T0);
    struct vote_request forced = ask(MEMBER_B, 2, 1, 2000);
    forced.forced = true;
    CU_ASSERT_TRUE(step(&v, forced, T0).reply.granted);
    CU_ASSERT_EQUAL(v.store.behind, 0);
    v = fresh(T0);
    step(&v, marking(1, 1, true), T0);
    struct vote_request later = ask(MEMBER_B, 4, 1, 2000);
    later.acted = 2; /* it was master, somewhere else, after it had been marked */
    CU_ASSERT_TRUE(step(&v, later, T0 + 5000).reply.granted);
    CU_ASSERT_EQUAL(voter_behind(&v.store), MEMBER_NONE);
}

static void an_arbiter_answers_members_only(void)
{
    struct voter v = fresh(T0);
    struct ha_message in = {.kind = HA_BEAT, .from = MEMBER_A, .round = {1, 1}, .sent = 5}, out;
    in.ask = ask(MEMBER_A, 1, 1, 2000);
    bool must_store;
    CU_ASSERT_TRUE(arbiter_step(&v, &in, T0, &out, &must_store));
    CU_ASSERT_TRUE(must_store && out.voted && out.vote.granted);
    CU_ASSERT_EQUAL(out.from, MEMBER_NONE);
    CU_ASSERT_EQUAL(out.sent, 5);
    in.from = MEMBER_NONE;
    CU_ASSERT_FALSE(arbiter_step(&v, &in, T0, &out, &must_store));
    in.from = MEMBER_A;
    in.kind = HA_ANSWER;
    CU_ASSERT_FALSE(arbiter_step(&v, &in, T0, &out, &must_store));
}

static void damage_of_the_arbiters_store_is_found(void)
{
    uint8_t bytes[ARBITER_STORE_BYTES];
    struct voter_store store = {.identity = 9, .term = 4, .candidate = MEMBER_B, .length = 2000}, back;
    struct dr_error err;
    size_t size = arbiter_store_encode(bytes, &store);
    CU_ASSERT_EQUAL_FATAL(arbiter_store_decode(&back, bytes, size, &err), DR_OK);
    CU_ASSERT_EQUAL(back.term, 4);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 0x10;
        CU_ASSERT_EQUAL(arbiter_store_decode(&back, bytes, size, &err), DR_CORRUPT);
        bytes[i] ^= 0x10;
        CU_ASSERT_EQUAL(arbiter_store_decode(&back, bytes, i, &err), DR_CORRUPT);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {{"one candidate at a time; a refusal names whom (B5.1.2-25)", first_come_first_served},
                           {"an older term is refused", an_older_term_is_refused},
                           {"a renewal changes nothing on disk", a_renewal_changes_nothing_on_disk},
                           {"a renewal shortens neither end nor stored length", a_renewal_shortens_neither},
                           {"older requests are ignored", older_requests_are_ignored},
                           {"a give-back frees the vote", a_give_back_frees_the_vote},
                           {"an old give-back is ignored, as one after a restart", an_old_give_back_is_ignored},
                           {"a promise survives a restart in full", a_promise_survives_a_restart_in_full},
                           {"a person overrides, but not an older term", a_person_overrides_but_not_an_older_term},
                           {"a failed store is tried again", a_failed_store_is_tried_again},
                           {"a member that lost its store is another asker", a_lost_store_is_another_asker},
                           {"who is marked as behind gets no vote (B5.1.2-35)", who_is_marked_behind_gets_no_vote},
                           {"a mark ends with a later mastership of the marked, or by force (B5.1.2-36)",
                            a_mark_ends_with_a_later_mastership_of_the_marked},
                           {"an arbiter answers members only (B5.1.2-18)", an_arbiter_answers_members_only},
                           {"damage of the arbiter's store is found", damage_of_the_arbiters_store_is_found},
                           CU_TEST_INFO_NULL};
    return unit_run("voter", cases);
}
