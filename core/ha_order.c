/* SPDX-License-Identifier: Apache-2.0
 * core/ha_order.c - what a person orders. Each either begins at once or is refused with the reason and the way out. */
#include "core/ha_state.h"

static bool switching(const struct ha *h)
{
    return h->mode == HA_TAKING || h->mode == HA_HANDING || h->mode == HA_RETAKING || h->mode == HA_RELEASING ||
           h->mode == HA_STARTING;
}

/* As it knows itself: it has a quorum only with its own vote. */
static bool peer_counts(const struct ha *h)
{
    const struct ha_report *r = &h->peer.report;
    uint64_t named = r->configuration.voter[ha_other(h)];
    return !ha_peer_lost(h) && (named == 0 || named == r->identity);
}

const char *ha_switch_bar(const struct ha *h, bool forced)
{
    if (h->mode != HA_ACTING)
        return "this member is not master: give the order on the master";
    if (!ha_job_done(h))
        return "a step of the last switch still runs: wait for it, or stop its script";
    if (!ha_peer_follows(h))
        return "the other member is not a slave that is heard: start it and check the heartbeat lines";
    if (!peer_counts(h))
        return "the other member lost its state, and its vote does not count yet: `drctl --local rejoin` there, and "
               "wait "
               "for it";
    if (!h->peer.report.able)
        return "the other member cannot be master now, mostly because of a mirror under way: see its status, and wait "
               "for it";
    if (h->config.need_rep_status && h->facts.phase != HA_PHASE_REPLICATING && !forced)
        return "the data are not in step (need_rep_status is on): wait for replication, or force the switch";
    return NULL;
}

void ha_hand(struct ha *h, bool forced)
{
    h->switch_forced = forced;
    h->beat_at = h->now; /* takes back, at every voter, that the other is behind */
    h->leaving = h->evading = false;
    h->mode = HA_HANDING;
    ha_plan_hand(h);
}

static void order_switch(struct ha *h, bool forced)
{
    const char *bar = ha_switch_bar(h, forced);
    if (bar) {
        ha_refuse(h, "switch refused: %s", bar);
        return;
    }
    ha_log(h, HA_INFO, "planned switch%s: releasing, in order to hand term %llu over", forced ? " (forced)" : "",
           (unsigned long long)h->term);
    ha_hand(h, forced);
}

static void forget_split(struct ha *h)
{
    if (!ha_split(h))
        return;
    h->store.split[MEMBER_A] = h->store.split[MEMBER_B] = 0;
    h->store_due = true;
}

/* The master itself is the side to keep: a newer term than both tells the other. */
static void keep_this_side(struct ha *h)
{
    forget_split(h);
    h->term = ha_next_term(h, ha_self(h));
    ha_saw_term(h, h->term);
    h->renumber = true;
}

static void order_take(struct ha *h)
{
    if (h->mode == HA_ACTING && ha_split(h)) {
        keep_this_side(h);
        return;
    }
    if (h->mode != HA_LISTENING && h->mode != HA_ASKING) {
        ha_refuse(h, "forced switch refused: this member is %s",
                  h->mode == HA_STOPPED  ? "stopped: start it first"
                  : h->mode == HA_ACTING ? "master already"
                                         : "switching: wait, or stop its script");
        return;
    }
    ha_log(h, HA_WARNING,
           "a person forces this member to be master: the operator overrode the voters that cannot be "
           "reached, and what had not arrived here is lost");
    forget_split(h);
    h->forced = true;
    ha_start_asking(h, ha_next_term(h, ha_self(h)));
}

void ha_left(struct ha *h)
{
    h->mode = HA_STOPPED;
    ha_force_ends(h);
    h->owner = h->leaving = false;
    h->following = h->invited = h->ask_now = 0;
    h->store.stopped = true;
    h->store_due = true;
    h->bar = HA_MAY_ASK;
    ha_log(h, HA_INFO, "stopped by a person: this member has left the rule; the other does not change");
}

static void order_stop(struct ha *h, bool forced)
{
    if (h->mode == HA_STOPPED || (switching(h) && !forced)) {
        ha_refuse(h, "stop refused: this member is %s",
                  h->mode == HA_STOPPED ? "stopped already" : "switching: wait, or force the stop at your risk");
        return;
    }
    if (ha_holding(h)) {
        h->leaving = true;
        h->mode = HA_HANDING;
        ha_plan_leave(h);
        return;
    }
    h->leaving = h->mode == HA_RELEASING || h->mode == HA_STARTING;
    if (h->leaving)
        return;
    ha_plan_stop(h);
    if (h->mode == HA_ASKING)
        ha_give_back(h);
    ha_left(h);
}

static void order_start(struct ha *h)
{
    if (h->mode != HA_STOPPED) {
        ha_refuse(h, "start refused: this member has joined the rule already");
        return;
    }
    h->mode = HA_LISTENING;
    h->started = h->now;
    h->store.stopped = false;
    h->store_due = true;
    ha_log(h, HA_INFO, "started by a person: this member has joined the rule");
}

static void order_stop_script(struct ha *h)
{
    if (!ha_is_script(ha_job_command(h))) {
        ha_refuse(h, "stop script refused: no script runs");
        return;
    }
    h->script_stopped = true;
    ha_action_early(h, HA_KILL_SCRIPT);
    ha_log(h, HA_WARNING, "a person stops the script that runs; the switch goes on without it");
}

static void order_rejoin(struct ha *h)
{
    const struct ha_report *r = &h->peer.report;
    if (ha_holding(h)) {
        ha_refuse(h, "rejoin refused: this member is master, so nothing of its state is missing");
        return;
    }
    if (r->identity != 0 && r->configuration.voter[ha_self(h)] == h->store.voter.identity) {
        ha_refuse(h, "rejoin refused: the other member knows this one as a voter, nothing of its state is missing");
        return;
    }
    h->store.rejoins = true;
    h->store_due = true;
    h->beat_at = h->now;
    ha_log(h, HA_WARNING,
           "a person puts this member into the rule again: it counts as a voter as soon as the other one is master and "
           "hears it");
}

void ha_on_order(struct ha *h, enum ha_order order)
{
    switch (order) {
    case HA_ORDER_SWITCH: order_switch(h, false); break;
    case HA_ORDER_SWITCH_FORCE: order_switch(h, true); break;
    case HA_ORDER_TAKE_FORCE: order_take(h); break;
    case HA_ORDER_STOP: order_stop(h, false); break;
    case HA_ORDER_STOP_FORCE: order_stop(h, true); break;
    case HA_ORDER_START: order_start(h); break;
    case HA_ORDER_STOP_SCRIPT: order_stop_script(h); break;
    case HA_ORDER_REJOIN: order_rejoin(h); break;
    }
}
