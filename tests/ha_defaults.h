/* SPDX-License-Identifier: Apache-2.0
 * tests/ha_defaults.h - for tests: the settings of a new rule with one arbiter. Who plays with other times changes
 * those of the copy. */
#ifndef DR_TESTS_HA_DEFAULTS_H
#define DR_TESTS_HA_DEFAULTS_H

#include "core/ha.h"

static inline struct ha_config ha_defaults(enum member self)
{
    return (struct ha_config){.rule = {"0123456789ABCDEF0123456789ABCDEF"},
                              .self = self,
                              .lines = 2,
                              .witnesses = 1,
                              .interval = 500,
                              .max_fail = 4,
                              .release_grace = 500,
                              .boot_wait = 30000,
                              .round_trip = 100,
                              .script_timeout = 60000,
                              .drain_timeout = 10000,
                              .initial = MEMBER_A,
                              .auto_switch = true,
                              .need_rep_status = true,
                              .vip = true,
                              .replicate = {true, true},
                              .guard = HA_GUARD_KERNEL};
}

#endif
