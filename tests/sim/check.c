/* SPDX-License-Identifier: Apache-2.0
 * tests/sim/check.c - the invariants of ha.md, looked at from outside: by the kernels' state, not by what the core
 * believes. README.md says what each means here. */
#include "tests/sim/sim.h"

static bool names_any(const struct host *h)
{
    for (unsigned i = 0; i < h->durable.set.count; i++)
        if (h->durable.set.of[i].kind == QUORUM_ANY)
            return true;
    return false;
}

bool check_exclusive(const struct sim *s)
{
    return !s->overridden && !names_any(&s->host[MEMBER_A]) && !names_any(&s->host[MEMBER_B]);
}

/* 1: never two holders of the address, never two writable mounts, never a volume mounted twice. */
void check_instant(struct sim *s)
{
    const struct host *a = &s->host[MEMBER_A], *b = &s->host[MEMBER_B];
    if (!check_exclusive(s))
        return;
    if (fake_has_address(&a->os) && fake_has_address(&b->os))
        sim_violated(s, "invariant 1: both members have the address");
    store_check(s);
    if (host_writes(a) && host_writes(b))
        sim_violated(s, "invariant 1: both members have the protected mount read-write");
    if (a->volume && b->volume)
        sim_violated(s, "invariant 1: both members have the volume mounted");
}

static bool needs_acting(enum ha_command_kind kind)
{
    return kind == HA_FLIP_RW || kind == HA_VIP_TAKE || kind == HA_VIP_RENEW || kind == HA_VOLUME_TAKE ||
           kind == HA_RUN_ACQUIRE;
}

/* What keeps the highest term it was given, and refuses an older one. */
static bool fences(enum ha_command_kind kind)
{
    return kind == HA_FLIP_RW || kind == HA_REPLICATION_SOURCE || kind == HA_REPLICATION_TARGET;
}

/* 2: only in a term that is durable. 3: a term belongs to one member; no fence is ever asked to go back. */
void check_take(struct sim *s, struct host *h, const struct command *c)
{
    if (!needs_acting(c->kind) && !fences(c->kind))
        return;
    if (h->durable.seen < c->term || (c->kind == HA_FLIP_RW && h->durable.acted < c->term))
        sim_violated(s, "invariant 2: %s in term %llu, which is not durable", ha_command_name(c->kind),
                     (unsigned long long)c->term);
    enum member owner = c->kind == HA_REPLICATION_TARGET ? member_other((enum member)h->self) : (enum member)h->self;
    if (member_of_term(c->term) != owner)
        sim_violated(s, "invariant 3: %s in term %llu, which is the other member's", ha_command_name(c->kind),
                     (unsigned long long)c->term);
    if (!fences(c->kind))
        return;
    if (c->term < h->fence)
        sim_violated(s, "invariant 3: %s in term %llu after term %llu", ha_command_name(c->kind),
                     (unsigned long long)c->term, (unsigned long long)h->fence);
    h->fence = c->term;
}

/* 6: by itself a master gives its mastership away only because of what fails on it and counts there, and only data that
 * are in step. */
void check_evasion(struct sim *s, const struct host *h)
{
    const struct ha_config *c = &h->ha.config;
    const struct ha_facts *told = &h->ha.facts; /* the world may have gone on since */
    if ((told->monitors.failed & (WATCH_MASTER | WATCH_BOTH)) == 0)
        sim_violated(s, "invariant 6: member %c switches by itself, and nothing fails on it", "AB"[h->self]);
    if (!told->in_window)
        sim_violated(s, "invariant 6: member %c switches by itself outside the time windows", "AB"[h->self]);
    if (c->need_rep_status && told->phase != HA_PHASE_REPLICATING)
        sim_violated(s, "invariant 6: member %c switches by itself, and the data are not in step", "AB"[h->self]);
}

/* 4: what is on the disk only grows. */
void check_store(struct sim *s, struct host *h)
{
    struct ha_store was = h->durable;
    struct dr_error err;
    if (ha_store_decode(&h->durable, h->disk, h->disk_size, &err) != DR_OK) {
        sim_violated(s, "a store does not survive its durable form: %s", err.text);
        return;
    }
    const struct ha_store *is = &h->durable;
    if (is->start < was.start || is->seen < was.seen || is->acted < was.acted || is->handed > is->seen ||
        is->voter.term < was.voter.term || is->voter.identity != was.voter.identity ||
        configuration_newer(&is->set.of[is->set.count - 1], &was.set.of[was.set.count - 1]) < 0)
        sim_violated(s, "invariant 4: a store of member %c takes something back", "AB"[h->self]);
}

/* 4: a vote given is a promise kept, whatever happens to the voter. */
void check_vote(struct sim *s, const struct host *h, const struct ha_message *m)
{
    msec now = host_clock(s, h);
    sim_trace(s, h, "vote %s, promised to %c in term %llu for %lld ms", m->vote.granted ? "granted" : "refused",
              "AB-"[m->vote.candidate], (unsigned long long)m -> vote.term, (long long)m->vote.length);
    if (!m->vote.granted)
        return;
    bool runs = s->promised[h->self].identity == m->vote.identity && now < s->promised[h->self].until;
    bool kept = !runs || s->promised[h->self].candidate == m->vote.candidate;
    if (!kept && check_exclusive(s))
        sim_violated(s, "invariant 4: the voter of %c gave its vote to both within one promise", host_name(h->self));
    msec until = now + m->vote.length;
    if (runs && s->promised[h->self].until > until)
        until = s->promised[h->self].until;
    s->promised[h->self].identity = m->vote.identity;
    s->promised[h->self].candidate = m->vote.candidate;
    s->promised[h->self].until = until;
}

void check_give_back(struct sim *s, const struct host *h, const struct vote_request *ask)
{
    if (s->promised[h->self].candidate == ask->candidate)
        s->promised[h->self].until = 0;
}

/* ---- 5 ---- */

static bool some_master(const struct sim *s)
{
    return (s->host[0].up && s->host[0].ha.mode == HA_ACTING) || (s->host[1].up && s->host[1].ha.mode == HA_ACTING);
}

static msec greater(msec a, msec b)
{
    return a > b ? a : b;
}

/* The bound of ha.md, with the greater settings of the two, and what their scripts may still take. */
usec check_bound(const struct sim *s)
{
    const struct ha_config *a = &s->plan.config[0], *b = &s->plan.config[1];
    msec sum = 4 * greater(ha_length(a), ha_length(b)) + greater(a->boot_wait, b->boot_wait) +
               greater(a->release_grace, b->release_grace) + 6 * greater(a->interval, b->interval) +
               2 * greater(a->script_timeout, b->script_timeout);
    return (usec)sum * 1500;
}

static void trace_status(struct sim *s)
{
    for (unsigned i = 0; i < 2; i++) {
        struct host *h = &s->host[i];
        struct ha_status status;
        ha_status(&h->ha, host_clock(s, h), NULL, &status);
        sim_trace(s, h, "%s, %s, term %llu, seen %llu", ha_role_name(status.role), ha_state_name(status.state),
                  (unsigned long long)status.term, (unsigned long long)h->ha.store.seen);
        for (uint32_t w = 0; w < status.whys; w++)
            sim_trace(s, h, "  %s", status.why[w]);
    }
}

bool check_live(struct sim *s)
{
    fault_heal(s);
    usec until = s->now + check_bound(s);
    while (!s->violation[0] && !some_master(s) && s->now < until)
        sim_run(s, s->now + SECOND / 10);
    trace_status(s);
    if (!s->violation[0] && !some_master(s) && !s->lost)
        sim_violated(s, "invariant 5: no master %lld ms after the faults stopped", (long long)(check_bound(s) / 1000));
    return s->violation[0] == '\0';
}
