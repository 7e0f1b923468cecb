/* SPDX-License-Identifier: Apache-2.0
 * tests/sim/host.c - a member's driver as agent/rule has one, the arbiter's, and the network. Every message goes
 * through its wire form, every store through its durable form. */
#include "tests/sim/sim.h"

#include <stdlib.h>
#include <string.h>

/* ---- network ---- */

static struct ha_message *through_the_wire(struct sim *s, const struct ha_message *m)
{
    uint8_t wire[HA_MESSAGE_WIRE];
    struct cursor out = cursor_over(wire, sizeof wire);
    ha_message_encode(&out, m);
    struct cursor in = cursor_reading(wire, sizeof wire - cursor_left(&out));
    struct ha_message *copy = malloc(sizeof *copy);
    if (!copy)
        abort();
    if (!cursor_ok(&out) || !ha_message_decode(&in, copy))
        sim_violated(s, "a message of the core does not survive its wire form");
    return copy;
}

static void transmit(struct sim *s, unsigned from, unsigned to, unsigned line, const struct ha_message *m)
{
    if (to == WITNESS && s->plan.store != STORE_NONE) {
        store_ask(s, &s->host[from], m);
        return;
    }
    if (s->cut[from][to][line] || sim_chance(s, s->plan.loss))
        return;
    for (unsigned copies = sim_chance(s, s->plan.duplication) ? 2 : 1; copies > 0; copies--) {
        usec delay = s->plan.delay_least + (usec)sim_draw(s, (uint64_t)(s->plan.delay_most - s->plan.delay_least) + 1);
        sim_post(s, s->now + delay,
                 (struct event){
                     .kind = EVENT_MESSAGE, .host = to, .from = from, .line = line, .message = through_the_wire(s, m)});
    }
}

/* ---- stores ---- */

static bool store(struct sim *s, struct host *h)
{
    if (sim_chance(s, s->plan.disk_fail) && s->now < s->plan.faults_until) {
        s->stores_failed++;
        return false;
    }
    if (h->self >= WITNESS) {
        h->disk_size = arbiter_store_encode(h->disk, &h->voter.store);
        return true;
    }
    h->disk_size = ha_store_encode(h->disk, ha_stored(&h->ha));
    check_store(s, h);
    return true;
}

void host_lose_store(struct sim *s, struct host *h)
{
    s->identity += 1 + sim_draw(s, 1000);
    s->promised[h->self].identity = 0;
    h->fence = 0;
    if (h->self == WITNESS)
        store_lose(s);
    if (h->self >= WITNESS) {
        struct voter_store fresh = {.identity = s->identity, .candidate = MEMBER_NONE};
        h->disk_size = arbiter_store_encode(h->disk, &fresh);
        return;
    }
    ha_store_create(&h->durable, &s->plan.config[h->self], s->identity);
    h->disk_size = ha_store_encode(h->disk, &h->durable);
}

/* ---- a member's driver ---- */

static void step(struct sim *s, struct host *h, struct ha_event *event);

static void trace_command(struct sim *s, struct host *h, const struct ha_action *a)
{
    sim_trace(s, h, "#%llu %s%s, term %llu, %lld ms, until %lld", (unsigned long long)a->u.command.id,
              ha_command_name(a->u.command.kind), a->u.command.at_once ? " at once" : "",
              (unsigned long long)a->u.command.term, (long long)a->u.command.lifetime,
              (long long)a->u.command.deadline);
}

static void send_action(struct sim *s, struct host *h, const struct ha_action *a)
{
    bool to_arbiter = a->kind == HA_SEND_WITNESS;
    const struct ha_message *m = &a->u.send.message;
    if (m->voted)
        check_vote(s, h, m);
    if (to_arbiter)
        transmit(s, h->self, s->plan.list[h->self][a->u.send.line], LINE_ARB, m);
    else
        transmit(s, h->self, member_other((enum member)h->self), a->u.send.line, m);
}

/* False: the store failed, and what follows is not done. */
static bool carry_out(struct sim *s, struct host *h, const struct ha_action *a)
{
    switch (a->kind) {
    case HA_STORE: return store(s, h);
    case HA_SEND_PEER:
    case HA_SEND_WITNESS: send_action(s, h, a); break;
    case HA_COMMAND:
        trace_command(s, h, a);
        worker_submit(s, h, a);
        break;
    case HA_KILL_SCRIPT: worker_kill_script(s, h); break;
    case HA_LOG: sim_trace(s, h, "%s", a->u.log.text); break;
    }
    return true;
}

static bool stalls(struct sim *s, struct host *h)
{
    if (s->now >= s->plan.faults_until || !sim_chance(s, s->plan.stall))
        return false;
    host_stall(s, h, (usec)sim_draw(s, (uint64_t)s->plan.stall_most));
    return true;
}

/* Goes on with the answer; a stall may fall before each of its actions. */
static void act(struct sim *s, struct host *h)
{
    h->pending = true;
    while (h->next_action < h->answer.actions) {
        if (stalls(s, h)) {
            sim_post(s, h->os.stalled_until, (struct event){.kind = EVENT_RESUME, .host = h->self, .life = h->life});
            return;
        }
        if (!carry_out(s, h, &h->answer.action[h->next_action++])) {
            h->pending = false;
            step(s, h, &(struct ha_event){.kind = HA_STORE_FAILED});
            return;
        }
    }
    h->pending = false;
    worker_lease(s, h);
    h->wake++;
    sim_post(s, fake_when(&h->os, h->answer.wake) + (usec)sim_draw(s, 2000),
             (struct event){.kind = EVENT_WAKE, .host = h->self, .life = h->life, .token = h->wake});
}

static void count_changes(struct sim *s, const struct host *h, unsigned before)
{
    unsigned after = h->ha.store.set.count;
    s->opened += after > before;
    s->closed += after < before;
    s->solos += after < before && ha_configuration(&h->ha)->kind == QUORUM_SOLO;
}

static void count(struct sim *s, const struct host *h, enum ha_mode before, bool ordered)
{
    enum ha_mode after = h->ha.mode;
    if (before == HA_ACTING && after == HA_HANDING && !ordered) {
        s->evasions++;
        check_evasion(s, h);
    }
    s->takes += before == HA_ASKING && after == HA_TAKING;
    s->hands += before == HA_HANDING && after == HA_LISTENING;
    s->demotions += before != HA_RELEASING && after == HA_RELEASING;
}

static void step(struct sim *s, struct host *h, struct ha_event *event)
{
    enum ha_mode before = h->ha.mode;
    unsigned open = h->ha.store.set.count;
    event->now = host_clock(s, h);
    tape_event(s, h, event);
    ha_step(&h->ha, event, &h->answer);
    tape_answer(s, h);
    count_changes(s, h, open);
    count(s, h, before, event->kind == HA_ORDER);
    h->next_action = 0;
    act(s, h);
}

void host_resume(struct sim *s, struct host *h)
{
    act(s, h);
}

void host_wake(struct sim *s, struct host *h, const struct event *e)
{
    if (h->self < WITNESS && h->up && e->token == h->wake)
        step(s, h, &(struct ha_event){.kind = HA_TICK});
}

void host_done(struct sim *s, struct host *h, const struct event *e)
{
    struct lane *lane = &h->lane[e->lane];
    if (!h->up || e->token != lane->token || !lane->running)
        return;
    struct command c = lane->queue[0];
    lane->running = false;
    lane->length--;
    memmove(&lane->queue[0], &lane->queue[1], lane->length * sizeof c);
    worker_next(s, h, e->lane);
    sim_trace(s, h, "#%llu %s", (unsigned long long)c.id, lane->ok ? "done" : "failed");
    step(s, h, &(struct ha_event){.kind = HA_DONE, .command = c.id, .ok = lane->ok, .text = "as the seed wills"});
}

/* ---- the arbiter's driver ---- */

static void arbiter_message(struct sim *s, struct host *h, const struct event *e)
{
    struct ha_message reply;
    bool must_store, reply_due = arbiter_step(&h->voter, e->message, host_clock(s, h), &reply, &must_store);
    if (must_store && !store(s, h)) {
        voter_store_failed(&h->voter);
        return;
    }
    if (!reply_due)
        return;
    check_vote(s, h, &reply);
    transmit(s, h->self, e->message->from, LINE_ARB, &reply);
}

/* Its connection is that of a place in the list; an arbiter that is not in it any more has none. */
static void third_message(struct sim *s, struct host *h, const struct event *e)
{
    for (uint32_t place = 0; place < h->ha.config.witnesses; place++)
        if (s->plan.list[h->self][place] == e->from)
            step(s, h, &(struct ha_event){.kind = HA_RECEIVED, .line = place, .message = e->message});
}

void host_message(struct sim *s, struct host *h, const struct event *e)
{
    if (!h->up)
        return;
    if (e->message->kind == HA_BEAT && e->message->ask.kind == VOTE_GIVE_BACK)
        check_give_back(s, h, &e->message->ask);
    if (h->self >= WITNESS)
        arbiter_message(s, h, e);
    else if (e->message->from == MEMBER_NONE)
        third_message(s, h, e);
    else
        step(s, h, &(struct ha_event){.kind = HA_RECEIVED, .line = e->line, .message = e->message});
}

/* ---- life ---- */

#define CAPTURE "capture" /* its socket */

/* As drnode does: it finds its drcapture, or starts it. */
static const struct capture_info *attach(struct sim *s, struct host *h)
{
    struct dr_error err;
    fake_enter(&h->os, NULL);
    fake_capture(&h->os, CAPTURE);
    if (capture_attach(&h->folders, CAPTURE, &err) != DR_OK)
        sim_violated(s, "%s", err.text);
    return capture_info(h->folders);
}

void host_make(struct sim *s, struct host *h)
{
    struct dr_error err;
    fake_host_init(&h->os, &s->now, s->plan.rate[h->self]);
    h->os.offset = (usec)sim_draw(s, 1000) * SECOND + SECOND;
    fake_card(&h->os, "10.0.0.1/24", "card");
    fake_enter(&h->os, NULL);
    if (vip_parse(&h->vip, "10.0.0.9/24", "card", &err) != DR_OK)
        sim_violated(s, "%s", err.text);
    (void)attach(s, h);
}

static void start_member(struct sim *s, struct host *h)
{
    struct dr_error err;
    struct ha_store stored;
    if (ha_store_decode(&stored, h->disk, h->disk_size, &err) != DR_OK) {
        sim_violated(s, "a store does not survive its durable form: %s", err.text);
        return;
    }
    ha_init(&h->ha, &s->plan.config[h->self], &stored, sim_draw(s, UINT64_MAX), host_clock(s, h));
    const struct capture_info *folders = attach(s, h);
    if (h->taken && folders->mode == CAPTURE_READ_WRITE)
        ha_resume(&h->ha, folders->term, folders->lease);
    s->resumed += h->ha.mode == HA_ACTING;
    store_start(s, h);
    step(s, h, &(struct ha_event){.kind = HA_TICK});
    host_facts(s, h);
}

static void start_arbiter(struct sim *s, struct host *h)
{
    struct dr_error err;
    struct voter_store stored;
    if (arbiter_store_decode(&stored, h->disk, h->disk_size, &err) != DR_OK)
        sim_violated(s, "a vote does not survive its durable form: %s", err.text);
    voter_init(&h->voter, &stored, host_clock(s, h));
}

bool host_writes(const struct host *h)
{
    return fake_writable(&h->os, h->folders);
}

void host_start(struct sim *s, struct host *h)
{
    if (h->up)
        return;
    h->up = true;
    fake_stall(&h->os, 0);
    h->pending = false;
    sim_trace(s, h, "starts");
    if (h->self >= WITNESS)
        start_arbiter(s, h);
    else
        start_member(s, h);
}

/* A process that dies leaves what the kernel holds; a power cut leaves only the disk, and a new clock. */
void host_crash(struct sim *s, struct host *h, bool power)
{
    if (!h->up)
        return;
    sim_trace(s, h, power ? "loses power" : "is killed");
    h->up = false;
    h->life++;
    h->source = h->target = 0;
    worker_crash(h, power);
    store_crash(s, h, power);
    if (power) {
        fake_power_cut(&h->os);
        h->volume = false;
        s->promised[h->self].identity = 0;
    }
}

/* Restarts a machine that has a volume mounted when the other may mount it. */
void host_watchdog(struct sim *s, struct host *h)
{
    if (!h->volume || host_clock(s, h) < h->watchdog)
        return;
    sim_trace(s, h, "the watchdog bites");
    h->up = true; /* its daemon may have been killed: the machine was up */
    host_crash(s, h, true);
    sim_post(s, s->now + SECOND, (struct event){.kind = EVENT_START, .host = h->self, .life = h->life});
}

void host_stall(struct sim *s, struct host *h, usec length)
{
    sim_trace(s, h, "stands still for %lld ms", (long long)(length / 1000));
    fake_stall(&h->os, length);
}

bool host_order(struct sim *s, struct host *h, enum ha_order order)
{
    if (!h->up || h->pending || fake_stalled(&h->os))
        return false;
    sim_trace(s, h, "order %d", order);
    step(s, h, &(struct ha_event){.kind = HA_ORDER, .order = order});
    return true;
}

void host_facts(struct sim *s, struct host *h)
{
    h->told = h->up && !h->pending && !fake_stalled(&h->os);
    if (h->told)
        step(s, h, &(struct ha_event){.kind = HA_FACTS, .facts = h->facts});
}
