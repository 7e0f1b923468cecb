/* SPDX-License-Identifier: Apache-2.0
 * core/ha_status.c - what a person sees: roles and states, derived from facts, and why things are as they are. */
#include "core/ha_state.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const role_names[] = {"master", "slave", "detached", "switching"};
static const char *const state_names[] = {"mirroring", "ready", "warning", "stopped", "unsynced", "unknown"};
static const char *const command_names[] = {"nothing",
                                            "releasing everything",
                                            "stopping replication",
                                            "recovering the replicated data",
                                            "starting to send",
                                            "starting to receive",
                                            "making it read-write",
                                            "making it read-only",
                                            "checking the address",
                                            "taking the address",
                                            "renewing the address",
                                            "releasing the address",
                                            "mounting the volumes",
                                            "unmounting the volumes",
                                            "the acquire script",
                                            "the release script",
                                            "draining to the other member"};

const char *ha_role_name(enum ha_role role)
{
    return role_names[role];
}

const char *ha_state_name(enum ha_state state)
{
    return state_names[state];
}

const char *ha_quorum_name(enum quorum_kind kind)
{
    switch (kind) {
    case QUORUM_ANY: return "no witness: each member may be master alone";
    case QUORUM_TRIO: return "two of both members and one witness";
    case QUORUM_MAJORITY: return "both members, or one and more than half of the witnesses";
    case QUORUM_SOLO: return "the present master alone, as no witness answers";
    }
    return "";
}

const char *ha_command_name(enum ha_command_kind kind)
{
    return command_names[kind];
}

/* Detached: not joined, or alone since its start with nothing that would let it become master by itself. */
static enum ha_role own_role(const struct ha *h)
{
    switch (h->mode) {
    case HA_ACTING: return HA_ROLE_MASTER;
    case HA_STOPPED:
    case HA_STARTING: return HA_ROLE_DETACHED;
    case HA_ASKING: return HA_ROLE_SLAVE;
    case HA_LISTENING: break;
    default: return HA_ROLE_SWITCHING;
    }
    return ha_last_heard(h) == 0 && ha_bar_needs_person(ha_bar(h)) ? HA_ROLE_DETACHED : HA_ROLE_SLAVE;
}

static enum ha_state state_of_phase(enum ha_phase phase)
{
    if (phase == HA_PHASE_MIRRORING)
        return HA_STATE_MIRRORING;
    return phase == HA_PHASE_REPLICATING ? HA_STATE_READY : HA_STATE_UNSYNCED;
}

/* Both members show the state of the replication between them; it is the master that knows it. */
static enum ha_state replication_state(const struct ha *h)
{
    if (!h->config.replicate[MEMBER_A] && !h->config.replicate[MEMBER_B])
        return HA_STATE_READY;
    if (h->owner)
        return state_of_phase(h->facts.phase);
    if (ha_peer_acts(h))
        return state_of_phase(h->peer.report.phase);
    return ha_in_sync(h) && !h->facts.mixed ? HA_STATE_READY : HA_STATE_UNSYNCED;
}

static enum ha_state own_state(const struct ha *h)
{
    if (h->mode == HA_STOPPED)
        return HA_STATE_STOPPED;
    bool waits = h->mode == HA_LISTENING && ha_bar_needs_person(ha_bar(h));
    bool no_quorum = h->owner && !ha_holding(h);
    bool object_failed = ha_object_failed(h) || ha_peer_object_failed(h);
    if (ha_split(h) || h->fault[0] || h->store_bad || waits || no_quorum || object_failed)
        return HA_STATE_WARNING;
    return replication_state(h);
}

static enum ha_role peer_role(const struct ha_report *r)
{
    if (r->switching)
        return HA_ROLE_SWITCHING;
    if (r->acting)
        return HA_ROLE_MASTER;
    return r->stopped ? HA_ROLE_DETACHED : HA_ROLE_SLAVE;
}

static enum ha_state peer_state(const struct ha *h)
{
    if (!ha_hears(h))
        return HA_STATE_UNKNOWN;
    if (h->peer.report.stopped)
        return HA_STATE_STOPPED;
    bool object_failed = ha_object_failed(h) || ha_peer_object_failed(h);
    return ha_split(h) || object_failed ? HA_STATE_WARNING : replication_state(h);
}

static uint32_t fresh_thirds(const struct ha *h)
{
    uint32_t fresh = 0;
    for (uint32_t i = 0; i < h->config.witnesses; i++)
        fresh += ha_third_fresh(h, i) && configuration_names(ha_configuration(h), h->third[i].identity);
    return fresh;
}

static enum ha_witness witness_state(const struct ha *h)
{
    if (h->config.witnesses == 0)
        return HA_WITNESS_NONE;
    if (!ha_holding(h) && h->mode != HA_ASKING)
        return HA_WITNESS_UNKNOWN;
    return fresh_thirds(h) > ha_configuration(h)->witnesses / 2 ? HA_WITNESS_NORMAL : HA_WITNESS_BROKEN;
}

static void fill_witnesses(const struct ha *h, struct ha_status *s)
{
    s->quorum = ha_configuration(h)->kind;
    s->witness = witness_state(h);
    s->witness_used = ha_third_used(h);
    s->witnesses = h->config.witnesses;
    for (uint32_t i = 0; i < s->witnesses; i++)
        s->witness_up[i] = ha_third_fresh(h, i);
}

/* ---- why ---- */

static void why(struct ha_status *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void why(struct ha_status *s, const char *format, ...)
{
    if (s->whys == HA_WHY_MAX)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(s->why[s->whys++], sizeof s->why[0], format, args);
    va_end(args);
}

static bool waits_for_lifetime(const struct ha *h)
{
    return (h->mode == HA_TAKING || h->mode == HA_RETAKING) && h->job.id == 0 && h->job.step < h->job.length &&
           h->job.plan[h->job.step] == HA_VIP_TAKE && h->now >= h->job.retry_at;
}

static void why_faults(const struct ha *h, struct ha_status *s)
{
    if (waits_for_lifetime(h))
        why(s, "the address is not taken: too little authority is left for a lifetime that its guard can count; raise "
               "interval, max_fail or release_grace on both members, or set guard to watchdog");
    if (h->store_bad)
        why(s, "the state of this member cannot be stored: free space on the disk of var/rules");
    if (h->facts.uncovered)
        why(s, "the capture of the protected folders has ended (see log/capture-*.log): it is being started again");
    if (h->fault[0])
        why(s, "%s", h->fault);
    if (own_role(h) == HA_ROLE_SWITCHING && h->job.id != 0)
        why(s, "under way: %s%s", ha_command_name(ha_job_command(h)),
            ha_is_script(ha_job_command(h)) ? " (`drctl --local stop-script` ends one that hangs)" : "");
    if (h->mode == HA_STOPPED)
        why(s, "stopped by a person: start this member to let it join the rule");
}

/* Of one at a time only the one in use matters, if it is known which that is. True: something was said. */
static bool why_silent(const struct ha *h, const struct ha_names *names, struct ha_status *s)
{
    uint32_t before = s->whys;
    for (uint32_t i = 0; names != NULL && i < h->config.witnesses; i++)
        if (!ha_third_fresh(h, i) && (s->witness_used == WITNESSES_MAX || s->witness_used == i))
            why(s, "%.80s does not answer: %.140s", names->witness[i].name, names->witness[i].check);
    return s->whys > before;
}

/* Who does not ask them does not know whether one answers now. */
static void why_witness(const struct ha *h, const struct ha_names *names, struct ha_status *s)
{
    const struct configuration *c = ha_configuration(h);
    if (c->kind == QUORUM_SOLO) {
        why(s,
            "no witness answered the master: %s does not become master by itself until one answers again, or a person "
            "forces it",
            c->solo == ha_self(h) ? "the other member" : "this member");
        why_silent(h, names, s);
    } else if (c->kind == QUORUM_TRIO && c->witness[0] == 0) {
        why(s, "the witness has not been agreed on yet: both members must be up and reach it once");
    } else if (s->witness == HA_WITNESS_BROKEN && !why_silent(h, names, s) && c->kind != QUORUM_ANY) {
        why(s, "the witness that both members agreed on does not answer, another one in its place does: it counts once "
               "both members are up and have agreed on it");
    }
}

static void why_monitors(const struct ha *h, struct ha_status *s)
{
    const char *bar = ha_object_failed(h) ? ha_evade_bar(h) : NULL;
    if (bar)
        why(s, "a monitored object has failed here, and this member stays master: %s", bar);
    if (ha_peer_object_failed(h))
        why(s, "a monitored object has failed on the other member, which is master: see its status");
}

static void why_voters(const struct ha *h, const struct ha_names *names, struct ha_status *s)
{
    const struct configuration *c = ha_configuration(h);
    if (c->kind == QUORUM_ANY)
        why(s, "no witness is configured: a parted network makes two masters; name one (an arbiter, a shared disk or "
               "an etcd cluster) to exclude it");
    if (c->voter[ha_self(h)] != h->store.voter.identity)
        why(s, "%s",
            h->store.rejoins
                ? "this member lost its state, and counts as a voter again as soon as the other is master and hears it"
                : "this member lost its state and does not count as a voter: `drctl --local rejoin` here puts it into "
                  "the rule again");
    if (ha_peer_lost(h))
        why(s, "the other member lost its state, and its vote does not count: `drctl --local rejoin` there puts it "
               "into the rule again");
    if (c->voter[ha_other(h)] == 0)
        why(s, "the other member has never been heard: its vote does not count yet; start it there");
    if (c->release_grace != h->config.release_grace)
        why(s,
            "release_grace is %lld ms in the rule's file here, but %lld ms is in force: it changes when this member is "
            "master and the other is up",
            (long long)h->config.release_grace, (long long)c->release_grace);
    if ((c->kind == QUORUM_ANY) != (h->config.witnesses == 0))
        why(s, "the rule's file names %s, but %s is in force: it changes when a member with that file is master%s",
            h->config.witnesses ? "a witness" : "no witness", c->kind == QUORUM_ANY ? "none" : "one",
            h->config.witnesses ? ", the other is up, and the witness answers" : " and the other is up");
    why_witness(h, names, s);
}

/* What the settings leave open, however well all goes. */
static void why_risks(const struct ha *h, struct ha_status *s)
{
    const struct ha_config *c = &h->config;
    msec kill_time = mastership_drift(ha_configuration(h)->release_grace) - c->fence_timeout;
    if (c->volume) /* whatever guard says: no drnode feeds a watchdog yet */
        why(s, "risk: nothing resets this host if it hangs with a shared volume mounted, and the other member mounts "
               "it then: "
               "let ext4 protect itself (tune2fs -O mmp)");
    if (c->volume && kill_time < HA_KILL_TIME)
        why(s,
            "risk: release_grace is too short for the volumes to be given up in it: it must be at least 1.05 * "
            "(fence_timeout + %lld ms)",
            (long long)HA_KILL_TIME);
    if (c->vip && c->guard == HA_GUARD_NONE)
        why(s, "risk: guard is none, so release_grace is not raised to what the addresses and volumes need");
}

/* While the other is master, or is to become it, it goes without saying that this one waits and has promised its vote.
 */
static bool worth_saying(const struct ha *h, enum ha_bar bar)
{
    bool courtesy = bar == HA_BAR_PAUSE || bar == HA_BAR_PROMISED || bar == HA_BAR_PEER_ASKS;
    return !courtesy || (!ha_peer_acts(h) && h->ask_now == 0);
}

static void why_peer(const struct ha *h, struct ha_status *s)
{
    if (h->mode == HA_ACTING && h->peer.report.stopped && ha_hears(h))
        why(s, "a person stopped the other member: start it there");
    if (h->mode == HA_ACTING && !ha_hears(h))
        why(s, "the other member is not heard: check that its host and its drnode run");
    if (h->mode == HA_ACTING && ha_marks_behind(h))
        why(s, "the other member is marked as behind: it does not take over by itself before it has caught up");
    if (h->mode == HA_LISTENING && h->ask_now)
        why(s, "handed over: waiting until the other member has taken over");
    if (h->mode == HA_LISTENING && ha_peer_acts(h) && !h->fault[0] && !ha_split(h) &&
        replication_state(h) == HA_STATE_UNSYNCED)
        why(s, "the data do not come in yet: if it lasts, `drctl --local why` on the master says what is in the way");
}

/* Each condition of becoming master by itself that is not met. */
static void why_not_master(const struct ha *h, struct ha_status *s)
{
    if (h->mode != HA_LISTENING && h->mode != HA_ASKING)
        return;
    for (enum ha_bar bar = HA_BAR_PAUSE; bar <= HA_BAR_UNSYNCED; bar++)
        if (ha_bar_stands(h, bar) && worth_saying(h, bar))
            why(s, "%s", ha_bar_text(bar));
    if (h->mode == HA_ASKING)
        why(s, "no quorum of voters has granted its vote yet: one more of the other member and the witness is needed");
}

static bool line_is_up(const struct ha *h, uint32_t line)
{
    msec heard = h->peer.heard[line];
    return heard != 0 && h->now - heard < ha_length(&h->config);
}

static void fill_lines(const struct ha *h, struct ha_status *s)
{
    s->lines = h->config.lines;
    for (uint32_t i = 0; i < s->lines; i++) {
        s->line_up[i] = line_is_up(h, i);
        if (!s->line_up[i])
            why(s, "heartbeat line %u gets no answer: check its addresses and port 26305", i + 1);
    }
}

/* Whose term it is: one's own, or that of whom it follows. */
static term_no term_of(const struct ha *h)
{
    bool own = ha_holding(h) || h->mode == HA_ASKING || h->mode == HA_RELEASING;
    return own ? h->term : h->following;
}

void ha_glance(const struct ha *h, struct ha_glance *glance)
{
    *glance = (struct ha_glance){
        .role = own_role(h), .term = term_of(h), .witness = witness_state(h), .lines = h->config.lines};
    for (uint32_t i = 0; i < glance->lines; i++)
        glance->line_up[i] = line_is_up(h, i);
}

void ha_status(const struct ha *ha, msec now, const struct ha_names *names, struct ha_status *s)
{
    struct ha view = *ha;
    struct ha *h = &view;
    h->now = now;
    msec left = ha_holding(h) ? ha_authority(h) - now : 0;
    *s = (struct ha_status){.role = own_role(h),
                            .state = own_state(h),
                            .peer_heard = ha_hears(h),
                            .peer_role = peer_role(&h->peer.report),
                            .peer_state = peer_state(h),
                            .term = term_of(h),
                            .peer_term = h->peer.report.term,
                            .authority_left = left > 0 ? left : 0,
                            .acquire_failed = h->fault[0] && h->fault_of == HA_RUN_ACQUIRE,
                            .split = {h->store.split[MEMBER_A], h->store.split[MEMBER_B]}};
    fill_witnesses(h, s);
    why_faults(h, s);
    why_monitors(h, s);
    why_peer(h, s);
    why_not_master(h, s);
    why_voters(h, names, s);
    why_risks(h, s);
    fill_lines(h, s);
}
