/* SPDX-License-Identifier: Apache-2.0
 * One member alone with a hand-played world; how several behave together is tests/sim. */
#include "tests/unit/core/ha_rig.h"

#include <string.h>

static void releases_first_and_is_silent(void)
{
    struct ha_config c = settings();
    struct ha_store s = known(&c, true);
    struct rig r = {.config = c, .now = 5000};
    ha_init(&r.h, &c, &s, 1, r.now);
    feed(&r, (struct ha_event){.kind = HA_TICK});
    CU_ASSERT_PTR_NOT_NULL(command(&r, HA_RELEASE_ALL));
    CU_ASSERT_PTR_NOT_NULL(find(&r, HA_STORE));
    CU_ASSERT_PTR_NULL(find(&r, HA_SEND_PEER));
    hear(&r, from_peer(&r, HA_BEAT));
    CU_ASSERT_EQUAL(r.a.actions, 0);
    feed(&r, (struct ha_event){.kind = HA_DONE, .command = 1, .ok = true});
    CU_ASSERT_PTR_NOT_NULL(find(&r, HA_SEND_PEER));
    CU_ASSERT_EQUAL(ha_stored(&r.h)->start, 1);
}

static void waits_for_boot_and_grace(void)
{
    struct rig r = restarted(true);
    tick(&r, 29999);
    CU_ASSERT_EQUAL(r.h.mode, HA_LISTENING);
    CU_ASSERT_PTR_NULL(find(&r, HA_SEND_WITNESS));
    tick(&r, 1);
    CU_ASSERT_EQUAL(r.h.mode, HA_ASKING);
    CU_ASSERT_PTR_NOT_NULL(find(&r, HA_SEND_WITNESS));
    arbiter_votes(&r, true);
    CU_ASSERT_EQUAL(r.h.mode, HA_TAKING);
    msec quorum = r.now;
    end(&r, HA_REPLICATION_FINISH, true);
    end(&r, HA_VIP_PROBE, true);
    CU_ASSERT_PTR_NULL(command(&r, HA_FLIP_RW));
    tick(&r, 499);
    CU_ASSERT_PTR_NULL(command(&r, HA_FLIP_RW));
    CU_ASSERT_EQUAL(r.a.wake, quorum + 500);
    tick(&r, 1);
    CU_ASSERT_PTR_NOT_NULL(command(&r, HA_FLIP_RW));
}

static void stores_before_it_takes(void)
{
    struct rig r = acting();
    end(&r, HA_FLIP_RW, true);
    CU_ASSERT_EQUAL(ha_stored(&r.h)->acted, 1);
    struct ha_config c = settings();
    struct ha_store s = known(&c, true);
    s.seen = 2; /* so the term is a new one */
    r = started(&c, &s);
    r.h.owner = true;
    tick(&r, 1);
    CU_ASSERT_EQUAL(r.h.term, 3);
    bool stored = false;
    for (uint32_t i = 0; i < r.a.actions; i++) {
        stored |= r.a.action[i].kind == HA_STORE;
        CU_ASSERT_TRUE(stored || r.a.action[i].kind != HA_SEND_WITNESS);
    }
    CU_ASSERT_TRUE(stored);
}

static void lifetime_fits_the_authority(void)
{
    struct rig r = acting();
    end(&r, HA_FLIP_RW, true);
    const struct ha_action *vip = command(&r, HA_VIP_TAKE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(vip);
    msec gone_by = ha_authority(&r.h) + 500 * 20 / 21;
    CU_ASSERT_TRUE(vip->u.command.lifetime >= 1000 && vip->u.command.lifetime % 1000 == 0);
    CU_ASSERT_TRUE(vip->u.command.deadline + vip->u.command.lifetime + 250 <= gone_by);
    CU_ASSERT_TRUE(vip->u.command.deadline > r.now);
}

/* Behind a fence to the millisecond; without a guard whatever the authority, so that there is an address at all. */
static void lifetime_fits_the_guard(void)
{
    struct rig r = acting();
    const struct ha_fence *fence = ha_fence_of(HA_GUARD_WATCHDOG);
    r.h.config.guard = HA_GUARD_WATCHDOG;
    CU_ASSERT_TRUE(fence->step == 1 && fence->late < ha_fence_of(HA_GUARD_KERNEL)->late);
    CU_ASSERT_TRUE(ha_lifetime_suffices(&r.h, r.now + 100, 50));
    CU_ASSERT_FALSE(ha_lifetime_suffices(&r.h, r.now + 40, 50));
    r.h.config.guard = HA_GUARD_KERNEL;
    CU_ASSERT_FALSE(ha_lifetime_suffices(&r.h, r.now + 100, 50));
    r.h.config.guard = HA_GUARD_NONE;
    CU_ASSERT_TRUE(ha_lifetime_suffices(&r.h, r.now + 100, 50));
}

static void lets_go_when_authority_ends(void)
{
    struct rig r = master_alone();
    lose_authority(&r);
    CU_ASSERT_EQUAL(r.h.mode, HA_RELEASING);
    const struct ha_action *ro = command(&r, HA_FLIP_RO);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ro);
    CU_ASSERT_TRUE(ro->u.command.at_once);
    end(&r, HA_FLIP_RO, true);
    CU_ASSERT_PTR_NOT_NULL(command(&r, HA_VIP_RELEASE));
    end(&r, HA_VIP_RELEASE, true);
    end(&r, HA_RUN_RELEASE, false);
    CU_ASSERT_FALSE(r.h.held);
    CU_ASSERT_EQUAL(r.h.mode, HA_ASKING); /* owner of its term, idle */
    struct ha_status status = shown(&r);
    CU_ASSERT_EQUAL(status.state, HA_STATE_WARNING);
    CU_ASSERT_EQUAL(status.authority_left, 0);
}

/* The arbiter refuses: it has granted a newer term. */
static void arbiter_knows(struct rig *r, term_no term)
{
    third_votes(r, 0, (struct vote_reply){.identity = W_ID, .term = term, .candidate = MEMBER_NONE});
}

static void asks_no_more_by_itself(struct rig *r)
{
    CU_ASSERT_EQUAL(r->h.mode, HA_LISTENING);
    tick(r, r->config.boot_wait);
    CU_ASSERT_EQUAL(r->h.mode, HA_LISTENING);
    struct ha_status status = shown(r);
    CU_ASSERT_EQUAL(status.state, HA_STATE_WARNING);
    CU_ASSERT_PTR_NOT_NULL(strstr(status.why[0], "need_rep_status"));
}

/* Cut off, it let go; the other was master meanwhile, and is silent now: what it wrote is not here. */
static void an_owner_that_was_followed_is_none(void)
{
    struct rig r = master_alone();
    lose_authority(&r);
    finish_release(&r);
    CU_ASSERT_EQUAL_FATAL(r.h.mode, HA_ASKING);
    arbiter_knows(&r, 2);
    asks_no_more_by_itself(&r);
}

/* Nor does a hand-over count that came so late that the old master went on in a newer term. */
static void an_invitation_that_came_too_late_is_none(void)
{
    struct rig r = restarted(false);
    struct ha_message m = from_peer(&r, HA_BEAT);
    m.report.seen = m.report.ask_now = 3;
    hear(&r, m);
    CU_ASSERT_EQUAL_FATAL(r.h.mode, HA_ASKING);
    r.now += 1;
    arbiter_knows(&r, 4);
    asks_no_more_by_itself(&r);
}

static void a_late_vote_mends_nothing(void)
{
    struct rig r = master_alone();
    r.now = ha_authority(&r.h) + 1;
    arbiter_votes(&r, true);
    CU_ASSERT_EQUAL(r.h.mode, HA_RELEASING);
}

static void a_failed_store_holds_everything_back(void)
{
    struct ha_config c = settings();
    struct ha_store s = known(&c, true);
    s.seen = 2;
    struct rig r = started(&c, &s);
    r.h.owner = true;
    tick(&r, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(find(&r, HA_STORE));
    feed(&r, (struct ha_event){.kind = HA_STORE_FAILED});
    CU_ASSERT_PTR_NULL(find(&r, HA_SEND_PEER));
    CU_ASSERT_PTR_NOT_NULL(find(&r, HA_LOG));
    tick(&r, 500);
    CU_ASSERT_PTR_NOT_NULL_FATAL(find(&r, HA_STORE));
    CU_ASSERT_TRUE(find(&r, HA_STORE) < find(&r, HA_SEND_PEER));
}

/* Each message that comes in makes it try; a person reads it once. */
static void a_failed_store_is_said_once(void)
{
    struct ha_status status;
    struct rig r = restarted(true);
    r.h.store_due = true;
    tick(&r, 1);
    feed(&r, (struct ha_event){.kind = HA_STORE_FAILED});
    CU_ASSERT_PTR_NOT_NULL(find(&r, HA_LOG));
    for (int i = 0; i < 3; i++) {
        hear(&r, from_peer(&r, HA_BEAT));
        CU_ASSERT_PTR_NOT_NULL_FATAL(find(&r, HA_STORE));
        feed(&r, (struct ha_event){.kind = HA_STORE_FAILED});
        CU_ASSERT_PTR_NULL(find(&r, HA_LOG));
        status = shown(&r);
        CU_ASSERT_PTR_NOT_NULL(strstr(status.why[0], "cannot be stored"));
    }
    hear(&r, from_peer(&r, HA_BEAT));
    tick(&r, 1);
    status = shown(&r);
    CU_ASSERT_PTR_NULL(strstr(status.why[0], "cannot be stored"));
    r.h.store_due = true;
    tick(&r, 1);
    feed(&r, (struct ha_event){.kind = HA_STORE_FAILED});
    CU_ASSERT_PTR_NOT_NULL(find(&r, HA_LOG));
}

/* At first at once, then with each beat; the reason is said once. */
static void a_release_is_tried_until_it_works(void)
{
    struct rig r = master_alone();
    lose_authority(&r);
    CU_ASSERT_TRUE(ha_own_report(&r.h).able);
    for (int i = 0; i < 40; i++) {
        end(&r, HA_FLIP_RO, false);
        CU_ASSERT_EQUAL(find(&r, HA_LOG) != NULL, i == 0);
        r.now = r.h.job.retry_at;
        feed(&r, (struct ha_event){.kind = HA_TICK});
    }
    CU_ASSERT_EQUAL(r.h.mode, HA_RELEASING);
    end(&r, HA_FLIP_RO, false);
    CU_ASSERT_EQUAL(r.h.job.retry_at, r.now + r.config.interval);
    CU_ASSERT_FALSE(ha_own_report(&r.h).able); /* what it waits for is no reason for the other to wait */
    tick(&r, r.config.interval);
    end(&r, HA_FLIP_RO, true);
    CU_ASSERT_TRUE(ha_own_report(&r.h).able);
}

/* The other is better by every measure, but says that it cannot: its release fails, or it has no folders. */
static void who_is_able_asks_beside_one_that_is_not(void)
{
    struct rig r = restarted(false);
    struct ha_message m = from_peer(&r, HA_ANSWER);
    m.report.seen = m.report.acted = 2;
    m.report.priority = 9;
    hear(&r, m);
    CU_ASSERT_EQUAL(r.h.mode, HA_LISTENING);
    m.report.stamp.number = ++r.stamp;
    m.report.able = false;
    hear(&r, m);
    CU_ASSERT_EQUAL(r.h.mode, HA_ASKING);
}

/* The folders' capture has ended: whoever is master without them steps back, and gives the other the first chance. */
static void without_its_folders_it_is_no_master(void)
{
    struct rig r = master_alone();
    feed(&r, (struct ha_event){.kind = HA_FACTS, .facts = {.in_window = true, .uncovered = true}});
    CU_ASSERT_EQUAL(r.h.mode, HA_RELEASING);
    CU_ASSERT_PTR_NOT_NULL(find(&r, HA_LOG));
    struct ha_status status = shown(&r);
    CU_ASSERT_PTR_NOT_NULL(strstr(status.why[0], "capture of the protected folders has ended"));
    finish_release(&r);
    CU_ASSERT_EQUAL(r.h.mode, HA_LISTENING);
    CU_ASSERT_EQUAL(voter_promised(&r.h.voter, r.now), MEMBER_NONE);
    CU_ASSERT_FALSE(ha_own_report(&r.h).able);
    tick(&r, 2 * ha_length(&r.config) - 1);
    CU_ASSERT_EQUAL(r.h.mode, HA_LISTENING);
}

static void uncover(struct rig *r, bool uncovered)
{
    feed(r, (struct ha_event){.kind = HA_FACTS, .facts = {.in_window = true, .uncovered = uncovered}});
}

/* On a member that holds nothing it is started again, and what was received goes on being received. */
static void a_slave_covers_its_folders_again(void)
{
    struct rig r = restarted(false);
    hear_master(&r, HA_ANSWER, 4, HA_PHASE_NONE);
    end(&r, HA_REPLICATION_TARGET, true);
    uncover(&r, false);
    CU_ASSERT_PTR_NULL(command(&r, HA_FLIP_RO));
    uncover(&r, true);
    CU_ASSERT_EQUAL(r.h.mode, HA_LISTENING);
    CU_ASSERT_FALSE(ha_own_report(&r.h).able);
    end(&r, HA_FLIP_RO, true);
    const struct ha_action *target = command(&r, HA_REPLICATION_TARGET);
    CU_ASSERT_PTR_NOT_NULL_FATAL(target);
    CU_ASSERT_EQUAL(target->u.command.term, 4);
    end(&r, HA_REPLICATION_TARGET, true);
    uncover(&r, false);
    uncover(&r, true); /* and once more: not before a length is over */
    CU_ASSERT_PTR_NULL(command(&r, HA_FLIP_RO));
    tick(&r, ha_length(&r.config));
    CU_ASSERT_PTR_NOT_NULL(command(&r, HA_FLIP_RO));
}

static void releases_do_not_wait_for_the_disk(void)
{
    struct rig r = master_alone();
    feed(&r, (struct ha_event){.kind = HA_STORE_FAILED});
    lose_authority(&r);
    CU_ASSERT_PTR_NOT_NULL_FATAL(find(&r, HA_STORE));
    CU_ASSERT_TRUE(command(&r, HA_FLIP_RO) < find(&r, HA_STORE));
}

static void the_slave_leaves_the_arbiter_alone(void)
{
    struct rig r = restarted(false);
    hear_master(&r, HA_ANSWER, 4, HA_PHASE_REPLICATING);
    CU_ASSERT_PTR_NOT_NULL(command(&r, HA_REPLICATION_TARGET));
    CU_ASSERT_EQUAL(ha_stored(&r.h)->synced, 4);
    tick(&r, 500);
    CU_ASSERT_PTR_NOT_NULL(find(&r, HA_SEND_PEER));
    CU_ASSERT_PTR_NULL(find(&r, HA_SEND_WITNESS));
    struct ha_status status = shown(&r);
    CU_ASSERT_EQUAL(status.role, HA_ROLE_SLAVE);
    CU_ASSERT_EQUAL(status.state, HA_STATE_READY);
    CU_ASSERT_EQUAL(status.peer_role, HA_ROLE_MASTER);
    CU_ASSERT_TRUE(status.line_up[0] && !status.line_up[1]);
    tick(&r, 1499);
    CU_ASSERT_EQUAL(r.h.mode, HA_LISTENING);
    tick(&r, 1);
    CU_ASSERT_EQUAL(r.h.mode, HA_ASKING);
    CU_ASSERT_PTR_NOT_NULL(find(&r, HA_SEND_WITNESS));
}

/* The last known state counts, and a mirror under way is none. */
static void only_in_step_it_takes_over(void)
{
    struct rig r = restarted(false);
    hear_master(&r, HA_ANSWER, 4, HA_PHASE_MIRRORING);
    CU_ASSERT_EQUAL(ha_stored(&r.h)->synced, 2);
    tick(&r, 2000);
    CU_ASSERT_EQUAL(r.h.mode, HA_LISTENING);
    struct ha_status status = shown(&r);
    CU_ASSERT_EQUAL(status.state, HA_STATE_WARNING);
    CU_ASSERT_PTR_NOT_NULL(strstr(status.why[0], "need_rep_status"));
}

static enum ha_mode alone_after_boot(bool automatic, bool restart, bool need, bool former_master)
{
    struct ha_config c = settings();
    c.auto_switch = automatic;
    c.restart_takeover = restart;
    c.need_rep_status = need;
    struct ha_store s = known(&c, former_master);
    struct rig r = started(&c, &s);
    tick(&r, 30000);
    struct ha_status status = shown(&r);
    CU_ASSERT_EQUAL(status.role == HA_ROLE_DETACHED, r.h.mode == HA_LISTENING);
    return r.h.mode;
}

static void restarted_alone(void)
{
    CU_ASSERT_EQUAL(alone_after_boot(false, false, true, true), HA_LISTENING);
    CU_ASSERT_EQUAL(alone_after_boot(false, true, true, true), HA_ASKING);
    CU_ASSERT_EQUAL(alone_after_boot(false, true, false, false), HA_ASKING);
    CU_ASSERT_EQUAL(alone_after_boot(false, true, true, false), HA_LISTENING);
    CU_ASSERT_EQUAL(alone_after_boot(true, false, true, false), HA_ASKING);
}

static void outside_its_window_it_only_warns(void)
{
    struct rig r = restarted(true);
    feed(&r, (struct ha_event){.kind = HA_FACTS, .facts = {.in_window = false}});
    tick(&r, 30000);
    CU_ASSERT_EQUAL(r.h.mode, HA_LISTENING);
    CU_ASSERT_PTR_NOT_NULL_FATAL(find(&r, HA_LOG));
    CU_ASSERT_PTR_NOT_NULL(strstr(find(&r, HA_LOG)->u.log.text, "time windows"));
}

/* Two fresh members that hear each other: the better one asks. */
static bool asks_beside(uint32_t own_priority, uint32_t other_priority, bool own_initial, bool other_initial)
{
    struct ha_config c = settings();
    c.priority = own_priority;
    c.initial = own_initial ? MEMBER_A : MEMBER_B;
    struct ha_store s;
    ha_store_create(&s, &c, SELF_ID);
    struct rig r = started(&c, &s);
    struct ha_message m = from_peer(&r, HA_ANSWER);
    m.report.priority = other_priority;
    m.report.initial = other_initial;
    m.report.configuration.voter[MEMBER_A] = 0;
    hear(&r, m);
    CU_ASSERT_EQUAL(ha_stored(&r.h)->set.of[0].voter[MEMBER_B], PEER_ID);
    return r.h.mode == HA_ASKING;
}

static void the_better_one_asks(void)
{
    CU_ASSERT_TRUE(asks_beside(0, 0, true, false));
    CU_ASSERT_FALSE(asks_beside(0, 0, false, true));
    CU_ASSERT_TRUE(asks_beside(2, 1, false, true));
    CU_ASSERT_FALSE(asks_beside(1, 2, true, false));
    CU_ASSERT_TRUE(asks_beside(1, 1, true, true));
}

static void a_lost_store_is_no_voter(void)
{
    struct ha_config c = settings();
    struct ha_store s;
    ha_store_create(&s, &c, SELF_ID);
    struct rig r = started(&c, &s);
    struct ha_message m = from_peer(&r, HA_ANSWER);
    m.report.configuration.voter[MEMBER_A] = 55; /* who stood here before */
    hear(&r, m);
    CU_ASSERT_EQUAL(ha_stored(&r.h)->set.of[0].voter[MEMBER_B], 0);
}

static void orders_in_the_wrong_place(void)
{
    struct rig r = restarted(true);
    order(&r, HA_ORDER_SWITCH);
    CU_ASSERT_TRUE(r.a.refused && strstr(r.a.why, "on the master"));
    order(&r, HA_ORDER_START);
    CU_ASSERT_TRUE(r.a.refused);
    order(&r, HA_ORDER_STOP_SCRIPT);
    CU_ASSERT_TRUE(r.a.refused);
    r = acting();
    order(&r, HA_ORDER_STOP);
    CU_ASSERT_TRUE(r.a.refused && strstr(r.a.why, "switching"));
    order(&r, HA_ORDER_TAKE_FORCE);
    CU_ASSERT_TRUE(r.a.refused);
    feed(&r, (struct ha_event){.kind = HA_TICK});
    CU_ASSERT_FALSE(r.a.refused);
}

static void a_hanging_script_is_stopped(void)
{
    struct rig r = acting();
    end(&r, HA_FLIP_RW, true);
    end(&r, HA_VIP_TAKE, true);
    const struct ha_action *script = command(&r, HA_RUN_ACQUIRE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(script);
    CU_ASSERT_EQUAL(script->u.command.limit_ms, 60000);
    uint64_t id = script->u.command.id;
    struct ha_status status = shown(&r);
    CU_ASSERT_PTR_NOT_NULL(strstr(status.why[0], "under way: the acquire script"));
    order(&r, HA_ORDER_STOP_SCRIPT);
    CU_ASSERT_PTR_NOT_NULL(find(&r, HA_KILL_SCRIPT));
    feed(&r, (struct ha_event){.kind = HA_DONE, .command = id, .ok = false, .text = "killed"});
    CU_ASSERT_PTR_NOT_NULL(command(&r, HA_REPLICATION_SOURCE));
}

static void a_failed_acquire_warns(void)
{
    struct rig r = acting();
    end(&r, HA_FLIP_RW, true);
    end(&r, HA_VIP_TAKE, true);
    end(&r, HA_RUN_ACQUIRE, false);
    end(&r, HA_REPLICATION_SOURCE, true);
    struct ha_status status = shown(&r);
    CU_ASSERT_EQUAL(status.role, HA_ROLE_MASTER);
    CU_ASSERT_EQUAL(status.state, HA_STATE_WARNING);
    CU_ASSERT_PTR_NOT_NULL(strstr(status.why[0], "exit status 3: no disk"));
    lose_authority(&r);
    finish_release(&r);
    CU_ASSERT_STRING_EQUAL(r.h.fault, ""); /* ended here: how it had started is of no interest */
}

static void stopped_stays_stopped(void)
{
    struct rig r = master_alone();
    order(&r, HA_ORDER_STOP);
    end(&r, HA_RUN_RELEASE, true);
    end(&r, HA_VIP_RELEASE, true);
    end(&r, HA_FLIP_RO, true);
    end(&r, HA_REPLICATION_STOP, true);
    CU_ASSERT_EQUAL(r.h.mode, HA_STOPPED);
    struct ha_store s = *ha_stored(&r.h);
    CU_ASSERT_TRUE(s.stopped);
    r = started(&r.config, &s);
    tick(&r, 40000);
    CU_ASSERT_EQUAL(r.h.mode, HA_STOPPED);
    struct ha_status status = shown(&r);
    CU_ASSERT_EQUAL(status.role, HA_ROLE_DETACHED);
    CU_ASSERT_EQUAL(status.state, HA_STATE_STOPPED);
    order(&r, HA_ORDER_START);
    CU_ASSERT_EQUAL(r.h.mode, HA_LISTENING);
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"releases first, and is silent until then", releases_first_and_is_silent},
        {"waits for boot_wait and release_grace (V4-01)", waits_for_boot_and_grace},
        {"stores before it takes or says", stores_before_it_takes},
        {"the address's lifetime fits the authority (V5-06)", lifetime_fits_the_authority},
        {"the lifetime of an address is as fine as its guard", lifetime_fits_the_guard},
        {"lets go when authority ends, owner and idle (V3-02)", lets_go_when_authority_ends},
        {"an owner that was followed is none", an_owner_that_was_followed_is_none},
        {"an invitation that came too late is none", an_invitation_that_came_too_late_is_none},
        {"a late vote mends nothing", a_late_vote_mends_nothing},
        {"a failed store holds everything back", a_failed_store_holds_everything_back},
        {"a failed store is said once", a_failed_store_is_said_once},
        {"a release is tried until it works, and said once", a_release_is_tried_until_it_works},
        {"who is able asks beside one that is not", who_is_able_asks_beside_one_that_is_not},
        {"without its folders it is no master", without_its_folders_it_is_no_master},
        {"a slave covers its folders again", a_slave_covers_its_folders_again},
        {"releases do not wait for the disk", releases_do_not_wait_for_the_disk},
        {"only the master asks the arbiter (B5.1.2-24, B5.1.3-10, -13)", the_slave_leaves_the_arbiter_alone},
        {"not in step it only warns (B5.1.2-35, B5.1.3-04)", only_in_step_it_takes_over},
        {"restarted alone (B5.1.2-09..-13, V4-03..-05)", restarted_alone},
        {"outside its window it only warns (B5.1.2-04, -07)", outside_its_window_it_only_warns},
        {"the better one asks (B5.1.2-16)", the_better_one_asks},
        {"a lost store is no voter", a_lost_store_is_no_voter},
        {"orders in the wrong place are refused (B5.1.3-17, -19, V4-07)", orders_in_the_wrong_place},
        {"a hanging script is stopped (B5.1.2-62, B5.1.3-21)", a_hanging_script_is_stopped},
        {"a failed acquire leaves a warning with its words", a_failed_acquire_warns},
        {"stopped stays stopped (B5.1.3-05, -11, -18)", stopped_stays_stopped},
        CU_TEST_INFO_NULL};
    return unit_run("ha", cases);
}
