/* SPDX-License-Identifier: Apache-2.0
 * The order of volumes and addresses in a take-over and a demotion, and what is said when one cannot be had. */
#include "tests/unit/core/ha_rig.h"

#include <string.h>

/* The former master, whose rule has volumes too, at the point where it mounts them. */
static struct rig mounting(void)
{
    struct rig r = acting();
    r.h.config.volume = true;
    r.h.config.fence_timeout = 5000;
    end(&r, HA_FLIP_RW, true);
    CU_ASSERT_PTR_NULL(command(&r, HA_VOLUME_TAKE));
    end(&r, HA_VIP_TAKE, true);
    CU_ASSERT_PTR_NULL(command(&r, HA_RUN_ACQUIRE));
    return r;
}

static void volumes_come_after_the_address_and_before_scripts(void)
{
    struct rig r = mounting();
    end(&r, HA_VOLUME_TAKE, true);
    end(&r, HA_RUN_ACQUIRE, true);
    end(&r, HA_REPLICATION_SOURCE, true);
    CU_ASSERT_EQUAL(r.h.mode, HA_ACTING);
    struct ha_status status = shown(&r);
    CU_ASSERT_TRUE(says_why(&status, "tune2fs -O mmp")); /* the kernel takes no volume away */
    lose_authority(&r);
    end(&r, HA_FLIP_RO, true);
    end(&r, HA_VIP_RELEASE, true);
    const struct ha_action *script = command(&r, HA_RUN_RELEASE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(script);
    CU_ASSERT_EQUAL(script->u.command.limit_ms, 5000); /* and not the 60 s of its own: the other waits no longer */
    r.now += 4000;
    end(&r, HA_RUN_RELEASE, true);
    CU_ASSERT_EQUAL(command(&r, HA_VOLUME_RELEASE)->u.command.limit_ms, 1000);
    CU_ASSERT_TRUE(r.h.held);
    end(&r, HA_VOLUME_RELEASE, false);
    CU_ASSERT_TRUE(r.h.held);
    tick(&r, 20);
    end(&r, HA_VOLUME_RELEASE, true);
    CU_ASSERT_FALSE(r.h.held);
}

static void a_volume_that_cannot_be_mounted_ends_the_take_over(void)
{
    struct rig r = mounting();
    end(&r, HA_VOLUME_TAKE, false);
    CU_ASSERT_EQUAL(r.h.mode, HA_RELEASING);
    CU_ASSERT_PTR_NOT_NULL(command(&r, HA_FLIP_RO));
    CU_ASSERT_PTR_NOT_NULL(strstr(r.h.fault, "mounting the volumes failed"));
    finish_release(&r);
    end(&r, HA_VOLUME_RELEASE, true);
    CU_ASSERT_EQUAL(r.h.mode, HA_LISTENING);
    CU_ASSERT_PTR_NOT_NULL(strstr(r.h.fault, "mounting the volumes failed"));
    struct ha_message m = from_peer(&r, HA_ANSWER);
    m.report.acting = true;
    m.report.term = 2;
    hear(&r, m);
    CU_ASSERT_STRING_EQUAL(r.h.fault, ""); /* the other could: it is no fault of a slave's */
}

/* Somebody else has it: nothing is taken, it is said, and looked for again; nobody is fought with. */
static void an_address_that_somebody_has_is_not_taken(void)
{
    struct rig r = restarted(true);
    tick(&r, 30000);
    arbiter_votes(&r, true);
    end(&r, HA_REPLICATION_FINISH, true);
    const struct ha_action *probe = command(&r, HA_VIP_PROBE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(probe);
    CU_ASSERT_EQUAL(probe->u.command.deadline, r.now + 500); /* until then it may be the former master */
    end(&r, HA_VIP_PROBE, false);
    tick(&r, 499);
    CU_ASSERT_PTR_NULL(command(&r, HA_FLIP_RW));
    struct ha_status status = shown(&r);
    CU_ASSERT_EQUAL(status.state, HA_STATE_WARNING);
    CU_ASSERT_PTR_NOT_NULL(strstr(status.why[0], "checking the address failed"));
    tick(&r, 1);
    end(&r, HA_VIP_PROBE, true);
    CU_ASSERT_PTR_NOT_NULL(command(&r, HA_FLIP_RW));
    CU_ASSERT_STRING_EQUAL(r.h.fault, "");
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"volumes: order, time and risk (B5.1.2-65)", volumes_come_after_the_address_and_before_scripts},
        {"a volume that cannot be mounted", a_volume_that_cannot_be_mounted_ends_the_take_over},
        {"an address that somebody else has", an_address_that_somebody_has_is_not_taken},
        CU_TEST_INFO_NULL};
    return unit_run("ha_resources", cases);
}
