/* SPDX-License-Identifier: Apache-2.0
 * A mastership outlives its drnode: only its own last one, only while its authority lasts. */
#include "tests/unit/core/ha_rig.h"

#define UNTIL (STARTED + 1500)

/* Master in term 3, that voted for itself. */
static struct ha_store former_master(void)
{
    struct ha_config config = settings();
    struct ha_store store = known(&config, true);
    store.start = 1;
    store.seen = store.acted = store.synced = store.voter.term = 3;
    store.voter.candidate = MEMBER_A;
    store.voter.length = 2000;
    return store;
}

static void test_goes_on(void)
{
    struct ha_store store = former_master();
    struct rig r = resumed(&store, 3, UNTIL);
    CU_ASSERT_EQUAL(r.h.mode, HA_ACTING);
    CU_ASSERT_EQUAL(ha_authority(&r.h), UNTIL);
    CU_ASSERT_PTR_NOT_NULL(command(&r, HA_FLIP_RW));
    CU_ASSERT_PTR_NULL(command(&r, HA_RELEASE_ALL));
    CU_ASSERT_EQUAL(r.a.action[0].kind, HA_STORE); /* the new start count comes first */
}

/* Nobody answers: what it had runs out at the very instant that was promised, not later. */
static void test_ends_when_it_would_have(void)
{
    struct ha_store store = former_master();
    struct rig r = resumed(&store, 3, UNTIL);
    tick(&r, UNTIL - 1 - r.now);
    CU_ASSERT_EQUAL(r.h.mode, HA_ACTING);
    tick(&r, 1);
    CU_ASSERT_EQUAL(r.h.mode, HA_RELEASING);
    CU_ASSERT_PTR_NOT_NULL(command(&r, HA_FLIP_RO));
}

static void releases(const struct ha_store *store, term_no term, msec until)
{
    struct rig r = resumed(store, term, until);
    CU_ASSERT_EQUAL(r.h.mode, HA_STARTING);
    CU_ASSERT_PTR_NOT_NULL(command(&r, HA_RELEASE_ALL));
}

static void test_everything_else_releases(void)
{
    struct ha_store store = former_master();
    releases(&store, 3, STARTED); /* it has ended */
    releases(&store, 1, UNTIL);   /* not the last one */
    releases(&store, 0, UNTIL);
    store.seen = 4; /* the other was heard in a newer term */
    releases(&store, 3, UNTIL);
    store = former_master();
    store.handed = 4; /* given away */
    releases(&store, 3, UNTIL);
    store = former_master();
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
