/* SPDX-License-Identifier: Apache-2.0
 * A member plays master, and the world its slave and up to three arbiters: which configuration it proposes, when it
 * opens a proposal, and what closes it. */
#include "tests/unit/core/ha_rig.h"

#define W2_ID 104
#define W3_ID 105

static const struct configuration *newest(const struct rig *r)
{
    return ha_configuration(&r->h);
}

static struct ha_message from_slave(struct rig *r)
{
    struct ha_message m = from_peer(r, HA_ANSWER);
    m.report.term = r->h.term;
    m.report.phase = HA_PHASE_REPLICATING;
    m.report.configuration = *newest(r);
    m.voted = true;
    m.vote = (struct vote_reply){.granted = true, .identity = PEER_ID, .round = m.round, .length = 2000};
    return m;
}

static void slave_answers(struct rig *r)
{
    hear(r, from_slave(r));
}

static struct rig master_of(uint32_t witnesses)
{
    struct ha_config c = settings();
    c.witnesses = witnesses;
    struct rig r = acting_with(&c);
    finish_take(&r);
    return r;
}

static void a_new_master_proposes_its_own_again(void)
{
    struct rig r = master_of(1);
    struct configuration was = *newest(&r);
    slave_answers(&r);
    CU_ASSERT_PTR_NOT_NULL(find(&r, HA_STORE));
    CU_ASSERT_EQUAL(r.h.store.set.count, 1); /* the quorums are the same: nothing more is needed */
    CU_ASSERT_EQUAL(newest(&r)->version.term, r.h.term);
    CU_ASSERT_TRUE(configuration_same(newest(&r), &was));
    slave_answers(&r);
    CU_ASSERT_EQUAL(newest(&r)->version.counter, 1);
}

/* Both arbiters answer; then the first one does no more. */
static struct rig arbiter_silent(void)
{
    struct rig r = master_of(2);
    third_grants(&r, 1, W2_ID);
    slave_answers(&r);
    slave_answers(&r);
    for (unsigned i = 0; i < 2; i++) {
        next_beat(&r);
        third_grants(&r, 1, W2_ID);
        slave_answers(&r);
        CU_ASSERT_EQUAL(newest(&r)->witness[0], W_ID);
    }
    next_beat(&r);
    return r;
}

static void the_next_arbiter_is_proposed(void)
{
    struct rig r = arbiter_silent();
    CU_ASSERT_EQUAL_FATAL(r.h.store.set.count, 2);
    CU_ASSERT_EQUAL(newest(&r)->kind, QUORUM_TRIO);
    CU_ASSERT_EQUAL(newest(&r)->witness[0], W2_ID);
    CU_ASSERT_EQUAL(r.h.store.set.of[0].witness[0], W_ID);
    slave_answers(&r);
    CU_ASSERT_EQUAL(r.h.store.set.count, 1);
}

static void a_former_arbiter_is_not_returned_to(void)
{
    struct rig r = arbiter_silent();
    slave_answers(&r);
    for (unsigned i = 0; i < 12; i++) {
        next_beat(&r);
        third_grants(&r, 0, W_ID);
        third_grants(&r, 1, W2_ID);
        slave_answers(&r);
    }
    CU_ASSERT_EQUAL(newest(&r)->witness[0], W2_ID);
    CU_ASSERT_EQUAL(r.h.store.set.count, 1);
}

static void stays_open(struct rig *r, struct ha_message m)
{
    hear(r, m);
    CU_ASSERT_EQUAL(r->h.store.set.count, 2);
}

static void only_a_slave_of_this_term_closes_it_with_the_content(void)
{
    struct rig r = arbiter_silent();
    CU_ASSERT_EQUAL_FATAL(r.h.store.set.count, 2);
    struct ha_message m = from_slave(&r);
    m.report.configuration.witness[0] = W_ID;
    stays_open(&r, m);
    m = from_slave(&r);
    m.report.configuration.version.counter--;
    stays_open(&r, m);
    m = from_slave(&r);
    m.report.term = 0;
    stays_open(&r, m);
    m = from_slave(&r);
    m.report.asking = true;
    stays_open(&r, m);
    slave_answers(&r);
    CU_ASSERT_EQUAL(r.h.store.set.count, 1);
}

static struct rig gone_solo(void)
{
    struct rig r = master_of(1);
    slave_answers(&r);
    slave_answers(&r);
    for (unsigned i = 0; i < 10; i++) {
        next_beat(&r);
        if (r.h.store.set.count == 2)
            break;
        slave_answers(&r);
    }
    CU_ASSERT_EQUAL(newest(&r)->kind, QUORUM_SOLO);
    CU_ASSERT_EQUAL(newest(&r)->solo, MEMBER_A);
    CU_ASSERT_EQUAL(r.h.store.set.count, 2);
    slave_answers(&r);
    CU_ASSERT_EQUAL(r.h.store.set.count, 1);
    return r;
}

static void solo_when_none_answers(void)
{
    struct rig r = gone_solo();
    for (unsigned i = 0; i < 20; i++)
        next_beat(&r); /* nobody at all answers: it goes on */
    CU_ASSERT_EQUAL(r.h.mode, HA_ACTING);
}

/* The last request reached the slave and the arbiter only as they answered the one before. */
static void votes_of_the_last_beat(struct rig *r, struct vote_round round, msec sent)
{
    struct ha_message m = from_slave(r);
    m.round = m.vote.round = round;
    m.sent = sent;
    hear(r, m);
    m.from = MEMBER_NONE;
    m.vote.identity = W_ID;
    feed(r, (struct ha_event){.kind = HA_RECEIVED, .message = &m});
}

/* Alone it was told until its own vote ends; the others' votes for the same beat come later, those here are older. */
static void not_opened_while_what_was_told_is_longer(void)
{
    struct rig r = gone_solo();
    next_beat(&r);
    slave_answers(&r);
    struct vote_round round = r.h.mastership.round;
    msec sent = r.now;
    next_beat(&r);
    msec told = r.h.told;
    CU_ASSERT_EQUAL(told, r.now + mastership_drift(2000));
    votes_of_the_last_beat(&r, round, sent);
    CU_ASSERT_EQUAL(r.h.store.set.count, 1);
    CU_ASSERT_EQUAL(r.h.intended.count, 2);
    CU_ASSERT_EQUAL(ha_lease(&r.h), told);
    tick(&r, 500); /* the own vote is newer; what is told is not */
    CU_ASSERT_PTR_NULL(command(&r, HA_VIP_RENEW));
    CU_ASSERT_TRUE(ha_authority(&r.h) > told);
    CU_ASSERT_EQUAL(ha_lease(&r.h), told);
    third_grants(&r, 0, W_ID);
    CU_ASSERT_EQUAL_FATAL(r.h.store.set.count, 2);
    CU_ASSERT_EQUAL(newest(&r)->kind, QUORUM_TRIO);
    CU_ASSERT_TRUE(ha_authority(&r.h) >= told);
}

/* With the proposal open less than a second would be left for the address. */
static void not_opened_at_a_bad_moment(void)
{
    struct rig r = gone_solo();
    next_beat(&r);
    slave_answers(&r);
    struct vote_round round = r.h.mastership.round;
    msec sent = r.now;
    next_beat(&r);
    next_beat(&r);
    tick(&r, 499);
    votes_of_the_last_beat(&r, round, sent);
    CU_ASSERT_EQUAL(r.h.store.set.count, 1);
    CU_ASSERT_EQUAL(r.h.intended.count, 0);
    CU_ASSERT_EQUAL(ha_lease(&r.h), ha_authority(&r.h));
}

static void on_the_others_solo_its_own_comes_first(void)
{
    struct ha_config c = settings();
    struct ha_store s = known(&c, true);
    s.set.of[0] = (struct configuration){
        .version = {2, 3}, .kind = QUORUM_SOLO, .solo = MEMBER_B, .release_grace = 500, .voter = {SELF_ID, PEER_ID}};
    struct rig r = started(&c, &s);
    tick(&r, 30000);
    third_grants(&r, 0, W_ID);
    CU_ASSERT_EQUAL(r.h.mode, HA_ASKING); /* an arbiter is of no use: B's vote is needed */
    slave_answers(&r);
    CU_ASSERT_EQUAL(r.h.mode, HA_TAKING);
    CU_ASSERT_EQUAL(newest(&r)->kind, QUORUM_SOLO);
    CU_ASSERT_EQUAL(newest(&r)->solo, MEMBER_A);
    CU_ASSERT_EQUAL(r.h.store.set.count, 2);
}

static void all_at_once(void)
{
    struct rig r = master_of(3);
    r.h.config.majority = true; /* the user chose so meanwhile */
    third_grants(&r, 1, W2_ID);
    third_grants(&r, 2, W2_ID); /* the same one twice: a copy of its disk */
    for (unsigned i = 0; i < 4; i++)
        slave_answers(&r);
    CU_ASSERT_EQUAL(newest(&r)->kind, QUORUM_MAJORITY);
    CU_ASSERT_EQUAL(newest(&r)->witnesses, 3);
    CU_ASSERT_EQUAL(newest(&r)->witness[1], W2_ID);
    CU_ASSERT_EQUAL(newest(&r)->witness[2], 0);
    third_grants(&r, 2, W3_ID);
    for (unsigned i = 0; i < 4; i++)
        slave_answers(&r);
    CU_ASSERT_EQUAL(newest(&r)->witness[2], W3_ID);
    CU_ASSERT_EQUAL(r.h.store.set.count, 1);
}

/* The user shortens release_grace: addresses that stand by the old one must be gone first. */
static void a_shorter_grace_waits_for_old_lifetimes(void)
{
    struct ha_config c = settings();
    struct ha_store s = known(&c, true);
    s.set.of[0].release_grace = 5000;
    struct rig r = started(&c, &s);
    tick(&r, 30000);
    arbiter_votes(&r, true);
    end(&r, HA_REPLICATION_FINISH, true);
    end(&r, HA_VIP_PROBE, true);
    for (unsigned i = 0; i < 9; i++) { /* the other's address may stand as long */
        tick(&r, 500);
        CU_ASSERT_PTR_NULL(command(&r, HA_FLIP_RW));
        arbiter_votes(&r, true);
    }
    tick(&r, 500);
    finish_take(&r);
    slave_answers(&r);
    msec gone = r.h.told_gone;
    for (unsigned i = 0; i < 20 && r.h.store.set.count == 1; i++) {
        next_beat(&r);
        if (r.h.store.set.count == 1)
            slave_answers(&r);
    }
    CU_ASSERT_EQUAL(newest(&r)->release_grace, 500);
    CU_ASSERT_EQUAL(ha_grace_least(&r.h), 500);
    CU_ASSERT_EQUAL(ha_grace_most(&r.h), 5000);
    CU_ASSERT_TRUE(ha_authority(&r.h) + mastership_drift(500) >= gone);
}

static void no_list_any_more(void)
{
    struct ha_config c = settings();
    struct ha_store s = known(&c, true);
    c.witnesses = 0;
    struct rig r = started(&c, &s);
    tick(&r, 30000);
    slave_answers(&r);
    CU_ASSERT_EQUAL(r.h.mode, HA_TAKING);
    CU_ASSERT_EQUAL(newest(&r)->kind, QUORUM_TRIO);
    for (unsigned i = 0; i < 4; i++)
        slave_answers(&r);
    CU_ASSERT_EQUAL(newest(&r)->kind, QUORUM_ANY);
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"a new master proposes its own again under its term", a_new_master_proposes_its_own_again},
        {"the arbiter in use fails: the next one of the list (B5.1.2-21)", the_next_arbiter_is_proposed},
        {"a former arbiter that is back is not returned to (B5.1.2-22)", a_former_arbiter_is_not_returned_to},
        {"only a slave of this term closes a proposal, with number and content",
         only_a_slave_of_this_term_closes_it_with_the_content},
        {"no arbiter answers: solo, and the master goes on alone (B5.1.2-23)", solo_when_none_answers},
        {"not opened while what was told outside is longer", not_opened_while_what_was_told_is_longer},
        {"not opened at a moment that leaves less than a second", not_opened_at_a_bad_moment},
        {"a new master on the other's solo proposes its own", on_the_others_solo_its_own_comes_first},
        {"majority: all of the list, no voter twice (B5.1.2-20)", all_at_once},
        {"a shorter release_grace waits for the old lifetimes", a_shorter_grace_waits_for_old_lifetimes},
        {"the list is emptied (B5.1.2-17)", no_list_any_more},
        CU_TEST_INFO_NULL};
    return unit_run("ha_joint", cases);
}
