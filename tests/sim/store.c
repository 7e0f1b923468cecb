/* SPDX-License-Identifier: Apache-2.0
 * An operation is: on its way, at the store (where it has its effect), on its way back. While the store cannot be
 * reached it hangs, and goes on when it can, as on a mount; its thread gives it up after a limit, and begins the next
 * only when it is over. */
#include "tests/sim/sim.h"

#include <stdlib.h>

/* Of EVENT_STORE, in event.lane. */
enum { POLL, WRITES, READS, ENDS, LIMIT };

#define HANGS 50000 /* between two looks whether it can be reached */

static void begin(struct sim *s, struct host *h);

static usec delay(struct sim *s)
{
    return s->plan.delay_least + (usec)sim_draw(s, (uint64_t)(s->plan.delay_most - s->plan.delay_least) + 1);
}

static void post(struct sim *s, const struct host *h, unsigned what, usec in)
{
    sim_post(
        s, s->now + in,
        (struct event){.kind = EVENT_STORE, .host = h->self, .life = h->life, .token = h->store.token, .lane = what});
}

/* ---- an operation ---- */

static void operate(struct sim *s, struct host *h, unsigned step)
{
    struct store_client *c = &h->store;
    c->step = step;
    c->token = ++s->order;
    c->orphan = false;
    c->record = c->passive.written;
    post(s, h, step == STORE_LOOKS ? READS : WRITES, delay(s));
    post(s, h, LIMIT, (usec)ha_length(&h->ha.config) * 500);
}

static bool reachable(const struct sim *s, const struct host *h)
{
    return s->host[WITNESS].up && !s->cut[h->self][WITNESS][LINE_ARB] && !s->cut[WITNESS][h->self][LINE_ARB];
}

static bool as_read(const struct sim *s, const struct store_client *c)
{
    return witness_record_equal(&s->records.of[0], &c->passive.pair.of[0]) &&
           witness_record_equal(&s->records.of[1], &c->passive.pair.of[1]);
}

static void write_record(struct sim *s, struct host *h)
{
    uint8_t bytes[WITNESS_RECORD_BYTES];
    if (s->plan.store == STORE_ETCD && !as_read(s, &h->store))
        return;
    witness_record_encode(bytes, &h->store.record);
    if (!witness_record_decode(&s->records.of[h->self], bytes, sizeof bytes))
        sim_violated(s, "a record of the store does not survive its durable form");
    sim_trace(s, h, "wrote: %s, term %llu, serial %llu", h->store.record.claims ? "claims" : "claims nothing",
              (unsigned long long)h->store.record.term, (unsigned long long)h->store.record.serial);
}

/* A transaction reads at the instant at which it writes. */
static void at_the_store(struct sim *s, struct host *h, unsigned what)
{
    if (!reachable(s, h)) {
        post(s, h, what, HANGS);
        return;
    }
    if (what == WRITES)
        write_record(s, h);
    if (what == WRITES && s->plan.store == STORE_DISK) {
        post(s, h, READS, delay(s));
        return;
    }
    h->store.read = s->records;
    post(s, h, ENDS, delay(s));
}

/* ---- a request, as agent/witness/witness.c serves it ---- */

static void answer(struct sim *s, struct host *h)
{
    struct store_client *c = &h->store;
    struct ha_message *m = malloc(sizeof *m);
    if (!m)
        abort();
    *m = (struct ha_message){.kind = HA_ANSWER,
                             .rule = c->work.rule,
                             .from = MEMBER_NONE,
                             .asker = c->work.asker,
                             .round = c->work.round,
                             .sent = c->work.sent,
                             .voted = true,
                             .vote = c->reply};
    sim_trace(s, h, "the store's vote: %s in term %llu", c->reply.granted ? "granted" : "refused",
              (unsigned long long)c->reply.term);
    sim_post(s, s->now,
             (struct event){.kind = EVENT_MESSAGE, .host = h->self, .from = WITNESS, .line = LINE_ARB, .message = m});
}

static void finish(struct sim *s, struct host *h)
{
    struct store_client *c = &h->store;
    c->step = STORE_IDLE;
    if (c->asked && c->reply.identity != 0)
        answer(s, h);
    if (c->waits)
        begin(s, h);
}

static bool too_late(const struct sim *s, const struct host *h)
{
    const struct ha_message *m = &h->store.work;
    return m->ask.kind == VOTE_ASK && host_clock(s, h) >= m->sent + m->ask.length;
}

static void decide(struct sim *s, struct host *h)
{
    struct store_client *c = &h->store;
    if (!c->asked || too_late(s, h)) {
        finish(s, h);
        return;
    }
    enum passive_next next = passive_ask(&c->passive, &c->work.ask, host_clock(s, h), &c->reply);
    if (next == PASSIVE_WRITE) {
        operate(s, h, STORE_CLAIMS);
    } else if (!c->fresh) {
        c->fresh = true;
        operate(s, h, STORE_LOOKS);
    } else {
        finish(s, h);
    }
}

static void begin(struct sim *s, struct host *h)
{
    struct store_client *c = &h->store;
    c->asked = c->waits;
    c->work = c->beat;
    c->waits = false;
    c->reply = (struct vote_reply){0};
    c->fresh = !c->asked || !c->passive.known;
    if (c->fresh)
        operate(s, h, STORE_LOOKS);
    else
        decide(s, h);
}

static void went_on(struct sim *s, struct host *h)
{
    struct store_client *c = &h->store;
    msec now = host_clock(s, h);
    if (c->step == STORE_CLAIMS) {
        if (passive_wrote(&c->passive, &c->work.ask, &c->read, now, &c->reply) == PASSIVE_WRITE)
            operate(s, h, STORE_CLAIMS);
        else
            finish(s, h);
        return;
    }
    passive_saw(&c->passive, &c->read, now);
    if (c->step == STORE_LOOKS && passive_create(&c->passive) == PASSIVE_WRITE)
        operate(s, h, STORE_CREATES);
    else
        decide(s, h);
}

/* Whoever waits for it, and is not there any more, leaves the next to the present life. */
static void over(struct sim *s, struct host *h)
{
    struct store_client *c = &h->store;
    if (!c->orphan && !sim_chance(s, s->plan.loss / 4)) {
        went_on(s, h);
        return;
    }
    passive_lost(&c->passive);
    c->step = STORE_IDLE;
    if (h->up && c->waits)
        begin(s, h);
}

static void poll(struct sim *s, struct host *h)
{
    post(s, h, POLL, (usec)h->ha.config.interval * 1000);
    if (h->store.step == STORE_IDLE)
        begin(s, h);
}

/* ---- what happens ---- */

void store_event(struct sim *s, struct host *h, const struct event *e)
{
    struct store_client *c = &h->store;
    bool ours = e->lane == POLL ? e->life == h->life && h->up : e->token == c->token && c->step != STORE_IDLE;
    bool process = e->lane == POLL || e->lane == ENDS || e->lane == LIMIT;
    if (!ours)
        return;
    if (process && h->up && fake_stalled(&h->os)) {
        sim_post(s, h->os.stalled_until + 1, *e);
        return;
    }
    switch (e->lane) {
    case POLL: poll(s, h); break;
    case WRITES:
    case READS: at_the_store(s, h, e->lane); break;
    case ENDS: over(s, h); break;
    default: c->orphan = true;
    }
}

void store_ask(struct sim *s, struct host *h, const struct ha_message *beat)
{
    h->store.beat = *beat;
    h->store.waits = true;
    if (h->store.step == STORE_IDLE)
        begin(s, h);
}

void store_start(struct sim *s, struct host *h)
{
    if (s->plan.store == STORE_NONE)
        return;
    passive_init(&h->store.passive, (enum member)h->self, 1 + sim_draw(s, UINT32_MAX));
    h->store.waits = false;
    post(s, h, POLL, 0);
}

void store_crash(struct sim *s, struct host *h, bool power)
{
    struct store_client *c = &h->store;
    c->orphan = true;
    if (!power)
        return;
    if ((c->step == STORE_CREATES || c->step == STORE_CLAIMS) && reachable(s, h) && sim_draw(s, 2))
        write_record(s, h);
    c->step = STORE_IDLE;
}

void store_lose(struct sim *s)
{
    if (s->plan.store == STORE_NONE)
        return;
    uint64_t which = sim_draw(s, 3);
    for (unsigned i = 0; i < 2; i++)
        if (which == i || which == 2)
            s->records.of[i] = (struct witness_record){0};
}

void store_check(struct sim *s)
{
    uint64_t voter = passive_identity(&s->records);
    bool both = s->plan.store != STORE_NONE && !s->overridden;
    for (unsigned i = 0; i < 2; i++) {
        const struct host *h = &s->host[i];
        both = both && h->up && mastership_end(&h->ha.mastership, voter) > host_clock(s, h);
    }
    if (both)
        sim_violated(s, "invariant 4: both members hold a running promise of the store");
}
