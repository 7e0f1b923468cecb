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

/* The kernel counts the lifetime of an address in whole seconds and removes it up to 250 ms late. A fence is looked at
 * with each packet, and counts ticks: up to 10 ms each, and where the processor that counts them stands still, as a
 * virtual one may, another goes on with that after five (4 ms each where Linux' own default, 250 Hz, holds). */
const struct ha_fence *ha_fence_of(enum ha_guard guard)
{
    static const struct ha_fence whole_seconds = {.step = 1000, .late = 250, .child = 50, .least = 1000};
    static const struct ha_fence ticks = {.step = 1, .late = 30, .child = 50, .least = 20};
    return guard == HA_GUARD_WATCHDOG ? &ticks : &whole_seconds;
}

/* What is left of a promise when two renewals in a row came late, and what the grace adds, must be a lifetime. */
static enum dr_code check_lifetime(const struct ha_config *c, struct dr_error *err)
{
    const struct ha_fence *fence = ha_fence_of(c->guard);
    msec left = mastership_drift(ha_length(c)) - 2 * c->interval - c->round_trip + mastership_drift(c->release_grace) -
                fence->late;
    if (!c->vip || c->guard == HA_GUARD_NONE || left >= fence->least)
        return DR_OK;
    return dr_fail(err, DR_INVALID,
                   "guard = %s cannot guard the address with these settings: interval * max_fail / 1.05 - 2 * interval "
                   "- round_trip + release_grace / 1.05 - %lld ms is %lld ms and must be at least %lld: raise "
                   "release_grace by %lld ms, or set guard to %s",
                   c->guard == HA_GUARD_KERNEL ? "kernel" : "watchdog", (long long)fence->late, (long long)left,
                   (long long)fence->least, (long long)((fence->least - left) * 21 / 20 + 2),
                   c->guard == HA_GUARD_KERNEL ? "watchdog or none" : "none");
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
