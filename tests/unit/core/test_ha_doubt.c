/* SPDX-License-Identifier: Apache-2.0
 * What is not to be believed, though its sender has a certificate of the rule: it changes nothing, and is told. */
#include "core/arbiter.h"
#include "tests/unit/core/ha_rig.h"

#include <string.h>

#define OTHER_W_ID 104

static bool told(const struct rig *r, const char *words)
{
    for (uint32_t i = 0; i < r->a.actions; i++)
        if (r->a.action[i].kind == HA_LOG && strstr(r->a.action[i].u.log.text, words) != NULL)
            return true;
    return false;
}

/* A slave that waits: its master was heard, and is silent now. */
static struct rig waiting(void)
{
    struct ha_config c = settings();
    struct ha_store s = known(&c, false);
    struct rig r = started(&c, &s);
    struct ha_message m = from_peer(&r, HA_ANSWER);
    m.report.acting = true;
    m.report.term = m.report.acted = m.report.seen = 2;
    m.report.phase = HA_PHASE_REPLICATING;
    hear(&r, m);
    CU_ASSERT_EQUAL(r.h.following, 2);
    return r;
}

static void a_term_from_the_far_future_is_refused(void)
{
    struct rig r = waiting();
    struct ha_message m = from_peer(&r, HA_BEAT);
    m.ask = (struct vote_request){
        .kind = VOTE_ASK, .candidate = MEMBER_B, .asker = PEER_ID, .round = m.round, .length = 2000};
    m.ask.term = m.report.term = m.report.seen = 2 + TERM_LEAP + 2;
    m.report.asking = true;
    struct ha_store before = *ha_stored(&r.h);
    hear(&r, m);
    CU_ASSERT_TRUE(told(&r, "speaks of term 1048580, and the highest known here is 2"));
    CU_ASSERT_PTR_NULL(find(&r, HA_SEND_PEER));
    CU_ASSERT_PTR_NULL(find(&r, HA_STORE));
    CU_ASSERT_EQUAL(ha_stored(&r.h)->seen, before.seen);
    CU_ASSERT_EQUAL(voter_promised(&r.h.voter, r.now), MEMBER_NONE);
    hear(&r, m);
    CU_ASSERT_FALSE(told(&r, "speaks of term")); /* once a minute */
    m.report.term = m.report.seen = m.ask.term = 4;
    hear(&r, m); /* the refused one has not even become the last that was heard */
    CU_ASSERT_EQUAL(ha_stored(&r.h)->seen, 4);
    CU_ASSERT_EQUAL(voter_promised(&r.h.voter, r.now), MEMBER_B);
}

static void an_arbiter_neither(void)
{
    struct voter_store stored = {.identity = W_ID, .candidate = MEMBER_NONE, .term = 6};
    struct voter v;
    struct ha_message out, m = {.kind = HA_BEAT, .from = MEMBER_A, .asker = SELF_ID};
    bool must_store;
    voter_init(&v, &stored, 1000);
    m.round = (struct vote_round){1, 1};
    m.ask = (struct vote_request){.kind = VOTE_ASK, .asker = SELF_ID, .round = m.round, .length = 2000};
    m.ask.term = 6 + TERM_LEAP + 1;
    CU_ASSERT_FALSE(arbiter_step(&v, &m, 1000, &out, &must_store));
    CU_ASSERT_TRUE(arbiter_doubts(&v, &m));
    CU_ASSERT_FALSE(must_store);
    CU_ASSERT_EQUAL(v.store.term, 6);
    m.ask.term = 7;
    CU_ASSERT_TRUE(arbiter_step(&v, &m, 1000, &out, &must_store));
    CU_ASSERT_TRUE(out.vote.granted);
}

/* What would overflow does not even get to those who compare. */
static void none_above_the_greatest_is_decoded(void)
{
    struct rig r = waiting();
    struct ha_message m = from_peer(&r, HA_BEAT), back;
    uint8_t wire[HA_MESSAGE_WIRE];
    for (unsigned over = 0; over < 2; over++) {
        m.report.seen = TERM_MAX + over;
        struct cursor c = cursor_over(wire, sizeof wire);
        ha_message_encode(&c, &m);
        struct cursor read = cursor_reading(wire, (size_t)(c.at - wire));
        CU_ASSERT_EQUAL(ha_message_decode(&read, &back), over == 0);
    }
    struct ha_store s = *ha_stored(&r.h);
    uint8_t bytes[HA_STORE_BYTES];
    struct dr_error err;
    s.seen = TERM_MAX + 1;
    size_t size = ha_store_encode(bytes, &s);
    CU_ASSERT_EQUAL(ha_store_decode(&s, bytes, size, &err), DR_CORRUPT);
}

/* About to be master, if the arbiter's word counts. */
static struct rig asking(void)
{
    struct ha_config c = settings();
    struct ha_store s = known(&c, true);
    struct rig r = started(&c, &s);
    tick(&r, 30000);
    CU_ASSERT_EQUAL(r.h.mode, HA_ASKING);
    return r;
}

static void does_not_count(struct vote_reply vote, const char *words)
{
    struct rig r = asking();
    third_votes(&r, 0, vote);
    CU_ASSERT_EQUAL(r.h.mode, HA_ASKING);
    CU_ASSERT_TRUE(told(&r, words));
    arbiter_votes(&r, true);
    CU_ASSERT_EQUAL(r.h.mode, HA_TAKING);
}

static void an_arbiter_that_lies_is_not_believed(void)
{
    struct vote_reply fair = {.granted = true, .identity = W_ID, .length = 2000}, vote = fair;
    vote.identity = PEER_ID;
    does_not_count(vote, "votes as one of the members");
    vote.identity = SELF_ID;
    does_not_count(vote, "votes as one of the members");
    vote = fair;
    vote.length = 2001;
    does_not_count(vote, "promises more than it was asked for");
    vote = fair;
    vote.candidate = MEMBER_B;
    does_not_count(vote, "is promised to the other member");
    vote = fair;
    vote.term = 1 + TERM_LEAP + 1;
    does_not_count(vote, "speaks of term");
}

static void one_that_forgot_a_term_is_told(void)
{
    struct rig r = asking();
    third_votes(&r, 0, (struct vote_reply){.identity = W_ID, .term = 8, .candidate = MEMBER_B, .length = 5});
    tick(&r, 500);
    struct vote_reply older = {.granted = true, .identity = W_ID, .length = 2000, .term = 7};
    third_votes(&r, 0, older);
    CU_ASSERT_TRUE(told(&r, "has forgotten a term"));
    CU_ASSERT_NOT_EQUAL(r.h.mode, HA_TAKING);
    older.identity = OTHER_W_ID; /* a new one has nothing to forget */
    third_votes(&r, 0, older);
    CU_ASSERT_FALSE(told(&r, "has forgotten a term"));
}

/* Its state was copied with its machine: were both believed, each could promise the same vote. */
static void a_clone_of_an_arbiter_is_told(void)
{
    struct ha_config c = settings();
    c.witnesses = 3;
    c.majority = true;
    struct ha_store s = known(&c, true);
    struct configuration *set = &s.set.of[0];
    set->witness[1] = OTHER_W_ID;
    set->witness[2] = OTHER_W_ID + 1;
    struct rig r = started(&c, &s);
    tick(&r, 30000);
    third_grants(&r, 0, W_ID);
    third_grants(&r, 1, W_ID);
    CU_ASSERT_TRUE(told(&r, "voter number 2 besides the members does not count: it votes as another of the list"));
    CU_ASSERT_EQUAL(r.h.mode, HA_ASKING);
    third_grants(&r, 1, OTHER_W_ID);
    CU_ASSERT_EQUAL(r.h.mode, HA_TAKING);
}

static void a_member_votes_as_itself(void)
{
    struct rig r = asking();
    struct ha_message m = from_peer(&r, HA_ANSWER);
    m.voted = true;
    m.vote = (struct vote_reply){.granted = true, .identity = W_ID, .length = 2000, .round = m.round};
    hear(&r, m);
    CU_ASSERT_EQUAL(r.h.mode, HA_ASKING);
    CU_ASSERT_TRUE(told(&r, "votes as somebody else"));
    m = from_peer(&r, HA_ANSWER);
    m.voted = true;
    m.vote = (struct vote_reply){.granted = true, .identity = PEER_ID, .length = 2000, .round = m.round};
    hear(&r, m);
    CU_ASSERT_EQUAL(r.h.mode, HA_TAKING);
}

/* Word for word what was said before: a vote that was given back is not given again, and old news are no news. */
static void a_replayed_beat_changes_nothing(void)
{
    struct rig r = waiting();
    struct ha_message ask = from_peer(&r, HA_BEAT);
    ask.ask = (struct vote_request){
        .kind = VOTE_ASK, .term = 2, .candidate = MEMBER_B, .asker = PEER_ID, .round = ask.round, .length = 2000};
    ask.report.acting = true;
    ask.report.term = ask.report.acted = ask.report.seen = 2;
    hear(&r, ask);
    CU_ASSERT_EQUAL(voter_promised(&r.h.voter, r.now), MEMBER_B);
    struct ha_message back = from_peer(&r, HA_BEAT);
    back.ask = (struct vote_request){
        .kind = VOTE_GIVE_BACK, .term = 2, .candidate = MEMBER_B, .asker = PEER_ID, .round = back.round};
    back.report.seen = 2;
    hear(&r, back);
    CU_ASSERT_NOT_EQUAL(voter_promised(&r.h.voter, r.now), MEMBER_B);
    hear(&r, ask);
    CU_ASSERT_NOT_EQUAL(voter_promised(&r.h.voter, r.now), MEMBER_B);
    CU_ASSERT_FALSE(r.h.peer.report.acting);
}

/* A former master that has missed what came after it: it is not followed, gets no vote, and hears the newer term. */
static void a_beat_of_an_old_term_is_answered_with_the_newer_one(void)
{
    struct rig r = acting();
    finish_take(&r);
    r.h.term = r.h.store.seen = r.h.store.acted = 7;
    tick(&r, 500);
    struct ha_message m = from_peer(&r, HA_BEAT);
    m.ask = (struct vote_request){
        .kind = VOTE_ASK, .term = 2, .candidate = MEMBER_B, .asker = PEER_ID, .round = m.round, .length = 2000};
    m.report.acting = true;
    m.report.term = m.report.acted = m.report.seen = 2;
    hear(&r, m);
    const struct ha_action *a = find(&r, HA_SEND_PEER);
    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    CU_ASSERT_FALSE(a->u.send.message.vote.granted);
    CU_ASSERT_EQUAL(a->u.send.message.report.term, 7);
    CU_ASSERT_EQUAL(r.h.mode, HA_ACTING);
    CU_ASSERT_EQUAL(r.h.following, 0);
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"a term from the far future is refused, and told", a_term_from_the_far_future_is_refused},
        {"by an arbiter too", an_arbiter_neither},
        {"none above the greatest is decoded", none_above_the_greatest_is_decoded},
        {"an arbiter that lies is not believed", an_arbiter_that_lies_is_not_believed},
        {"one that has forgotten a term is told", one_that_forgot_a_term_is_told},
        {"a clone of an arbiter is told", a_clone_of_an_arbiter_is_told},
        {"a member votes as itself", a_member_votes_as_itself},
        {"a replayed beat changes nothing", a_replayed_beat_changes_nothing},
        {"a beat of an old term is answered with the newer one", a_beat_of_an_old_term_is_answered_with_the_newer_one},
        CU_TEST_INFO_NULL};
    return unit_run("ha_doubt", cases);
}
