/* SPDX-License-Identifier: Apache-2.0
 * core/ha_job.c - the plans: which commands make a take-over, a hand-over, a demotion, in which order; one in flight at
 * a time. And the addresses' lifetimes. */
#include "core/ha_state.h"

#include <stdio.h>
#include <string.h>

static const enum ha_command_kind START[] = {HA_RELEASE_ALL};
static const enum ha_command_kind TAKE[] = {HA_REPLICATION_FINISH, HA_VIP_PROBE,   HA_FLIP_RW,           HA_VIP_TAKE,
                                            HA_VOLUME_TAKE,        HA_RUN_ACQUIRE, HA_REPLICATION_SOURCE};
static const enum ha_command_kind RETAKE[] = {HA_VIP_PROBE,   HA_FLIP_RW,     HA_VIP_TAKE,
                                              HA_VOLUME_TAKE, HA_RUN_ACQUIRE, HA_REPLICATION_SOURCE};
static const enum ha_command_kind RENUMBER[] = {HA_FLIP_RW, HA_VOLUME_TAKE, HA_REPLICATION_SOURCE};
static const enum ha_command_kind VIP[] = {HA_VIP_PROBE, HA_VIP_TAKE};
static const enum ha_command_kind HAND[] = {HA_RUN_RELEASE, HA_VOLUME_RELEASE, HA_VIP_RELEASE, HA_FLIP_RO, HA_DRAIN};
static const enum ha_command_kind LEAVE[] = {HA_RUN_RELEASE, HA_VOLUME_RELEASE, HA_VIP_RELEASE, HA_FLIP_RO,
                                             HA_REPLICATION_STOP};
static const enum ha_command_kind RELEASE[] = {HA_FLIP_RO, HA_VIP_RELEASE, HA_RUN_RELEASE, HA_VOLUME_RELEASE};
static const enum ha_command_kind FOLLOW[] = {HA_REPLICATION_TARGET};
static const enum ha_command_kind COVER[] = {HA_FLIP_RO, HA_REPLICATION_TARGET};
static const enum ha_command_kind STOP[] = {HA_REPLICATION_STOP};

#define LENGTH(plan) (sizeof(plan) / sizeof(plan)[0])

/* A release that failed is tried again soon, as the other member waits only release_grace; one that failed so often is
 * tried again with each beat. */
#define RELEASE_AGAIN ((msec)20)
#define RELEASE_SOON  25
/* A host that is too slow fails twice a second: a log that says so each time holds nothing else. */
#define TOLD_AGAIN ((msec)60000)

static void start(struct ha *h, const enum ha_command_kind *plan, size_t length)
{
    h->job = (struct ha_job){.plan = plan, .length = (uint32_t)length};
}

void ha_plan_start(struct ha *h)
{
    start(h, START, LENGTH(START));
}
void ha_plan_take(struct ha *h)
{
    start(h, TAKE, LENGTH(TAKE));
}
void ha_plan_retake(struct ha *h)
{
    start(h, RETAKE, LENGTH(RETAKE));
}
void ha_plan_renumber(struct ha *h)
{
    start(h, RENUMBER, LENGTH(RENUMBER));
}
void ha_plan_vip(struct ha *h)
{
    start(h, VIP, LENGTH(VIP));
}
void ha_plan_hand(struct ha *h)
{
    start(h, HAND, LENGTH(HAND));
}
void ha_plan_leave(struct ha *h)
{
    start(h, LEAVE, LENGTH(LEAVE));
}
void ha_plan_release(struct ha *h)
{
    start(h, RELEASE, LENGTH(RELEASE));
}
void ha_plan_follow(struct ha *h)
{
    start(h, FOLLOW, LENGTH(FOLLOW));
}
void ha_plan_cover(struct ha *h)
{
    start(h, COVER, LENGTH(COVER));
}
void ha_plan_stop(struct ha *h)
{
    start(h, STOP, LENGTH(STOP));
}

/* What a record of the state calls each plan: a new one goes to the end. */
static const struct {
    const enum ha_command_kind *plan;
    size_t length;
} plans[] = {{NULL, 0},
             {START, LENGTH(START)},
             {TAKE, LENGTH(TAKE)},
             {RETAKE, LENGTH(RETAKE)},
             {RENUMBER, LENGTH(RENUMBER)},
             {VIP, LENGTH(VIP)},
             {HAND, LENGTH(HAND)},
             {LEAVE, LENGTH(LEAVE)},
             {RELEASE, LENGTH(RELEASE)},
             {FOLLOW, LENGTH(FOLLOW)},
             {STOP, LENGTH(STOP)},
             {COVER, LENGTH(COVER)}};

uint8_t ha_plan_number(const struct ha_job *job)
{
    uint8_t number = 0;
    while (number < LENGTH(plans) && plans[number].plan != job->plan)
        number++;
    return number;
}

bool ha_plan_restore(struct ha_job *job, uint8_t number)
{
    if (number >= LENGTH(plans))
        return false;
    *job = (struct ha_job){.plan = plans[number].plan, .length = (uint32_t)plans[number].length};
    return true;
}

bool ha_job_done(const struct ha *h)
{
    return h->job.step == h->job.length;
}

bool ha_is_script(enum ha_command_kind kind)
{
    return kind == HA_RUN_ACQUIRE || kind == HA_RUN_RELEASE;
}

enum ha_command_kind ha_job_command(const struct ha *h)
{
    return h->job.id != 0 ? h->job.plan[h->job.step] : 0;
}

/* ---- lifetimes ---- */

/* The greatest lifetime after which the kernel has surely taken the address away before another member may take it; and
 * until when a child may still set it so. False: less is left than its guard can count. */
static bool lifetime(const struct ha *h, msec authority, msec grace, msec *span, msec *deadline)
{
    const struct ha_fence *fence = ha_fence_of(h->config.guard);
    msec end = authority + mastership_drift(grace) - fence->late;
    msec left = end - h->now - fence->child;
    if (left < fence->least && h->config.guard != HA_GUARD_NONE)
        return false;
    if (left < fence->least) { /* what guards nothing keeps nobody from the address either */
        *span = fence->step;
        *deadline = authority;
        return true;
    }
    *span = left - left % fence->step;
    *deadline = end - *span;
    return true;
}

bool ha_lifetime_suffices(const struct ha *h, msec authority, msec grace)
{
    msec span, deadline;
    return lifetime(h, authority, grace, &span, &deadline);
}

void ha_note_told(struct ha *h)
{
    msec lease = ha_lease(h), gone = lease + mastership_drift(ha_grace_least(h));
    h->told = lease > h->told ? lease : h->told;
    h->told_gone = gone > h->told_gone ? gone : h->told_gone;
}

void ha_renew(struct ha *h)
{
    msec span, deadline;
    if (!h->vip_held || h->renewing != 0 || ha_lease(h) <= h->renewed ||
        !lifetime(h, ha_lease(h), ha_grace_least(h), &span, &deadline))
        return;
    struct ha_action *a = ha_action_late(h, HA_COMMAND);
    a->u.command.kind = HA_VIP_RENEW;
    a->u.command.id = h->renewing = ++h->commands;
    a->u.command.term = h->term;
    a->u.command.lifetime = span;
    a->u.command.deadline = deadline;
    ha_note_told(h);
    h->renewed = ha_lease(h);
    h->renew_issued_now = true;
}

/* ---- issuing ---- */

static bool applies(const struct ha *h, enum ha_command_kind kind)
{
    switch (kind) {
    case HA_VIP_PROBE:
    case HA_VIP_TAKE:
    case HA_VIP_RENEW:
    case HA_VIP_RELEASE: return h->config.vip;
    case HA_VOLUME_TAKE:
    case HA_VOLUME_RELEASE: return h->config.volume;
    case HA_REPLICATION_SOURCE: return h->config.replicate[ha_self(h)] && !ha_split(h);
    case HA_REPLICATION_TARGET: return h->config.replicate[ha_other(h)] && h->following != 0 && !ha_split(h);
    default: return true;
    }
}

static bool takes(enum ha_command_kind kind)
{
    return kind == HA_FLIP_RW || kind == HA_VIP_PROBE || kind == HA_VIP_TAKE || kind == HA_VOLUME_TAKE ||
           kind == HA_RUN_ACQUIRE || kind == HA_REPLICATION_SOURCE || kind == HA_REPLICATION_TARGET ||
           kind == HA_REPLICATION_FINISH || kind == HA_DRAIN;
}

/* Terms are durable before they are used: this STORE stands before the command. The source counts too: the term may
 * have become a newer one since the flip. */
static void note_acting(struct ha *h)
{
    h->held = true;
    h->owner = true;
    h->following = h->invited = 0;
    if (h->store.acted >= h->term)
        return;
    h->store.acted = h->store.synced = h->term;
    h->store.handed = 0;
    h->store.forced = h->forced ? h->term : 0;
    h->store_due = true;
}

static bool ready(const struct ha *h, enum ha_command_kind kind)
{
    if (h->now < h->job.retry_at)
        return false;
    if (kind == HA_FLIP_RW)
        return h->now >= h->act_at;
    return kind != HA_VIP_TAKE || ha_lifetime_suffices(h, ha_lease(h), ha_grace_least(h));
}

static msec usual_limit(const struct ha *h, enum ha_command_kind kind)
{
    switch (kind) {
    case HA_DRAIN: return h->config.drain_timeout;
    case HA_VOLUME_RELEASE: return h->config.fence_timeout;
    default: return h->config.script_timeout;
    }
}

/* A demotion has fence_timeout for script and volumes together: the other member mounts them after release_grace. */
static msec limit_of(const struct ha *h, enum ha_command_kind kind)
{
    msec limit = usual_limit(h, kind), left = h->fence_at > h->now ? h->fence_at - h->now : 1;
    return h->config.volume && h->mode == HA_RELEASING && left < limit ? left : limit;
}

static msec deadline_of(const struct ha *h, enum ha_command_kind kind)
{
    return kind == HA_VIP_PROBE ? h->act_at : ha_lease(h);
}

/* An address goes, and a demotion begins, only after what is in flight has been ended: a late take must not undo it. */
static bool at_once(const struct ha *h, enum ha_command_kind kind)
{
    return kind == HA_VIP_RELEASE || (h->mode == HA_RELEASING && h->job.step == 0);
}

static void note_vip(struct ha *h, enum ha_command_kind kind)
{
    if (kind == HA_VIP_TAKE) {
        h->renewed = ha_lease(h);
    } else if (kind == HA_VIP_RELEASE || kind == HA_RELEASE_ALL) {
        h->vip_held = false;
        h->renewing = 0;
    }
}

static void issue(struct ha *h, enum ha_command_kind kind)
{
    if (kind == HA_FLIP_RW || kind == HA_REPLICATION_SOURCE)
        note_acting(h);
    struct ha_action *a = takes(kind) ? ha_action_late(h, HA_COMMAND) : ha_action_early(h, HA_COMMAND);
    a->u.command.kind = kind;
    a->u.command.id = h->job.id = ++h->commands;
    a->u.command.at_once = at_once(h, kind);
    a->u.command.term = kind == HA_REPLICATION_TARGET ? h->following : h->term;
    a->u.command.limit_ms = limit_of(h, kind);
    a->u.command.deadline = deadline_of(h, kind);
    if (kind == HA_VIP_TAKE)
        lifetime(h, ha_lease(h), ha_grace_least(h), &a->u.command.lifetime, &a->u.command.deadline);
    if (takes(kind))
        ha_note_told(h);
    note_vip(h, kind);
    h->job.issued_now = takes(kind);
}

void ha_job_run(struct ha *h)
{
    struct ha_job *job = &h->job;
    while (job->id == 0 && job->step < job->length) {
        enum ha_command_kind kind = job->plan[job->step];
        if (!applies(h, kind)) {
            job->step++;
            continue;
        }
        if (ready(h, kind))
            issue(h, kind);
        return;
    }
}

/* ---- completion ---- */

/* What a failure means depends on what the command was to reach: a script's is told and passed over, except where a
 * person wants the hand-over undone then; a release is tried until it works; a take ends the take-over. */
enum failure { GO_ON, TRY_AGAIN, GIVE_UP };

static enum failure failure_of(const struct ha *h, enum ha_command_kind kind)
{
    /* What has failed already need not end well. */
    bool passed_over = h->switch_forced || (h->evading && ha_is_script(kind));
    if (h->mode == HA_HANDING && !h->leaving && !passed_over)
        return GIVE_UP;
    switch (kind) {
    case HA_RUN_ACQUIRE:
    case HA_RUN_RELEASE:
    case HA_DRAIN: return GO_ON;
    case HA_REPLICATION_FINISH:
    case HA_VOLUME_TAKE:
    case HA_FLIP_RW: return h->mode == HA_TAKING ? GIVE_UP : TRY_AGAIN;
    default: return TRY_AGAIN;
    }
}

/* What fails again and again for the same reason is said once. */
static void note_fault(struct ha *h, enum ha_command_kind kind, const char *text)
{
    char fault[HA_TEXT_MAX];
    snprintf(fault, sizeof fault, "%s failed: %.220s", ha_command_name(kind), text);
    if (h->job.tries++ == 0 || strcmp(fault, h->fault) != 0)
        ha_log(h, HA_ERROR, "%s", fault);
    memcpy(h->fault, fault, sizeof h->fault);
    h->fault_of = kind;
}

void ha_forget_take(struct ha *h)
{
    if (takes(h->fault_of) && !ha_is_script(h->fault_of))
        h->fault[0] = '\0';
}

bool ha_release_fails(const struct ha *h)
{
    return h->mode == HA_RELEASING && h->job.tries > RELEASE_SOON;
}

static msec pause_before_retry(const struct ha *h, enum ha_command_kind kind)
{
    return takes(kind) || h->job.tries > RELEASE_SOON ? h->config.interval : RELEASE_AGAIN;
}

static void failed(struct ha *h, enum ha_command_kind kind, const char *text)
{
    note_fault(h, kind, text);
    enum failure failure = failure_of(h, kind);
    if (failure == GO_ON) {
        h->job.step++;
    } else if (failure == TRY_AGAIN) {
        h->job.retry_at = h->now + pause_before_retry(h, kind);
    } else if (h->mode == HA_HANDING) {
        ha_log(h, HA_WARNING, "the switch is undone: this member stays master; mend what failed, or force the switch");
        h->mode = HA_RETAKING;
        ha_plan_retake(h);
    } else {
        ha_demote(h, false, "the take-over failed");
        h->ask_after = h->now + ha_length(&h->config) + ha_random(h, ha_length(&h->config));
    }
}

static void succeeded(struct ha *h, enum ha_command_kind kind)
{
    if (kind == HA_VIP_TAKE)
        h->vip_held = true;
    /* Where the application was ended it does not matter how its start had failed, and the other way round. */
    if (kind == h->fault_of || (ha_is_script(kind) && ha_is_script(h->fault_of)))
        h->fault[0] = '\0';
    h->job.tries = 0;
    h->job.step++;
}

/* A renewal that failed may mean that the kernel has taken the address away: it is taken anew, in its place. */
static void renewal_done(struct ha *h, bool ok, const char *text)
{
    h->renewing = 0;
    if (ok)
        return;
    bool told = h->renewal_told != 0 && h->now - h->renewal_told < TOLD_AGAIN;
    if (!told && (h->fault[0] == '\0' || h->fault_of != HA_VIP_TAKE)) { /* else it is known that there is no address */
        ha_log(h, HA_WARNING, "renewing the address failed (told at most once a minute): %.180s", text);
        h->renewal_told = h->now;
    }
    if (h->mode == HA_ACTING && ha_job_done(h))
        ha_plan_vip(h);
}

void ha_on_done(struct ha *h, const struct ha_event *e)
{
    if (e->command == 0)
        return;
    if (e->command == h->renewing) {
        renewal_done(h, e->ok, e->text);
        return;
    }
    if (e->command != h->job.id)
        return;
    enum ha_command_kind kind = ha_job_command(h);
    bool waived = h->script_stopped && ha_is_script(kind);
    h->script_stopped = false;
    h->job.id = 0;
    if (e->ok || waived)
        succeeded(h, kind);
    else
        failed(h, kind, e->text);
}
