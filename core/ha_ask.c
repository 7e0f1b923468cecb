/* SPDX-License-Identifier: Apache-2.0
 * core/ha_ask.c - may this member ask to be master by itself? One table of conditions, in the order in which they are
 * looked at; the same table tells a person what is in the way. */
#include "core/ha_state.h"

bool ha_split(const struct ha *h)
{
    return h->store.split[MEMBER_A] != 0;
}

/* The lower term waits for a person; the higher goes on, and may come back. */
bool ha_lower_side(const struct ha *h)
{
    return h->store.split[ha_self(h)] < h->store.split[ha_other(h)];
}

/* Nothing of a mastership of the other is missing here. Under an own term everything lower counts as superseded. */
bool ha_in_sync(const struct ha *h)
{
    term_no seen = h->store.seen;
    term_no needed = seen != 0 && member_of_term(seen) == ha_self(h) ? seen - 1 : seen;
    return h->store.synced != 0 && h->store.synced >= needed;
}

/* Who pauses leaves the other the first chance. */
bool ha_able(const struct ha *h)
{
    return h->now >= h->ask_after && h->mode != HA_STOPPED && !h->facts.mixed && !h->facts.uncovered &&
           !ha_is_behind(h) && !ha_lower_side(h) && !ha_release_fails(h);
}

static bool was_last_master(const struct ha *h)
{
    return h->store.acted != 0 && h->store.acted == h->store.seen;
}

/* The courtesy: of two that hear each other and no master, the better one asks. Both use what each says of itself, so
 * that settings that differ cannot make both wait. */
static bool better(const struct ha *h)
{
    const struct ha_report *r = &h->peer.report;
    bool able = ha_able(h);
    if (able != r->able)
        return able;
    if (h->store.acted != r->acted)
        return h->store.acted > r->acted;
    if (h->config.priority != r->priority)
        return h->config.priority > r->priority;
    bool initial = h->config.initial == ha_self(h);
    return initial != r->initial ? initial : ha_self(h) == MEMBER_A;
}

static bool booting(const struct ha *h)
{
    return ha_last_heard(h) == 0 && h->now - h->started < h->config.boot_wait;
}

/* Alone since its start: what a restart alone allows. */
static bool restart_allows(const struct ha *h)
{
    return h->config.restart_takeover && ha_last_heard(h) == 0 && (was_last_master(h) || !h->config.need_rep_status);
}

static bool pause(const struct ha *h)
{
    return h->now < h->ask_after;
}

static bool promised(const struct ha *h)
{
    return voter_promised(&h->voter, h->now) == ha_other(h);
}

static bool peer_asks(const struct ha *h)
{
    return ha_hears(h) && !h->peer.report.stopped && (h->peer.report.asking || !better(h));
}

static bool peer_stopped(const struct ha *h)
{
    return h->peer.report.stopped;
}

static bool mixed(const struct ha *h)
{
    return h->facts.mixed;
}

static bool alone_and_not_automatic(const struct ha *h)
{
    return !ha_hears(h) && !h->config.auto_switch && !restart_allows(h);
}

static bool alone_outside_window(const struct ha *h)
{
    return !ha_hears(h) && h->config.auto_switch && !h->facts.in_window;
}

static bool alone_and_unsynced(const struct ha *h)
{
    return !ha_hears(h) && h->config.need_rep_status && !ha_in_sync(h);
}

static const struct {
    enum ha_bar bar;
    bool (*stands)(const struct ha *h);
    bool always; /* bars also the owner of the last mastership, and one that the other hands over to */
    const char *text;
} conditions[] = {
    {HA_BAR_PEER_MASTER, ha_peer_acts, true, "the other member is master"},
    {HA_BAR_PAUSE, pause, true,
     "the last try to become or stay master failed: waiting a moment before the next; check the links to the other "
     "member and to the witness"},
    {HA_BAR_PROMISED, promised, true, "the own vote is still promised to the other member"},
    {HA_BAR_BOOT, booting, false, "the other member has not been heard since the start: waiting for boot_wait"},
    {HA_BAR_PEER_STOPPED, peer_stopped, false,
     "a person stopped the other member: start it there, or force-switch here"},
    {HA_BAR_PEER_ASKS, peer_asks, false, "the other member is heard and is the better one to become master"},
    {HA_BAR_SPLIT, ha_lower_side, true, "split brain: compare both members and force-switch on the side to keep"},
    {HA_BAR_MIXED, mixed, false,
     "the data here are in the middle of a mirror: wait for it, or force-switch and accept loss"},
    {HA_BAR_BEHIND, ha_is_behind, false,
     "the master marked this member's data as behind its own: let it come back and catch up, or force-switch and "
     "accept "
     "what is missing"},
    {HA_BAR_AUTO_OFF, alone_and_not_automatic, false,
     "the other member is silent and auto_switch is off: force-switch if this member should take over"},
    {HA_BAR_WINDOW, alone_outside_window, false,
     "the other member is silent, and now is outside the rule's time windows: force-switch to take over"},
    {HA_BAR_UNSYNCED, alone_and_unsynced, false,
     "need_rep_status is on and this member's data were not known to be in step with the last master: force-switch to "
     "take over and accept what may be missing"},
};
#define CONDITIONS (sizeof conditions / sizeof conditions[0])

enum ha_bar ha_bar(const struct ha *h)
{
    bool entitled = h->owner || h->invited != 0;
    for (unsigned i = 0; i < CONDITIONS; i++) {
        if ((conditions[i].always || !entitled) && conditions[i].stands(h))
            return conditions[i].bar;
    }
    return HA_MAY_ASK;
}

bool ha_bar_stands(const struct ha *h, enum ha_bar bar)
{
    for (unsigned i = 0; i < CONDITIONS; i++)
        if (conditions[i].bar == bar)
            return conditions[i].stands(h);
    return false;
}

const char *ha_bar_text(enum ha_bar bar)
{
    for (unsigned i = 0; i < CONDITIONS; i++)
        if (conditions[i].bar == bar)
            return conditions[i].text;
    return "";
}

bool ha_bar_needs_person(enum ha_bar bar)
{
    return bar == HA_BAR_SPLIT || bar == HA_BAR_MIXED || bar == HA_BAR_BEHIND || bar == HA_BAR_AUTO_OFF ||
           bar == HA_BAR_WINDOW || bar == HA_BAR_UNSYNCED;
}
