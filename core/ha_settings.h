/* SPDX-License-Identifier: Apache-2.0
 * core/ha_settings.h - one setting of a member by its name in the rule's file, with the bounds of the rule's table. */
#ifndef DR_CORE_HA_SETTINGS_H
#define DR_CORE_HA_SETTINGS_H

#include "core/ha.h"

/* `name`: a field of a rule that the core decides by; heartbeat_interval is interval. DR_INVALID names the bound, or
 * the settings that there are. What follows from it (boot_wait is not less than a length) is adapted. */
enum dr_code ha_setting(struct ha_config *config, const char *name, const char *value,
                        struct dr_error *err) DR_MUST_USE;

#endif
