/* SPDX-License-Identifier: Apache-2.0
 * Who is marked as behind, and what that keeps it from; what a person forced; how long an invited member waits. */
#include "tests/unit/core/ha_rig.h"

#include <string.h>

static bool asks_with_mark(const struct rig *r)
{
    const struct ha_action *a = find(r, HA_SEND_WITNESS);
    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    return a->u.send.message.ask.behind;
}

static void beat_with_vote(struct rig *r)
{
    next_beat(r);
    arbiter_votes(r, true);
}

static void facts(struct rig *r, struct ha_facts f)
{
    f.in_window = true;
    feed(r, (struct ha_event){.kind = HA_FACTS, .facts = f});
}

static void marks_after_boot_wait(void)
{
    struct rig r = master_alone();
    for (msec gone = 0; gone < r.config.boot_wait - 500; gone += 500) {
        beat_with_vote(&r);
        CU_ASSERT_EQUAL(voter_behind(&r.h.voter.store), MEMBER_NONE);
    }
    tick(&r, 500);
    CU_ASSERT_TRUE(asks_with_mark(&r));
    CU_ASSERT_EQUAL(voter_behind(&r.h.voter.store), MEMBER_B);
    CU_ASSERT_PTR_NOT_NULL(find(&r, HA_STORE));
    CU_ASSERT_FALSE(ha_behind_noted(&r.h));
    third_votes(&r, 0, (struct vote_reply){.granted = true, .identity = W_ID, .length = 2000, .behind = r.h.term});
    CU_ASSERT_TRUE(ha_behind_noted(&r.h));
    facts(&r, (struct ha_facts){.phase = HA_PHASE_REPLICATING});
    CU_ASSERT_FALSE(asks_with_mark(&r));
    CU_ASSERT_EQUAL(voter_behind(&r.h.voter.store), MEMBER_NONE);
}

static void not_where_the_copy_does_not_matter(void)
{
    struct rig r = master_alone();
    r.h.config.need_rep_status = false;
    for (msec gone = 0; gone < 2 * r.config.boot_wait; gone += 500)
        beat_with_vote(&r);
    CU_ASSERT_EQUAL(voter_behind(&r.h.voter.store), MEMBER_NONE);
}

static void at_once_for_who_wants_to_go_on_alone(void)
{
    struct rig r = master_alone();
    facts(&r, (struct ha_facts){.alone = true});
    tick(&r, 500);
    CU_ASSERT_TRUE(asks_with_mark(&r));
}

static void a_mark_outlives_a_restart(void)
{
    struct ha_config c = settings();
    struct ha_store s = known(&c, true);
    s.voter.behind = 1;
    struct rig r = started(&c, &s);
    tick(&r, 30000);
    CU_ASSERT_EQUAL(r.h.mode, HA_ASKING);
    CU_ASSERT_TRUE(asks_with_mark(&r));
}

static void says_that_it_is_behind(const struct rig *r)
{
    struct ha_status status = shown(r);
    CU_ASSERT_EQUAL(status.state, HA_STATE_WARNING);
    CU_ASSERT_PTR_NOT_NULL(strstr(status.why[0], "marked this member's data"));
}

static void who_is_marked_does_not_ask(void)
{
    struct ha_config c = settings();
    struct ha_store s = known(&c, false);
    s.voter.behind = 2; /* B's mastership */
    struct rig r = started(&c, &s);
    tick(&r, 30000);
    CU_ASSERT_EQUAL(r.h.mode, HA_LISTENING);
    CU_ASSERT_FALSE(ha_able(&r.h));
    says_that_it_is_behind(&r);
    order(&r, HA_ORDER_TAKE_FORCE);
    CU_ASSERT_EQUAL(r.h.mode, HA_ASKING);
    CU_ASSERT_EQUAL(voter_behind(&r.h.voter.store), MEMBER_NONE);
}

static void an_arbiter_tells_it(void)
{
    struct rig r = restarted(false);
    tick(&r, 30000);
    CU_ASSERT_EQUAL(r.h.mode, HA_ASKING);
    third_votes(&r, 0, (struct vote_reply){.identity = W_ID, .candidate = MEMBER_NONE, .term = 2, .behind = 2});
    CU_ASSERT_EQUAL(r.h.mode, HA_LISTENING);
    says_that_it_is_behind(&r);
    struct ha_message m = from_peer(&r, HA_ANSWER);
    m.report.acting = true;
    m.report.term = m.report.acted = 4;
    hear(&r, m);
    CU_ASSERT_FALSE(ha_is_behind(&r.h));
}

/* ---- what a person forced ---- */

static struct ha_store forced_once(const struct ha_config *c)
{
    struct ha_store s = known(c, true);
    s.forced = 1;
    return s;
}

static void force_outlives_a_restart(void)
{
    struct ha_config c = settings();
    struct ha_store s = forced_once(&c);
    struct rig r = started(&c, &s);
    CU_ASSERT_EQUAL(r.h.mode, HA_ASKING); /* boot_wait is for who may take over by itself */
    tick(&r, 2000);
    CU_ASSERT_EQUAL(r.h.mode, HA_TAKING);
    CU_ASSERT_EQUAL(r.h.term, 1);
    end(&r, HA_REPLICATION_FINISH, true);
    tick(&r, 500);
    CU_ASSERT_EQUAL(ha_stored(&r.h)->forced, 1);
    arbiter_votes(&r, true); /* from now on it is a mastership like any other */
    CU_ASSERT_EQUAL(ha_stored(&r.h)->forced, 0);
    CU_ASSERT_EQUAL(r.h.mode, HA_TAKING);
}

static void force_is_stored_with_the_mastership(void)
{
    struct rig r = restarted(false);
    order(&r, HA_ORDER_TAKE_FORCE);
    for (unsigned i = 0; i < 20 && !command(&r, HA_REPLICATION_FINISH); i++)
        tick(&r, 500);
    end(&r, HA_REPLICATION_FINISH, true);
    if (command(&r, HA_VIP_PROBE))
        end(&r, HA_VIP_PROBE, true);
    for (unsigned i = 0; i < 20 && !command(&r, HA_FLIP_RW); i++)
        tick(&r, 500);
    CU_ASSERT_EQUAL(ha_stored(&r.h)->forced, 3);
    CU_ASSERT_EQUAL(ha_stored(&r.h)->acted, 3);
}

static void another_masters_term_ends_it(void)
{
    struct ha_config c = settings();
    struct ha_store s = forced_once(&c);
    s.seen = 2;
    struct rig r = started(&c, &s);
    CU_ASSERT_EQUAL(r.h.mode, HA_LISTENING);
    s.seen = 1;
    s.stopped = true;
    r = started(&c, &s);
    order(&r, HA_ORDER_START);
    CU_ASSERT_EQUAL(r.h.mode, HA_LISTENING);
}

static void a_resumed_one_has_its_own_vote_only(void)
{
    struct ha_config c = settings();
    struct ha_store s = forced_once(&c);
    struct rig r = resumed(&s, 1, STARTED + 900);
    CU_ASSERT_EQUAL(r.h.mode, HA_ACTING);
    CU_ASSERT_EQUAL(ha_stored(&r.h)->forced, 1);
    tick(&r, 1000);
    CU_ASSERT_EQUAL(r.h.mode, HA_ACTING);
}

/* ---- invited ---- */

static struct rig invited(void)
{
    struct ha_config c = settings();
    struct ha_store s = known(&c, false);
    struct rig r = started(&c, &s);
    struct ha_message m = from_peer(&r, HA_BEAT);
    m.report.ask_now = m.report.seen = 3;
    hear(&r, m);
    CU_ASSERT_EQUAL(r.h.mode, HA_ASKING);
    arbiter_votes(&r, true);
    CU_ASSERT_EQUAL(r.h.mode, HA_ASKING); /* the old master's word is worth release_grace */
    return r;
}

static void the_old_masters_word_is_waited_for(void)
{
    struct rig r = invited();
    r.now += 100;
    struct ha_message m = from_peer(&r, HA_ANSWER);
    m.sent = r.now - 100;
    m.voted = true;
    m.vote = (struct vote_reply){
        .granted = true, .handed_over = true, .identity = PEER_ID, .round = m.round, .length = 2000};
    hear(&r, m);
    CU_ASSERT_EQUAL(r.h.mode, HA_TAKING);
    CU_ASSERT_EQUAL(r.h.act_at, r.now);
}

static void but_not_for_longer_than_an_interval(void)
{
    struct rig r = invited();
    CU_ASSERT_TRUE(r.a.wake <= r.now + 500);
    tick(&r, 499);
    CU_ASSERT_EQUAL(r.h.mode, HA_ASKING);
    tick(&r, 1);
    CU_ASSERT_EQUAL(r.h.mode, HA_TAKING);
    CU_ASSERT_EQUAL(r.h.act_at, r.now + 500);
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"out of step for boot_wait: the other is marked; back in step: no more (B5.1.2-35)", marks_after_boot_wait},
        {"need_rep_status off: nobody is marked", not_where_the_copy_does_not_matter},
        {"who wants to go on alone marks at once", at_once_for_who_wants_to_go_on_alone},
        {"a mark outlives a restart", a_mark_outlives_a_restart},
        {"who is marked does not ask, unless a person forces it (B5.1.2-36)", who_is_marked_does_not_ask},
        {"an arbiter tells who is marked; it ends when the master is back", an_arbiter_tells_it},
        {"a forced mastership goes on after a restart", force_outlives_a_restart},
        {"force is stored with the mastership", force_is_stored_with_the_mastership},
        {"force ends with another's term, or when the member is stopped", another_masters_term_ends_it},
        {"a forced mastership is resumed on the own vote", a_resumed_one_has_its_own_vote_only},
        {"invited: the old master's word is waited for (V1-01)", the_old_masters_word_is_waited_for},
        {"invited: but not for longer than an interval", but_not_for_longer_than_an_interval},
        CU_TEST_INFO_NULL};
    return unit_run("ha_behind", cases);
}
