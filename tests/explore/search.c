/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/explore/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEEPEST 64

static struct {
    struct node {
        struct state state;
        uint32_t parent;
        struct step by;
    } * node;
    uint32_t nodes, room;
    uint32_t *slot; /* by hash; node + 1 */
    size_t slots;
} tree;

static void *must(void *memory)
{
    if (!memory) {
        fputs("explore: out of memory\n", stderr);
        exit(2);
    }
    return memory;
}

/* ---- states met ---- */

static uint32_t *slot_of(const struct state *s)
{
    uint64_t word[sizeof *s / 8], h = 0;
    memcpy(word, s, sizeof *s);
    for (unsigned i = 0; i < sizeof *s / 8; i++) {
        h = (h ^ word[i]) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    size_t i = h & (tree.slots - 1);
    while (tree.slot[i] != 0 && memcmp(&tree.node[tree.slot[i] - 1].state, s, sizeof *s) != 0)
        i = (i + 1) & (tree.slots - 1);
    return &tree.slot[i];
}

static void grow(void)
{
    if (tree.nodes == tree.room)
        tree.node = must(realloc(tree.node, (tree.room *= 2) * sizeof *tree.node));
    if ((size_t)tree.nodes * 2 < tree.slots)
        return;
    free(tree.slot);
    tree.slots *= 2;
    tree.slot = must(calloc(tree.slots, sizeof *tree.slot));
    for (uint32_t i = 0; i < tree.nodes; i++)
        *slot_of(&tree.node[i].state) = i + 1;
}

static void meet(const struct state *s, uint32_t parent, struct step by)
{
    uint32_t *slot = slot_of(s);
    if (*slot != 0)
        return;
    tree.node[tree.nodes] = (struct node){.state = *s, .parent = parent, .by = by};
    *slot = ++tree.nodes;
    grow();
}

static size_t memory(void)
{
    return tree.room * sizeof *tree.node + tree.slots * sizeof *tree.slot + parts_memory();
}

const struct state *search_state(uint32_t index)
{
    return &tree.node[index].state;
}

unsigned search_path(uint32_t index, struct step *steps, unsigned room)
{
    unsigned count = 0;
    for (uint32_t i = index; i != 0 && count < room; i = tree.node[i].parent)
        count++;
    unsigned at = count;
    for (uint32_t i = index; at > 0; i = tree.node[i].parent)
        steps[--at] = tree.node[i].by;
    return count;
}

/* ---- one step ---- */

unsigned search_flights(const struct state *state, uint32_t flights[FLIGHTS_MAX])
{
    size_t size;
    const uint8_t *bytes = part_bytes(state->flights, &size);
    memcpy(flights, bytes, size - 1);
    return (unsigned)((size - 1) / sizeof flights[0]);
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* The oldest is lost where there are more than a state has room for. */
static void set_flights(struct state *s, uint32_t *flights, unsigned count)
{
    qsort(flights, count, sizeof *flights, by_number);
    if (count > FLIGHTS_MAX) {
        flights += count - FLIGHTS_MAX;
        count = FLIGHTS_MAX;
    }
    uint8_t bytes[FLIGHTS_MAX * sizeof *flights + 1];
    memcpy(bytes, flights, count * sizeof *flights);
    bytes[count * sizeof *flights] = 0xff; /* no message ends so */
    s->flights = part_of_bytes(bytes, count * sizeof *flights + 1);
}

static void remove_one(uint32_t *flights, unsigned *count, uint32_t which)
{
    for (unsigned i = 0; i < *count; i++)
        if (flights[i] == which) {
            flights[i] = flights[--*count];
            return;
        }
}

/* Counters of A and B begin anew at each step of time, so that the same situation looks the same later. */
struct counters search_less(const struct state *from)
{
    const struct counters *a = &part_facts(from->host[MEMBER_A])->counters;
    const struct counters *b = &part_facts(from->host[MEMBER_B])->counters;
    return (struct counters){.round = {a->round[MEMBER_A], b->round[MEMBER_B]},
                             .stamp = {a->stamp[MEMBER_A], b->stamp[MEMBER_B]}};
}

static void later(const struct state *from, struct state *to)
{
    uint32_t flights[FLIGHTS_MAX], kept = 0;
    unsigned count = search_flights(from, flights);
    struct counters less = search_less(from);
    for (unsigned i = 0; i < LIVE_HOSTS; i++)
        to->host[i] = part_later(i, from->host[i], &less);
    for (unsigned i = 0; i < count; i++)
        if (part_facts(flights[i])->age < LIVE_KEPT)
            flights[kept++] = part_flight_later(flights[i], &less);
    set_flights(to, flights, kept);
}

static const enum rare rare_of[LIVE_OPS + 1] = {
    [LIVE_DELIVER] = RARES,  [LIVE_TICK] = RARES,         [LIVE_CHILD] = RARES,       [LIVE_ORPHAN] = RARES,
    [LIVE_TIME] = RARES,     [LIVE_FAIL] = RARE_FAIL,     [LIVE_KILL] = RARE_RESTART, [LIVE_POWER] = RARE_RESTART,
    [LIVE_DISK] = RARE_DISK, [LIVE_SWITCH] = RARE_SWITCH, [LIVE_OPS] = RARE_DOUBLE};

static bool on_one_host(const struct state *from, struct step step, struct state *to)
{
    uint32_t flights[FLIGHTS_MAX + LIVE_OUT_MAX];
    unsigned count = search_flights(from, flights);
    bool message = step.op == LIVE_DELIVER || step.op == LIVE_OPS;
    struct outcome o =
        part_do(step.host, from->host[step.host], message ? LIVE_DELIVER : (enum live_op)step.op, step.arg);
    if (step.op == LIVE_DELIVER)
        remove_one(flights, &count, step.arg);
    for (unsigned i = 0; i < o.sent; i++)
        flights[count++] = part_sent(o.first + i);
    to->host[step.host] = o.part;
    if (step.op == LIVE_DELIVER || o.sent > 0)
        set_flights(to, flights, count);
    return !o.violated;
}

bool search_apply(const struct state *from, struct step step, struct state *to)
{
    *to = *from;
    if (rare_of[step.op] != RARES) {
        to->left[rare_of[step.op]]--;
        to->left[RARE_ANY]--;
    }
    bool held = true;
    if (step.op == LIVE_TIME)
        later(from, to);
    else
        held = on_one_host(from, step, to);
    return held && !parts_clash(to->host[MEMBER_A], to->host[MEMBER_B]);
}

/* ---- all that can happen ---- */

struct walk {
    struct found *found;
    uint32_t at;
    struct state from; /* a copy: the tree moves when it grows */
};

static void try(struct walk *w, enum live_op op, unsigned host, uint32_t arg)
{
    struct step step = {.op = (uint8_t)op, .host = (uint8_t)host, .arg = arg};
    struct state to;
    const uint8_t *left = w->from.left;
    if (w->found->violated || (rare_of[op] != RARES && (left[rare_of[op]] == 0 || left[RARE_ANY] == 0)))
        return;
    w->found->steps++;
    if (search_apply(&w->from, step, &to)) {
        meet(&to, w->at, step);
        return;
    }
    w->found->violated = true;
    w->found->last = w->at;
    w->found->step = step;
    snprintf(w->found->violation, sizeof w->found->violation, "%s", part_violation());
}

static void try_host(struct walk *w, unsigned host)
{
    uint32_t may = part_facts(w->from.host[host])->may;
    for (unsigned op = LIVE_TICK; op < LIVE_TIME; op++)
        if (may & LIVE_MAY(op))
            try(w, (enum live_op)op, host, 0);
    for (unsigned op = LIVE_CHILD; op <= LIVE_ORPHAN; op++)
        for (unsigned lane = 0; lane < 2; lane++)
            if (may & LIVE_MAY_LANE(op, lane))
                try(w, (enum live_op)op, host, lane);
}

static void try_messages(struct walk *w)
{
    uint32_t flights[FLIGHTS_MAX];
    unsigned count = search_flights(&w->from, flights);
    for (unsigned i = 0; i < count; i++) {
        if (i > 0 && flights[i] == flights[i - 1])
            continue;
        try(w, LIVE_DELIVER, part_facts(flights[i])->to, flights[i]);
        try(w, STEP_DOUBLE, part_facts(flights[i])->to, flights[i]);
    }
}

static void expand(struct found *found, uint32_t at)
{
    struct walk w = {.found = found, .at = at, .from = tree.node[at].state};
    try_messages(&w);
    for (unsigned host = 0; host < LIVE_HOSTS; host++)
        try_host(&w, host);
    try(&w, LIVE_TIME, 0, 0);
}

/* ---- the search ---- */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool enough(const struct found *found, const struct limits *limits, double until)
{
    return found->violated || found->depth >= limits->most || tree.nodes > UINT32_MAX / 2 ||
           memory() > limits->memory || (found->depth >= limits->least && now() > until);
}

void search_run(struct found *found, const struct limits *limits, bool say)
{
    double until = now() + limits->seconds;
    *found = (struct found){0};
    uint32_t at = 0, layer = 1; /* expanded; where the layer ends */
    while (at < tree.nodes && !(at % 1024 == 0 && enough(found, limits, until)) && !found->violated) {
        expand(found, at++);
        if (at < layer || found->violated)
            continue;
        found->depth++;
        layer = tree.nodes;
        if (say)
            printf("  depth %2u: %10u states\n", found->depth, tree.nodes);
        if (found->depth >= limits->most)
            break;
    }
    found->whole = at == tree.nodes && !found->violated;
    found->states = tree.nodes;
    found->parts = parts_count();
    found->memory = memory();
}

void search_begin(struct live *root, const struct flight *flights, unsigned count, const uint8_t left[RARES])
{
    uint32_t parts[FLIGHTS_MAX];
    parts_begin(root);
    tree.room = 1 << 12;
    tree.slots = 1 << 14;
    tree.node = must(malloc(tree.room * sizeof *tree.node));
    tree.slot = must(calloc(tree.slots, sizeof *tree.slot));
    struct state first = {0};
    for (unsigned i = 0; i < LIVE_HOSTS; i++)
        first.host[i] = part_of_host(root, i);
    for (unsigned i = 0; i < count; i++)
        parts[i] = part_of_flight(&flights[i]);
    set_flights(&first, parts, count);
    memcpy(first.left, left, RARES);
    meet(&first, 0, (struct step){0});
}

void search_end(void)
{
    free(tree.node);
    free(tree.slot);
    memset(&tree, 0, sizeof tree);
    parts_end();
}
