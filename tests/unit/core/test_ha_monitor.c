/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/ha_rig.h"

#include <string.h>

#define AS_MASTER 1u /* monitor 0: role master */
#define AS_BOTH   2u /* monitor 1: role both */
#define AS_SLAVE  4u /* monitor 2: role slave, or log only: in neither mask */

static struct ha_facts facts(uint32_t failed)
{
    return (struct ha_facts){.phase = HA_PHASE_REPLICATING, .in_window = true, .monitors = {.failed = failed}};
}

/* The other answers as our slave. */
static void hear_slave(struct rig *r, struct ha_monitors monitors, bool failed_here)
{
    struct ha_message m = from_peer(r, HA_ANSWER);
    m.report.term = r->h.term;
    m.report.seen = r->h.store.seen;
    m.report.monitors = monitors;
    m.report.failed_here = failed_here;
    hear(r, m);
}

/* Master in step, and the other a slave on which everything works. */
static struct rig master_with(void (*change)(struct ha_config *c))
{
    struct rig r = master_alone();
    r.h.config.watch_master = AS_MASTER;
    r.h.config.watch_both = AS_BOTH;
    r.h.config.failure_timeout = 600000;
    if (change)
        change(&r.h.config);
    feed(&r, (struct ha_event){.kind = HA_FACTS, .facts = facts(0)});
    hear_slave(&r, (struct ha_monitors){.good = AS_BOTH}, false);
    CU_ASSERT_EQUAL(r.h.mode, HA_ACTING);
    return r;
}

static void fail(struct rig *r, uint32_t failed)
{
    feed(r, (struct ha_event){.kind = HA_FACTS, .facts = facts(failed)});
}

static void stays_and_says(struct rig *r, const char *words)
{
    CU_ASSERT_EQUAL(r->h.mode, HA_ACTING);
    const struct ha_action *log = find(r, HA_LOG);
    CU_ASSERT_PTR_NOT_NULL_FATAL(log);
    unit_says(log->u.log.text, words);
    struct ha_status status = shown(r);
    CU_ASSERT_EQUAL(status.role, HA_ROLE_MASTER);
    CU_ASSERT_EQUAL(status.state, HA_STATE_WARNING);
    CU_ASSERT_EQUAL(status.peer_state, status.peer_heard ? HA_STATE_WARNING : HA_STATE_UNKNOWN);
    CU_ASSERT_TRUE(says_why(&status, words));
    tick(r, 1);
    CU_ASSERT_PTR_NULL(find(r, HA_LOG)); /* once */
}

static void hands_over(struct rig *r)
{
    CU_ASSERT_EQUAL(r->h.mode, HA_HANDING);
    end(r, HA_RUN_RELEASE, false); /* what failed need not end well */
    end(r, HA_VIP_RELEASE, true);
    end(r, HA_FLIP_RO, true);
    end(r, HA_DRAIN, true);
    CU_ASSERT_EQUAL(r->h.mode, HA_LISTENING);
    CU_ASSERT_NOT_EQUAL(r->h.ask_now, 0);
}

static void a_failed_object_moves_the_mastership(void)
{
    struct rig r = master_with(NULL);
    fail(&r, AS_MASTER);
    hands_over(&r);
    CU_ASSERT_TRUE(ha_own_report(&r.h).failed_here);
    r.now += 600000;
    r.h.now = r.now;
    CU_ASSERT_FALSE(ha_own_report(&r.h).failed_here);
}

static void both_needs_a_healthy_slave(void)
{
    struct rig r = master_with(NULL);
    fail(&r, AS_BOTH);
    hands_over(&r);
    r = master_with(NULL);
    hear_slave(&r, (struct ha_monitors){.failed = AS_BOTH}, false);
    fail(&r, AS_BOTH);
    stays_and_says(&r, "not known to work on the other member");
    hear_slave(&r, (struct ha_monitors){.failed = 0}, false); /* not checked there yet */
    CU_ASSERT_EQUAL(r.h.mode, HA_ACTING);
    hear_slave(&r, (struct ha_monitors){.good = AS_BOTH}, false);
    CU_ASSERT_EQUAL(r.h.mode, HA_HANDING);
}

static void other_monitors_there_say_nothing(void)
{
    struct rig r = master_with(NULL);
    hear_slave(&r, (struct ha_monitors){.good = AS_BOTH, .list = 5}, false);
    fail(&r, AS_BOTH);
    stays_and_says(&r, "names other monitors on the other member");
    hear_slave(&r, (struct ha_monitors){.good = AS_BOTH}, false);
    CU_ASSERT_EQUAL(r.h.mode, HA_HANDING);
}

static void what_fails_on_the_slave_switches_nothing(void)
{
    struct rig r = master_with(NULL);
    hear_slave(&r, (struct ha_monitors){.failed = AS_BOTH | AS_SLAVE | AS_MASTER}, false);
    tick(&r, 500);
    CU_ASSERT_EQUAL(r.h.mode, HA_ACTING);
    struct ha_status status = shown(&r);
    CU_ASSERT_EQUAL(status.state, HA_STATE_READY);
    fail(&r, AS_SLAVE);
    CU_ASSERT_EQUAL(r.h.mode, HA_ACTING);
    status = shown(&r);
    CU_ASSERT_EQUAL(status.state, HA_STATE_READY);
}

static void by_hand(struct ha_config *c)
{
    c->auto_switch = false;
}

static void not_automatic_only_warns(void)
{
    struct rig r = master_with(by_hand);
    fail(&r, AS_MASTER);
    stays_and_says(&r, "auto_switch is off");
    order(&r, HA_ORDER_SWITCH);
    CU_ASSERT_FALSE(r.a.refused);
    CU_ASSERT_EQUAL(r.h.mode, HA_HANDING);
}

static void outside_the_window_only_warns(void)
{
    struct rig r = master_with(NULL);
    struct ha_facts f = facts(AS_MASTER);
    f.in_window = false;
    feed(&r, (struct ha_event){.kind = HA_FACTS, .facts = f});
    stays_and_says(&r, "outside the rule's time windows");
    fail(&r, AS_MASTER);
    CU_ASSERT_EQUAL(r.h.mode, HA_HANDING);
}

static void windows_bind_no_person(void)
{
    for (unsigned inside = 0; inside < 2; inside++) {
        struct rig r = master_with(NULL);
        struct ha_facts f = facts(0);
        f.in_window = inside;
        feed(&r, (struct ha_event){.kind = HA_FACTS, .facts = f});
        order(&r, HA_ORDER_SWITCH);
        CU_ASSERT_FALSE(r.a.refused);
        CU_ASSERT_EQUAL(r.h.mode, HA_HANDING);
    }
}

static void not_in_step_only_warns(void)
{
    struct rig r = master_with(NULL);
    struct ha_facts f = facts(AS_MASTER);
    f.phase = HA_PHASE_MIRRORING;
    feed(&r, (struct ha_event){.kind = HA_FACTS, .facts = f});
    stays_and_says(&r, "the data are not in step");
}

static void the_other_must_be_there(void)
{
    struct rig r = master_with(NULL);
    for (unsigned i = 0; i < 5; i++) {
        tick(&r, 500);
        arbiter_votes(&r, true);
    }
    fail(&r, AS_MASTER);
    stays_and_says(&r, "not a slave that is heard");
}

static void no_ping_pong(void)
{
    struct rig r = master_with(NULL);
    hear_slave(&r, (struct ha_monitors){.good = AS_BOTH}, true);
    fail(&r, AS_MASTER);
    stays_and_says(&r, "failed on the other member too");
}

/* Data come before the object: what cannot be drained is not given away. */
static void a_drain_that_fails_is_undone(void)
{
    struct rig r = master_with(NULL);
    fail(&r, AS_MASTER);
    end(&r, HA_RUN_RELEASE, true);
    end(&r, HA_VIP_RELEASE, true);
    end(&r, HA_FLIP_RO, true);
    end(&r, HA_DRAIN, false);
    CU_ASSERT_EQUAL(r.h.mode, HA_RETAKING);
    end(&r, HA_VIP_PROBE, true);
    finish_take(&r);
    stays_and_says(&r, "was undone");
    CU_ASSERT_FALSE(ha_own_report(&r.h).failed_here);
}

static void the_slave_shows_it(void)
{
    struct ha_config c = settings();
    c.watch_master = AS_MASTER;
    struct ha_store s = known(&c, false);
    struct rig r = started(&c, &s);
    struct ha_message m = from_peer(&r, HA_ANSWER);
    m.report.acting = true;
    m.report.term = m.report.acted = m.report.seen = 4;
    m.report.phase = HA_PHASE_REPLICATING;
    m.report.monitors.failed = AS_MASTER;
    hear(&r, m);
    struct ha_status status = shown(&r);
    CU_ASSERT_EQUAL(status.state, HA_STATE_WARNING);
    unit_says(status.why[0], "failed on the other member, which is master");
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"B5.1.2-51 V1-07 V6-01 a failed object moves the mastership", a_failed_object_moves_the_mastership},
        {"B5.1.2-53 Q-01 `both` needs a healthy slave", both_needs_a_healthy_slave},
        {"other monitors over there say nothing", other_monitors_there_say_nothing},
        {"B5.1.2-52 V6-03 Q-02 what fails on the slave switches nothing", what_fails_on_the_slave_switches_nothing},
        {"B5.1.2-03 B5.1.3-04 not automatic: only a warning", not_automatic_only_warns},
        {"B5.1.2-05 -07 outside its time windows: only a warning", outside_the_window_only_warns},
        {"B5.1.2-06 -08 windows bind no person", windows_bind_no_person},
        {"B5.1.2-35 not in step: only a warning", not_in_step_only_warns},
        {"the other must be there", the_other_must_be_there},
        {"no ping-pong between two members where it fails", no_ping_pong},
        {"a drain that fails is undone", a_drain_that_fails_is_undone},
        {"B5.1.3-04 V1-10 the slave shows it", the_slave_shows_it},
        CU_TEST_INFO_NULL};
    return unit_run("core/ha_monitor", cases);
}
