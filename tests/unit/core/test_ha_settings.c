/* SPDX-License-Identifier: Apache-2.0
 * What a member is given: its settings, and the store of its former life. */
#include "core/ha_settings.h"
#include "tests/unit/core/ha_rig.h"

#include <string.h>

static void the_store_survives_and_damage_is_found(void)
{
    struct ha_config c = settings();
    struct ha_store s = known(&c, true), back;
    s.set.count = CONFIGURATIONS_MAX;
    for (unsigned i = 1; i < CONFIGURATIONS_MAX; i++)
        s.set.of[i] = s.set.of[0];
    uint8_t bytes[HA_STORE_BYTES];
    struct dr_error err;
    size_t size = ha_store_encode(bytes, &s);
    CU_ASSERT_TRUE_FATAL(size > 0);
    CU_ASSERT_EQUAL_FATAL(ha_store_decode(&back, bytes, size, &err), DR_OK);
    CU_ASSERT_EQUAL(back.acted, 1);
    CU_ASSERT_TRUE(configuration_equal(&back.set.of[3], &s.set.of[3]));
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 1;
        CU_ASSERT_EQUAL(ha_store_decode(&back, bytes, size, &err), DR_CORRUPT);
        bytes[i] ^= 1;
        CU_ASSERT_EQUAL(ha_store_decode(&back, bytes, i, &err), DR_CORRUPT);
    }
}

static bool refuses(struct ha_config c, const char *word)
{
    struct dr_error err;
    return ha_check(&c, &err) == DR_INVALID && strstr(err.text, word) != NULL;
}

static void settings_are_checked_by_name(void)
{
    struct dr_error err;
    struct ha_config good = settings(), c = good;
    CU_ASSERT_EQUAL(ha_check(&good, &err), DR_OK);
    c.release_grace = 200;
    CU_ASSERT_TRUE(refuses(c, "raise release_grace"));
    c.guard = HA_GUARD_WATCHDOG;
    CU_ASSERT_EQUAL(ha_check(&c, &err), DR_OK);
    c.interval = 50, c.max_fail = 3, c.release_grace = 114;
    CU_ASSERT_EQUAL(ha_check(&c, &err), DR_OK);
    c.release_grace = 112;
    CU_ASSERT_TRUE(refuses(c, "guard = watchdog cannot guard the address"));
    c.guard = HA_GUARD_KERNEL;
    CU_ASSERT_TRUE(refuses(c, "set guard to watchdog or none"));
    c.guard = HA_GUARD_NONE;
    CU_ASSERT_EQUAL(ha_check(&c, &err), DR_OK);
    c = good, c.max_fail = 2;
    CU_ASSERT_TRUE(refuses(c, "max_fail"));
    c = good, c.interval = 40;
    CU_ASSERT_TRUE(refuses(c, "interval"));
    c = good, c.boot_wait = 1999;
    CU_ASSERT_TRUE(refuses(c, "boot_wait"));
    c = good, c.lines = 9;
    CU_ASSERT_TRUE(refuses(c, "lines"));
    c = good, c.restart_takeover = true;
    CU_ASSERT_TRUE(refuses(c, "exclude each other"));
}

static void take(struct ha_config *c, const char *name, const char *value)
{
    struct dr_error err;
    CU_ASSERT_EQUAL(ha_setting(c, name, value, &err), DR_OK);
}

/* In the rule's words, whatever the core calls it; with the rule's bounds. */
static void what_the_core_reads_can_be_set(void)
{
    struct ha_config c = settings();
    struct dr_error err;
    take(&c, "heartbeat_interval", "100ms");
    take(&c, "max_fail", "5");
    CU_ASSERT_EQUAL(ha_length(&c), 500);
    take(&c, "interval", "1min");
    CU_ASSERT_EQUAL(c.boot_wait, 300000); /* never less than a length */
    take(&c, "priority", "middle");
    take(&c, "timeout", "7s");
    take(&c, "fence_timeout", "2s");
    take(&c, "failure_timeout", "1s");
    take(&c, "arbitration", "majority");
    take(&c, "guard", "none");
    take(&c, "reverse_rule", "off");
    take(&c, "initial_master", "b");
    CU_ASSERT_EQUAL(c.priority, 1);
    CU_ASSERT_TRUE(c.script_timeout == 7000 && c.drain_timeout == 7000);
    CU_ASSERT_TRUE(c.fence_timeout == 2000 && c.failure_timeout == 1000);
    CU_ASSERT_TRUE(c.majority && c.guard == HA_GUARD_NONE && c.initial == MEMBER_B);
    CU_ASSERT_TRUE(c.replicate[MEMBER_A] && !c.replicate[MEMBER_B]);
    take(&c, "guard", "kernel");
    take(&c, "arbitration", "one");
    CU_ASSERT_TRUE(!c.majority && c.guard == HA_GUARD_KERNEL);
    CU_ASSERT_EQUAL(ha_setting(&c, "priority", "11", &err), DR_INVALID);
    CU_ASSERT_EQUAL(ha_setting(&c, "memory_limit", "256", &err), DR_INVALID);
    unit_says(err.text, "reverse_rule");
}

int main(void)
{
    CU_TestInfo cases[] = {{"the store survives, and damage is found", the_store_survives_and_damage_is_found},
                           {"settings are checked by name (B5.1.2-14)", settings_are_checked_by_name},
                           {"what the core reads can be set", what_the_core_reads_can_be_set},
                           CU_TEST_INFO_NULL};
    return unit_run("ha_settings", cases);
}
