/* SPDX-License-Identifier: Apache-2.0
 * core/ha_monitor.c - a monitored object has failed on the master: does the mastership go to the other member by
 * itself? It goes as in a planned switch, as both members live: the other is known to be able before anything is
 * released. */
#include "core/ha_state.h"

#include <stdio.h>
#include <string.h>

/* A switch that had to be undone is not tried again at once: each try takes the address away for a moment. */
#define EVADE_AGAIN ((msec)60000)

static uint32_t failed_on(const struct ha *h, const struct ha_monitors *monitors)
{
    return monitors->failed & (h->config.watch_master | h->config.watch_both);
}

bool ha_object_failed(const struct ha *h)
{
    return h->mode == HA_ACTING && failed_on(h, &h->facts.monitors) != 0;
}

bool ha_peer_object_failed(const struct ha *h)
{
    return ha_peer_acts(h) && failed_on(h, &h->peer.report.monitors) != 0;
}

/* A rule's file may be new on one member and old on the other. */
static bool same_list(const struct ha *h)
{
    return h->facts.monitors.list == h->peer.report.monitors.list;
}

/* Role `both` needs to know that the object works over there. */
static bool better_there(const struct ha *h)
{
    uint32_t failed = failed_on(h, &h->facts.monitors);
    return (failed & (h->config.watch_master | (same_list(h) ? h->peer.report.monitors.good : 0))) != 0;
}

const char *ha_evade_bar(const struct ha *h)
{
    if (!h->config.auto_switch)
        return "auto_switch is off: mend it here, or switch to the other member";
    if (!h->facts.in_window)
        return "now is outside the rule's time windows: mend it here, or switch to the other member";
    const char *bar = ha_switch_bar(h, !h->config.need_rep_status);
    if (bar)
        return bar;
    if (h->peer.report.failed_here)
        return "it failed on the other member too, less than failure_timeout ago: mend it here or there, then switch";
    if (!better_there(h) && !same_list(h))
        return "the rule's file names other monitors on the other member: make the two files equal";
    if (!better_there(h))
        return "it is not known to work on the other member either: mend it here or there";
    return h->now < h->evade_after ? "the last try to switch was undone: the next follows soon" : NULL;
}

/* Said when the reason changes, not with each event. */
static void note_bar(struct ha *h, const char *bar)
{
    if (bar && strncmp(bar, h->evade_bar, sizeof h->evade_bar - 1) != 0)
        ha_log(h, HA_WARNING, "a monitored object has failed here, and this member stays master: %s", bar);
    snprintf(h->evade_bar, sizeof h->evade_bar, "%s", bar ? bar : "");
}

void ha_watch_objects(struct ha *h)
{
    if (!ha_object_failed(h)) {
        h->evade_bar[0] = '\0';
        return;
    }
    note_bar(h, ha_evade_bar(h));
    if (h->evade_bar[0])
        return;
    ha_log(h, HA_WARNING, "a monitored object has failed here: switching to the other member");
    h->evade_after = h->now + EVADE_AGAIN;
    ha_hand(h, !h->config.need_rep_status);
    h->evading = true;
}

void ha_evaded(struct ha *h)
{
    if (!h->evading)
        return;
    h->failed_until = h->now + h->config.failure_timeout;
    h->evade_after = 0;
    h->evading = false;
}

bool ha_failed_here(const struct ha *h)
{
    return h->now < h->failed_until;
}
