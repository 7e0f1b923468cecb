/* SPDX-License-Identifier: Apache-2.0
 * tests/sim/worker.c - the worker that carries commands out one after another, and the renewals' lane beside it: when
 * each takes effect on its host (platform/fake), and when it ends. */
#include "tests/sim/sim.h"

#include <string.h>

static bool is_script(enum ha_command_kind kind)
{
    return kind == HA_RUN_ACQUIRE || kind == HA_RUN_RELEASE;
}

static bool sets_address(enum ha_command_kind kind)
{
    return kind == HA_VIP_TAKE || kind == HA_VIP_RENEW;
}

/* Killed: its effect, if it has not happened yet, never does. */
void worker_kill(struct sim *s, struct host *h)
{
    for (unsigned i = 0; i < 2; i++) {
        struct lane *lane = &h->lane[i];
        lane->running = false;
        lane->length = 0;
        lane->token = ++s->order;
    }
}

void worker_crash(struct host *h, bool power)
{
    memset(h->orphan, 0, sizeof h->orphan);
    for (unsigned i = 0; i < 2 && !power; i++)
        if (h->lane[i].running && sets_address(h->lane[i].queue[0].kind))
            h->orphan[i] = h->lane[i];
    memset(h->lane, 0, sizeof h->lane);
}

void worker_submit(struct sim *s, struct host *h, const struct ha_action *a)
{
    if (a->u.command.at_once)
        worker_kill(s, h);
    unsigned which = a->u.command.kind == HA_VIP_RENEW;
    struct lane *lane = &h->lane[which];
    if (lane->length == sizeof lane->queue / sizeof lane->queue[0]) {
        sim_violated(s, "the core has more commands in flight than any driver would queue");
        return;
    }
    lane->queue[lane->length++] = (struct command){.kind = a->u.command.kind,
                                                   .id = a->u.command.id,
                                                   .term = a->u.command.term,
                                                   .lifetime = a->u.command.lifetime,
                                                   .deadline = a->u.command.deadline,
                                                   .limit = a->u.command.limit_ms};
    worker_next(s, h, which);
}

/* The flip to read-only is one request to the capture worker; where that is gone nobody writes either. */
static bool never_fails(enum ha_command_kind kind)
{
    return kind == HA_FLIP_RO || kind == HA_RELEASE_ALL;
}

static usec duration(struct sim *s, const struct command *c)
{
    usec usual = 500 + (usec)sim_draw(s, s->plan.worst ? 1000 : 15000);
    if (never_fails(c->kind) || s->now >= s->plan.faults_until)
        return usual;
    if (is_script(c->kind))
        usual += (usec)sim_draw(s, 200000);
    return sim_chance(s, s->plan.slow) ? usual + (usec)sim_draw(s, (uint64_t)s->plan.slow_most) : usual;
}

static bool guarded(enum ha_command_kind kind)
{
    return sets_address(kind) || kind == HA_FLIP_RW;
}

/* A child that mounts outlives the deadline it began with if the authority went on: see worker_effect(). */
static bool follows_authority(enum ha_command_kind kind)
{
    return kind == HA_VOLUME_TAKE;
}

/* When the child is killed, in true time. */
static usec limit_of(struct sim *s, struct host *h, struct lane *lane)
{
    const struct command *c = &lane->queue[0];
    struct dr_error err;
    lane->child.dies_at = guarded(c->kind) ? 0 : FOREVER;
    fake_enter(&h->os, &lane->child);
    if (guarded(c->kind) && process_die_at(c->deadline, &err) == DR_OK)
        return lane->child.dies_at;
    return guarded(c->kind) ? 0 : c->kind == HA_DRAIN ? s->now + c->limit * 1000 : FOREVER;
}

static bool fails(struct sim *s, const struct host *h, const struct command *c)
{
    const struct host *peer = &s->host[member_other((enum member)h->self)];
    if (c->kind == HA_DRAIN)
        return h->source == 0 || peer->target != h->source || !peer->up;
    return !never_fails(c->kind) && s->now < s->plan.faults_until && sim_chance(s, s->plan.fail);
}

/* When it ends, and how: *ok. Nobody but this lane waits for it, so it passes in a time of its own. */
static usec run_script(struct sim *s, struct host *h, const struct command *c, usec takes, bool *ok)
{
    usec then = s->now;
    struct dr_error err;
    struct process_result result;
    const char *argv[] = {ha_command_name(c->kind), NULL};
    struct fake_program *script = fake_program(&h->os, argv[0]);
    script->takes = takes;
    script->status = !*ok;
    h->os.now = &then;
    enum dr_code code = process_run(&(struct process_spec){.argv = argv, .limit = c->limit, .stop = -1}, &result, &err);
    h->os.now = &s->now;
    *ok = code == DR_OK && result.status == 0;
    return then;
}

/* It may be killed between its effect and its end: then it has failed, and happened. */
void worker_next(struct sim *s, struct host *h, unsigned which)
{
    struct lane *lane = &h->lane[which];
    if (lane->running || lane->length == 0)
        return;
    const struct command *c = &lane->queue[0];
    usec limit = limit_of(s, h, lane), end = s->now + duration(s, c);
    if (s->plan.worst && sets_address(c->kind) && sim_draw(s, 2) && limit > end && limit < end + 3 * SECOND)
        end = limit - 1;
    usec effect = s->plan.worst ? end - 1 : s->now + (usec)sim_draw(s, (uint64_t)(end - s->now));
    bool works = !fails(s, h, c);
    lane->ok = works && end < limit;
    if (is_script(c->kind))
        end = run_script(s, h, c, end - s->now, &lane->ok);
    lane->running = true;
    lane->token = ++s->order;
    struct event e = {.host = h->self, .life = h->life, .token = lane->token, .lane = which};
    e.kind = EVENT_EFFECT;
    if (works && effect < limit)
        sim_post(s, effect, e);
    e.kind = EVENT_DONE;
    sim_post(s, end < limit ? end : limit, e);
}

void worker_kill_script(struct sim *s, struct host *h)
{
    struct lane *lane = &h->lane[0];
    if (!lane->running || !is_script(lane->queue[0].kind))
        return;
    lane->ok = false;
    sim_post(s, s->now + 1000,
             (struct event){.kind = EVENT_DONE, .host = h->self, .life = h->life, .token = lane->token, .lane = 0});
}

static usec late(struct sim *s, usec most)
{
    return s->plan.worst ? most : (usec)sim_draw(s, (uint64_t)most + 1);
}

/* As agent/keeper.c: the address stands behind a fence, and outlives it a little. */
static enum dr_code set_behind_fence(struct sim *s, struct host *h, const struct command *c)
{
    struct dr_error err;
    struct fence fence = {.name = "rule", .vip = &h->vip, .vips = 1};
    h->os.ticks = late(s, FAKE_TICKS);
    enum dr_code code =
        c->kind == HA_VIP_TAKE ? fence_open(&fence, c->lifetime, &err) : fence_extend(&fence, c->lifetime, &err);
    h->os.late = FAKE_LATE_MOST;
    return code == DR_OK ? vip_add(&h->vip, (unsigned)(c->lifetime / 1000 + 1), &err) : code;
}

static enum dr_code set_address(struct sim *s, struct host *h, const struct command *c)
{
    struct dr_error err;
    if (s->plan.config[h->self].guard == HA_GUARD_WATCHDOG)
        return set_behind_fence(s, h, c);
    h->os.late = late(s, FAKE_LATE_MOST);
    return c->kind == HA_VIP_TAKE ? vip_add(&h->vip, (unsigned)(c->lifetime / 1000), &err)
                                  : vip_renew(&h->vip, (unsigned)(c->lifetime / 1000), &err);
}

/* As agent/rule/flip.c: folders whose lease ended by itself are read-only for the driver too, before they come back. */
static enum dr_code flip_rw(struct host *h, term_no term, msec until)
{
    uint64_t seq;
    struct dr_error err;
    enum dr_code code = capture_lease(h->folders, until, &err);
    if (code == DR_REFUSED && capture_flip(h->folders, CAPTURE_READ_ONLY, term, &seq, &err) == DR_OK)
        code = capture_lease(h->folders, until, &err);
    return code == DR_OK ? capture_flip(h->folders, CAPTURE_READ_WRITE, term, &seq, &err) : code;
}

static enum dr_code flip_ro(struct host *h)
{
    uint64_t seq;
    struct dr_error err;
    return capture_flip(h->folders, CAPTURE_READ_ONLY, 0, &seq, &err);
}

/* At a start: the tables may be of a former life, or lost with the power. */
static enum dr_code build_fence(struct sim *s, struct host *h)
{
    struct dr_error err;
    struct fence fence = {.name = "rule", .vip = &h->vip, .vips = 1};
    return s->plan.config[h->self].guard == HA_GUARD_WATCHDOG ? fence_build(&fence, &err) : fence_remove(&fence, &err);
}

static enum dr_code release_address(struct host *h)
{
    struct dr_error err;
    struct fence fence = {.name = "rule", .vip = &h->vip, .vips = 1};
    enum dr_code code = fence_shut(&fence, &err);
    return code == DR_OK ? vip_delete(&h->vip, &err) : code;
}

static enum dr_code release_all(struct sim *s, struct host *h)
{
    h->volume = false;
    enum dr_code address = release_address(h), folders = flip_ro(h);
    if (address == DR_OK)
        address = build_fence(s, h);
    h->source = h->target = 0;
    return folders != DR_OK ? folders : address;
}

static enum dr_code carry_out(struct sim *s, struct host *h, const struct command *c)
{
    switch (c->kind) {
    case HA_RELEASE_ALL: return release_all(s, h);
    case HA_REPLICATION_STOP: h->source = h->target = 0; break;
    case HA_REPLICATION_FINISH: h->target = 0; break;
    case HA_REPLICATION_SOURCE: h->source = c->term, h->target = 0; break;
    case HA_REPLICATION_TARGET: h->target = c->term, h->source = 0; break;
    case HA_FLIP_RW: return flip_rw(h, c->term, c->deadline);
    case HA_FLIP_RO: return flip_ro(h);
    case HA_VIP_PROBE: break;
    case HA_VIP_TAKE:
    case HA_VIP_RENEW: return set_address(s, h, c);
    case HA_VIP_RELEASE: return release_address(h);
    case HA_VOLUME_TAKE:
        h->volume = true;
        s->mounts++;
        break;
    case HA_VOLUME_RELEASE: h->volume = false; break;
    case HA_RUN_ACQUIRE:
    case HA_RUN_RELEASE:
    case HA_DRAIN: break;
    }
    return DR_OK;
}

void worker_effect(struct sim *s, struct host *h, const struct event *e)
{
    bool orphan = e->token == h->orphan[e->lane].token;
    struct lane *lane = orphan ? &h->orphan[e->lane] : &h->lane[e->lane];
    if (e->token != lane->token || !lane->running)
        return;
    if (follows_authority(lane->queue[0].kind) && host_clock(s, h) >= h->authority) {
        lane->ok = false; /* its guard killed it */
        return;
    }
    if (orphan)
        sim_trace(s, h, "a child of the killed daemon: %s", ha_command_name(lane->queue[0].kind));
    check_take(s, h, &lane->queue[0]);
    fake_enter(&h->os, &lane->child);
    if (carry_out(s, h, &lane->queue[0]) != DR_OK)
        lane->ok = false;
}

/* Of the folders only what still runs is made longer; after a pause in which it ended they are flipped anew. */
void worker_lease(struct sim *s, struct host *h)
{
    struct dr_error err;
    if (h->self >= WITNESS)
        return;
    h->authority = ha_holding(&h->ha) ? ha_lease(&h->ha) : 0;
    if (h->authority != 0)
        h->watchdog = h->authority + mastership_drift(ha_grace_least(&h->ha));
    if (!(h->folders->open || h->folders->lapsed))
        return;
    h->taken = h->ha.mode == HA_ACTING;
    if (h->authority <= host_clock(s, h))
        return;
    fake_enter(&h->os, NULL);
    if (capture_renew(h->folders, h->authority, &err) != DR_REFUSED)
        return;
    sim_trace(s, h, "the folder, read-only since its lease ended, is writable again");
    if (flip_rw(h, h->folders->info.term, h->authority) != DR_OK)
        sim_violated(s, "the folder does not come back within the authority");
}

/* ---- replication: as much of it as the decisions look at ---- */

static void tell(struct sim *s, struct host *h, enum ha_phase phase, bool mixed)
{
    struct ha_facts facts = {.phase = phase, .mixed = mixed, .in_window = !h->outside, .monitors = h->objects};
    if (h->told && memcmp(&facts, &h->facts, sizeof facts) == 0)
        return;
    h->facts = facts;
    host_facts(s, h);
}

static bool halves_meet(const struct sim *s, unsigned source)
{
    const struct host *from = &s->host[source], *to = &s->host[1 - source];
    return from->up && to->up && from->source != 0 && from->source == to->target && !s->cut[source][1 - source][0] &&
           !s->cut[1 - source][source][0];
}

void world_replication(struct sim *s)
{
    enum ha_phase phase = HA_PHASE_NONE;
    if (!halves_meet(s, MEMBER_A) && !halves_meet(s, MEMBER_B))
        s->replicating_from = s->now + (usec)sim_draw(s, 2 * SECOND);
    else
        phase = s->now < s->replicating_from ? HA_PHASE_MIRRORING : HA_PHASE_REPLICATING;
    for (unsigned i = 0; i < 2; i++)
        tell(s, &s->host[i], phase, phase == HA_PHASE_MIRRORING && s->host[i].target != 0);
    sim_post(s, s->now + SECOND / 5, (struct event){.kind = EVENT_REPLICATION});
}
