/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/explore/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    struct live *scratch;
    uint8_t *bytes; /* of all parts, one after another */
    size_t used, room;
    struct {
        size_t at;
        uint32_t size;
    } * part;
    struct part_facts *facts;
    uint32_t parts, parts_room;
    uint32_t *slot; /* by hash; part + 1 */
    size_t slots;
    struct memo {
        uint32_t part, arg;
        uint8_t host, op;
        struct outcome outcome;
    } * memo;
    size_t memos, memo_slots;
    uint32_t *sent;
    uint32_t sents, sent_room;
    struct counters *less; /* the third argument of a step of time */
    uint32_t lesses, less_room;
} all;

static void *more(void *old, size_t count, size_t size)
{
    void *bigger = realloc(old, count * size);
    if (!bigger) {
        fputs("explore: out of memory\n", stderr);
        exit(2);
    }
    return bigger;
}

static uint64_t hash_of(const uint8_t *bytes, size_t size)
{
    uint64_t h = size * 0x9e3779b97f4a7c15u, word;
    for (; size >= 8; bytes += 8, size -= 8) {
        memcpy(&word, bytes, 8);
        h = (h ^ word) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    for (; size > 0; bytes++, size--)
        h = (h ^ *bytes) * 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 29;
}

size_t parts_memory(void)
{
    return all.room + all.parts_room * (sizeof *all.part + sizeof *all.facts) + all.slots * sizeof *all.slot +
           all.memo_slots * sizeof *all.memo + all.sent_room * sizeof *all.sent;
}

uint32_t parts_count(void)
{
    return all.parts;
}

/* ---- bytes to numbers ---- */

static uint32_t *slot_of(const uint8_t *bytes, size_t size)
{
    size_t i = hash_of(bytes, size) & (all.slots - 1);
    for (; all.slot[i] != 0; i = (i + 1) & (all.slots - 1)) {
        uint32_t p = all.slot[i] - 1;
        if (all.part[p].size == size && memcmp(all.bytes + all.part[p].at, bytes, size) == 0)
            break;
    }
    return &all.slot[i];
}

static void more_slots(void)
{
    free(all.slot);
    all.slots *= 2;
    all.slot = calloc(all.slots, sizeof *all.slot);
    if (!all.slot)
        more(NULL, SIZE_MAX / 2, 1);
    for (uint32_t p = 0; p < all.parts; p++)
        *slot_of(all.bytes + all.part[p].at, all.part[p].size) = p + 1;
}

static void add(const uint8_t *bytes, size_t size)
{
    if (all.parts == all.parts_room) {
        all.parts_room *= 2;
        all.part = more(all.part, all.parts_room, sizeof *all.part);
        all.facts = more(all.facts, all.parts_room, sizeof *all.facts);
    }
    while (all.used + size > all.room)
        all.bytes = more(all.bytes, all.room *= 2, 1);
    memcpy(all.bytes + all.used, bytes, size);
    all.part[all.parts].at = all.used;
    all.part[all.parts].size = (uint32_t)size;
    all.facts[all.parts++] = (struct part_facts){0};
    all.used += size;
}

static uint32_t intern(const uint8_t *bytes, size_t size, const struct part_facts *facts)
{
    uint32_t *slot = slot_of(bytes, size);
    if (*slot != 0)
        return *slot - 1;
    add(bytes, size);
    uint32_t part = all.parts - 1;
    *slot = part + 1;
    if (facts)
        all.facts[part] = *facts;
    if (all.parts * 2 > all.slots)
        more_slots();
    return part;
}

uint32_t part_of_bytes(const void *bytes, size_t size)
{
    return intern(bytes, size, NULL);
}

uint32_t part_of_host(struct live *w, unsigned host)
{
    uint8_t bytes[PACK_MAX];
    struct host *h = &w->sim.host[host];
    struct part_facts facts = {.may = live_may(w, host)};
    if (host < WITNESS) {
        facts.address = fake_has_address(&h->os);
        facts.writes = host_writes(h);
        pack_counters(&facts.counters, w, host);
    }
    size_t size = pack_host(bytes, w, host);
    bytes[size++] = (uint8_t)host;
    return intern(bytes, size, &facts);
}

uint32_t part_of_flight(const struct flight *f)
{
    uint8_t bytes[PACK_MAX];
    struct part_facts facts = {.from = f->from, .to = f->to, .age = f->age};
    size_t size = pack_flight(bytes, f);
    return intern(bytes, size, &facts);
}

const uint8_t *part_bytes(uint32_t part, size_t *size)
{
    *size = all.part[part].size;
    return all.bytes + all.part[part].at;
}

const struct part_facts *part_facts(uint32_t part)
{
    return &all.facts[part];
}

void part_load_host(struct live *w, unsigned host, uint32_t part)
{
    size_t size;
    const uint8_t *bytes = part_bytes(part, &size);
    unpack_host(w, host, bytes, size - 1);
}

void part_load_flight(struct flight *f, uint32_t part)
{
    size_t size;
    const uint8_t *bytes = part_bytes(part, &size);
    unpack_flight(f, bytes, size);
}

/* ---- what an event makes of a part ---- */

static struct memo *memo_of(unsigned host, uint32_t part, unsigned op, uint32_t arg)
{
    uint64_t h = (part * 0x9e3779b97f4a7c15u) ^ ((arg + 1u) * 0xff51afd7ed558ccdu) ^ (op * 0xc4ceb9fe1a85ec53u);
    size_t i = (h ^ h >> 31) & (all.memo_slots - 1);
    for (; all.memo[i].host != 0; i = (i + 1) & (all.memo_slots - 1)) {
        const struct memo *m = &all.memo[i];
        if (m->part == part && m->arg == arg && m->op == op && m->host == host + 1)
            break;
    }
    return &all.memo[i];
}

static void more_memos(void)
{
    struct memo *old = all.memo;
    size_t count = all.memo_slots;
    all.memo_slots *= 2;
    all.memo = calloc(all.memo_slots, sizeof *all.memo);
    if (!all.memo)
        more(NULL, SIZE_MAX / 2, 1);
    for (size_t i = 0; i < count; i++)
        if (old[i].host != 0)
            *memo_of(old[i].host - 1u, old[i].part, old[i].op, old[i].arg) = old[i];
    free(old);
}

static void remember(unsigned host, uint32_t part, unsigned op, uint32_t arg, struct outcome outcome)
{
    *memo_of(host, part, op, arg) =
        (struct memo){.part = part, .arg = arg, .host = (uint8_t)(host + 1), .op = (uint8_t)op, .outcome = outcome};
    if (++all.memos * 2 > all.memo_slots)
        more_memos();
}

static void note_sent(uint32_t part)
{
    if (all.sents == all.sent_room)
        all.sent = more(all.sent, all.sent_room *= 2, sizeof *all.sent);
    all.sent[all.sents++] = part;
}

uint32_t part_sent(uint32_t index)
{
    return all.sent[index];
}

/* Its counters begin anew with its life, its clock with a power cut. */
static void begin_anew(struct live *w, unsigned host)
{
    struct counters c = {0};
    msec clocks[2] = {0, 0};
    struct host *h = &w->sim.host[host];
    msec by = PACK_NOW - host_clock(&w->sim, h);
    h->os.offset = 0;
    clocks[host] = by;
    pack_counters(&c, w, host);
    pack_move(w, host, by, 0, &c);
    for (unsigned i = 0; i < w->outs; i++)
        pack_move_flight(&w->out[i], clocks, &c);
}

static struct outcome work_out(unsigned host, uint32_t part, enum live_op op, uint32_t arg)
{
    struct live *w = all.scratch;
    struct flight f;
    part_load_host(w, host, part);
    if (op == LIVE_DELIVER)
        part_load_flight(&f, arg);
    w->sim.violation[0] = '\0';
    live_do(w, host, op, arg, op == LIVE_DELIVER ? &f : NULL);
    if ((op == LIVE_KILL || op == LIVE_POWER) && host < WITNESS)
        begin_anew(w, host);
    struct outcome o = {.part = part_of_host(w, host),
                        .first = all.sents,
                        .sent = (uint16_t)w->outs,
                        .violated = w->sim.violation[0] != '\0'};
    for (unsigned i = 0; i < w->outs; i++)
        note_sent(part_of_flight(&w->out[i]));
    return o;
}

struct outcome part_do(unsigned host, uint32_t part, enum live_op op, uint32_t arg)
{
    const struct memo *known = memo_of(host, part, op, arg);
    if (known->host != 0)
        return known->outcome;
    struct outcome o = work_out(host, part, op, arg);
    remember(host, part, op, arg, o);
    return o;
}

/* ---- time ---- */

static uint32_t number_of(const struct counters *less)
{
    for (uint32_t i = all.lesses; i-- > 0;)
        if (memcmp(&all.less[i], less, sizeof *less) == 0)
            return i;
    if (all.lesses == all.less_room)
        all.less = more(all.less, all.less_room *= 2, sizeof *all.less);
    all.less[all.lesses] = *less;
    return all.lesses++;
}

uint32_t part_later(unsigned host, uint32_t part, const struct counters *less)
{
    uint32_t arg = number_of(less);
    const struct memo *known = memo_of(host, part, LIVE_TIME, arg);
    if (known->host != 0)
        return known->outcome.part;
    part_load_host(all.scratch, host, part);
    pack_move(all.scratch, host, -LIVE_STEP, LIVE_STEP * 1000, less);
    struct outcome o = {.part = part_of_host(all.scratch, host)};
    remember(host, part, LIVE_TIME, arg, o);
    return o.part;
}

uint32_t part_flight_later(uint32_t part, const struct counters *less)
{
    static const msec clocks[2] = {-LIVE_STEP, -LIVE_STEP};
    uint32_t arg = number_of(less);
    const struct memo *known = memo_of(LIVE_HOSTS, part, LIVE_TIME, arg);
    if (known->host != 0)
        return known->outcome.part;
    struct flight f;
    part_load_flight(&f, part);
    pack_move_flight(&f, clocks, less);
    f.age++;
    struct outcome o = {.part = part_of_flight(&f)};
    remember(LIVE_HOSTS, part, LIVE_TIME, arg, o);
    return o.part;
}

/* ---- checks ---- */

const char *part_violation(void)
{
    return all.scratch->sim.violation;
}

bool parts_clash(uint32_t a, uint32_t b)
{
    const struct part_facts *of_a = &all.facts[a], *of_b = &all.facts[b];
    if (!(of_a->address && of_b->address) && !(of_a->writes && of_b->writes))
        return false;
    part_load_host(all.scratch, MEMBER_A, a);
    part_load_host(all.scratch, MEMBER_B, b);
    all.scratch->sim.violation[0] = '\0';
    check_instant(&all.scratch->sim);
    return all.scratch->sim.violation[0] != '\0';
}

/* ---- begin and end ---- */

void parts_begin(const struct live *root)
{
    all.scratch = more(NULL, 1, sizeof *all.scratch);
    *all.scratch = *root;
    live_home(all.scratch);
    all.scratch->sim.heap = NULL;
    all.scratch->sim.events = all.scratch->sim.room = 0;
    all.room = 1 << 20;
    all.parts_room = all.sent_room = 1 << 12;
    all.less_room = 64;
    all.slots = all.memo_slots = 1 << 14;
    all.bytes = more(NULL, all.room, 1);
    all.part = more(NULL, all.parts_room, sizeof *all.part);
    all.facts = more(NULL, all.parts_room, sizeof *all.facts);
    all.sent = more(NULL, all.sent_room, sizeof *all.sent);
    all.less = more(NULL, all.less_room, sizeof *all.less);
    all.slot = calloc(all.slots, sizeof *all.slot);
    all.memo = calloc(all.memo_slots, sizeof *all.memo);
    if (!all.slot || !all.memo)
        more(NULL, SIZE_MAX / 2, 1);
}

void parts_end(void)
{
    if (all.scratch)
        sim_end(&all.scratch->sim);
    free(all.scratch);
    free(all.bytes);
    free(all.part);
    free(all.facts);
    free(all.sent);
    free(all.less);
    free(all.slot);
    free(all.memo);
    memset(&all, 0, sizeof all);
}
