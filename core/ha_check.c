/* SPDX-License-Identifier: Apache-2.0
 * core/ha_check.c - settings that cannot keep the promises of a rule are refused by name. */
#include "core/ha_state.h"

msec ha_length(const struct ha_config *config)
{
    return config->interval * (msec)config->max_fail;
}

static enum dr_code bound(const char *name, msec value, msec least, msec most, struct dr_error *err)
{
    if (value >= least && value <= most)
        return DR_OK;
    return dr_fail(err, DR_INVALID, "%s is %lld: it must be %lld..%lld", name, (long long)value, (long long)least,
                   (long long)most);
}

static enum dr_code check_bounds(const struct ha_config *c, struct dr_error *err)
{
    const struct {
        const char *name;
        msec value, least, most;
    } bounds[] = {
        {"the number of heartbeat lines", c->lines, 1, HA_LINES_MAX},
        {"the number of witnesses", c->witnesses, 0, WITNESSES_MAX},
        {"interval (ms)", c->interval, 50, 60000},
        {"max_fail", c->max_fail, 3, 10},
        {"release_grace (ms)", c->release_grace, 1, 600000},
        {"boot_wait (ms; not less than interval * max_fail)", c->boot_wait, ha_length(c), 3600000},
        {"round_trip (ms)", c->round_trip, 1, 60000},
        {"the time limit of scripts (ms)", c->script_timeout, 1, 86400000},
        {"fence_timeout (ms)", c->fence_timeout, 0, 600000},
        {"the time limit of the drain (ms)", c->drain_timeout, 1, 86400000},
        {"failure_timeout (ms)", c->failure_timeout, 0, 604800000},
    };
    for (unsigned i = 0; i < sizeof bounds / sizeof bounds[0]; i++)
        if (bound(bounds[i].name, bounds[i].value, bounds[i].least, bounds[i].most, err) != DR_OK)
            return err->code;
    return DR_OK;
}

/* What is left of a promise when two renewals in a row came late, and what the grace adds, must be one whole second:
 * the least lifetime that the kernel gives an address. */
static enum dr_code check_lifetime(const struct ha_config *c, struct dr_error *err)
{
    msec left =
        mastership_drift(ha_length(c)) - 2 * c->interval - c->round_trip + mastership_drift(c->release_grace) - 250;
    if (!c->vip || c->guard != HA_GUARD_KERNEL || left >= 1000)
        return DR_OK;
    return dr_fail(
        err, DR_INVALID,
        "the kernel cannot guard the address with these settings: interval * max_fail / 1.05 - 2 * interval - "
        "round_trip + release_grace / 1.05 - 250 ms is %lld ms and must be at least 1000: raise release_grace "
        "by %lld ms, or set guard to watchdog or none",
        (long long)left, (long long)((1000 - left) * 21 / 20 + 2));
}

enum dr_code ha_check(const struct ha_config *config, struct dr_error *err)
{
    if (check_bounds(config, err) != DR_OK || check_lifetime(config, err) != DR_OK)
        return err->code;
    if (config->auto_switch && config->restart_takeover)
        return dr_fail(err, DR_INVALID, "auto_switch and restart_takeover exclude each other: turn one of them off");
    if (config->self > MEMBER_B || config->initial > MEMBER_B)
        return dr_fail(err, DR_INVALID,
                       "this node, and the initial master, must each be one of the rule's two members");
    return DR_OK;
}
