/* SPDX-License-Identifier: Apache-2.0
 * A mastership outlives its drnode: only its own last one, only while its authority lasts. */
#include "core/ha_state.h"
#include "tests/unit/unit.h"

#include <string.h>

#define NOW   ((msec)100000)
#define UNTIL (NOW + 1500)

static struct ha h;
static struct ha_answer answer;

static struct ha_config config_of_a(void)
{
    return (struct ha_config){.rule = {.hex = "0123456789ABCDEF0123456789ABCDEF"},
                              .self = MEMBER_A,
                              .lines = 1,
                              .witnesses = 1,
                              .interval = 500,
                              .max_fail = 4,
                              .release_grace = 500,
                              .boot_wait = 30000,
                              .round_trip = 100,
                              .script_timeout = 20000,
                              .drain_timeout = 20000,
                              .auto_switch = true,
                              .need_rep_status = true,
                              .vip = true,
                              .replicate = {true, true},
                              .guard = HA_GUARD_KERNEL};
}

/* A was master in term 3, and voted for itself. */
static struct ha_store store_of_a(void)
{
    struct ha_config config = config_of_a();
    struct ha_store store;
    ha_store_create(&store, &config, 11);
    store.start = 1;
    store.seen = store.acted = store.synced = 3;
    store.voter.term = 3;
    store.voter.candidate = MEMBER_A;
    store.voter.length = 2000;
    store.set.of[0].voter[MEMBER_B] = 22;
    store.set.of[0].witness[0] = 33;
    return store;
}

static void start(const struct ha_store *store, term_no term, msec until)
{
    struct ha_config config = config_of_a();
    ha_init(&h, &config, store, 1, NOW);
    ha_resume(&h, term, until);
    struct ha_event tick = {.kind = HA_TICK, .now = NOW};
    ha_step(&h, &tick, &answer);
}

static bool commanded(enum ha_command_kind kind)
{
    for (uint32_t i = 0; i < answer.actions; i++)
        if (answer.action[i].kind == HA_COMMAND && answer.action[i].u.command.kind == kind)
            return true;
    return false;
}

static void test_goes_on(void)
{
    struct ha_store store = store_of_a();
    start(&store, 3, UNTIL);
    CU_ASSERT_EQUAL(h.mode, HA_ACTING);
    CU_ASSERT_EQUAL(ha_authority(&h), UNTIL);
    CU_ASSERT_TRUE(commanded(HA_FLIP_RW));
    CU_ASSERT_FALSE(commanded(HA_RELEASE_ALL));
    CU_ASSERT_EQUAL(answer.action[0].kind, HA_STORE); /* the new start count comes first */
}

/* Nobody answers: what it had runs out at the very instant that was promised, not later. */
static void test_ends_when_it_would_have(void)
{
    struct ha_store store = store_of_a();
    start(&store, 3, UNTIL);
    struct ha_event tick = {.kind = HA_TICK, .now = UNTIL - 1};
    ha_step(&h, &tick, &answer);
    CU_ASSERT_EQUAL(h.mode, HA_ACTING);
    tick.now = UNTIL;
    ha_step(&h, &tick, &answer);
    CU_ASSERT_EQUAL(h.mode, HA_RELEASING);
    CU_ASSERT_TRUE(commanded(HA_FLIP_RO));
}

static void releases(const struct ha_store *store, term_no term, msec until)
{
    start(store, term, until);
    CU_ASSERT_EQUAL(h.mode, HA_STARTING);
    CU_ASSERT_TRUE(commanded(HA_RELEASE_ALL));
}

static void test_everything_else_releases(void)
{
    struct ha_store store = store_of_a();
    releases(&store, 3, NOW);   /* it has ended */
    releases(&store, 1, UNTIL); /* not the last one */
    releases(&store, 0, UNTIL);
    store.seen = 4; /* the other was heard in a newer term */
    releases(&store, 3, UNTIL);
    store = store_of_a();
    store.handed = 4; /* given away */
    releases(&store, 3, UNTIL);
    store = store_of_a();
    store.stopped = true;
    releases(&store, 3, UNTIL);
}

int main(void)
{
    CU_TestInfo cases[] = {{"it goes on", test_goes_on},
                           {"without answers it ends when it would have", test_ends_when_it_would_have},
                           {"everything else releases", test_everything_else_releases},
                           CU_TEST_INFO_NULL};
    return unit_run("ha_resume", cases);
}
