/* SPDX-License-Identifier: Apache-2.0
 * Each arena is a circular log of slots in the order of reservation. A slot is free again when it was cancelled, when
 * its record was released (seq <= head), or when it belongs to a stream that is over; the side that reserves finds that
 * out when it needs room, from the oldest slot on. So the reader writes nothing but `head` and `asleep`, one word
 * each, and may die between any two instructions. */
#include "core/ring.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define RING_MAGIC 0x32676e6972724440ull /* its last byte is the layout's version */
#define RING_ALIGN 64u
#define RING_WHY   160
#define LEASE_OVER (-1)

enum slot_state { SLOT_RESERVED = 1, SLOT_COMMITTED, SLOT_FREE };

struct slot {
    uint32_t size; /* of all of it, a multiple of RING_ALIGN */
    _Atomic uint32_t state;
    struct record record;
};

/* Positions count up for ever; position modulo size is the place. Only the side that reserves touches them. */
struct arena {
    uint64_t at; /* offset in the ring's memory */
    uint64_t size;
    uint64_t oldest;
    uint64_t next;
};

struct entry {
    uint64_t slot;  /* offset in the ring's memory */
    uint64_t bytes; /* of all slots of the stream up to this one */
};

enum broken { RING_WHOLE, RING_BREAKING, RING_BROKEN };

struct ring {
    uint64_t magic;
    uint64_t size;
    uint64_t entries; /* a power of two */
    uint64_t index;   /* offset of entry 0 */
    struct arena meta, bulk;
    _Atomic uint64_t stream;
    _Atomic uint64_t term;
    _Atomic uint32_t broken;
    char why[RING_WHY];
    uint64_t committed_bytes;
    _Atomic int64_t lease;
    /* What the worker and what the reader writes are kept apart: each has cache lines of its own. */
    _Alignas(RING_ALIGN) _Atomic uint64_t tail;
    _Alignas(RING_ALIGN) _Atomic uint64_t head;
    _Atomic uint32_t asleep;
};

static uint64_t aligned(uint64_t n)
{
    return (n + RING_ALIGN - 1) & ~(uint64_t)(RING_ALIGN - 1);
}

static void *place(const struct ring *ring, uint64_t offset)
{
    return (uint8_t *)(uintptr_t)ring + offset;
}

static struct slot *slot_of(struct record *record)
{
    return (struct slot *)((uint8_t *)record - offsetof(struct slot, record));
}

static struct entry *entry_of(const struct ring *ring, uint64_t seq)
{
    return (struct entry *)place(ring, ring->index) + (seq & (ring->entries - 1));
}

enum dr_code ring_create(struct ring **ring, void *memory, size_t size, uint64_t stream, struct dr_error *err)
{
    if (size < RING_MEMORY_MIN)
        return dr_fail(err, DR_INVALID, "a ring of %zu bytes is too small: give it %u or more", size, RING_MEMORY_MIN);
    struct ring *r = memory;
    uint64_t entries = 1;
    while (entries * 2 <= size / 512)
        entries *= 2;
    r->size = size;
    r->entries = entries;
    r->index = aligned(sizeof *r);
    r->meta.at = aligned(r->index + entries * sizeof(struct entry));
    uint64_t rest = (size - r->meta.at) & ~(uint64_t)(RING_ALIGN - 1);
    r->meta.size = aligned(rest / 8);
    r->bulk.at = r->meta.at + r->meta.size;
    r->bulk.size = rest - r->meta.size;
    atomic_store(&r->stream, stream);
    r->magic = RING_MAGIC;
    *ring = r;
    return DR_OK;
}

enum dr_code ring_attach(struct ring **ring, void *memory, size_t size, struct dr_error *err)
{
    const struct ring *r = memory;
    if (size < RING_MEMORY_MIN || r->magic != RING_MAGIC || r->size != size || r->index != aligned(sizeof *r) ||
        r->bulk.at + r->bulk.size > size)
        return dr_fail(err, DR_CORRUPT, "the ring's memory (%zu bytes) has another layout: restart drcapture", size);
    *ring = memory;
    return DR_OK;
}

static bool slot_is_over(const struct ring *ring, const struct slot *slot)
{
    switch (atomic_load_explicit(&slot->state, memory_order_acquire)) {
    case SLOT_FREE: return true;
    case SLOT_COMMITTED:
        return slot->record.stream != atomic_load(&ring->stream) || slot->record.seq <= ring_head(ring);
    default: return false;
    }
}

static struct slot *arena_slot(const struct ring *ring, const struct arena *arena, uint64_t position)
{
    return place(ring, arena->at + position % arena->size);
}

static void arena_reclaim(const struct ring *ring, struct arena *arena)
{
    while (arena->oldest < arena->next) {
        const struct slot *slot = arena_slot(ring, arena, arena->oldest);
        if (!slot_is_over(ring, slot))
            return;
        arena->oldest += slot->size;
    }
    /* Empty: begin at its start again, so that an idle ring stays within the processor's cache. */
    arena->next = (arena->next + arena->size - 1) / arena->size * arena->size;
    arena->oldest = arena->next;
}

static struct slot *arena_append(struct ring *ring, struct arena *arena, uint64_t bytes, enum slot_state state)
{
    struct slot *slot = arena_slot(ring, arena, arena->next);
    slot->size = (uint32_t)bytes;
    atomic_store_explicit(&slot->state, state, memory_order_release);
    arena->next += bytes;
    return slot;
}

static struct record *arena_reserve(struct ring *ring, struct arena *arena, size_t size)
{
    if (atomic_load(&ring->broken))
        return NULL;
    arena_reclaim(ring, arena);
    uint64_t bytes = aligned(sizeof(struct slot) + size);
    uint64_t to_end = arena->size - arena->next % arena->size;
    uint64_t pad = bytes > to_end ? to_end : 0; /* a slot does not wrap */
    if (arena->next - arena->oldest + pad + bytes > arena->size)
        return NULL;
    if (pad)
        arena_append(ring, arena, pad, SLOT_FREE);
    return &arena_append(ring, arena, bytes, SLOT_RESERVED)->record;
}

struct record *ring_bulk_reserve(struct ring *ring, size_t size)
{
    return arena_reserve(ring, &ring->bulk, size);
}

struct record *ring_meta_reserve(struct ring *ring, size_t size)
{
    return arena_reserve(ring, &ring->meta, size);
}

void ring_bulk_trim(struct ring *ring, struct record *record)
{
    struct slot *slot = slot_of(record);
    uint32_t bytes = (uint32_t)aligned(offsetof(struct slot, record) + record_size(record));
    ring->bulk.next -= slot->size - bytes;
    slot->size = bytes;
}

void ring_cancel(struct ring *ring, struct record *record)
{
    (void)ring;
    atomic_store_explicit(&slot_of(record)->state, SLOT_FREE, memory_order_release);
}

uint64_t ring_commit(struct ring *ring, struct record *record)
{
    uint64_t seq = ring_tail(ring) + 1;
    /* The entry of `head` itself is still read, by ring_used(). */
    if (seq - ring_head(ring) >= ring->entries)
        ring_break(ring, "more records wait than the memory limit has room for");
    if (atomic_load(&ring->broken)) {
        ring_cancel(ring, record);
        return 0;
    }
    struct slot *slot = slot_of(record);
    record->seq = seq;
    record->stream = atomic_load(&ring->stream);
    record->term = atomic_load(&ring->term);
    ring->committed_bytes += slot->size;
    *entry_of(ring, seq) = (struct entry){(uint64_t)((uint8_t *)slot - (uint8_t *)ring), ring->committed_bytes};
    atomic_store_explicit(&slot->state, SLOT_COMMITTED, memory_order_release);
    atomic_store(&ring->tail, seq);
    return seq;
}

void ring_break(struct ring *ring, const char *why)
{
    uint32_t whole = RING_WHOLE;
    if (!atomic_compare_exchange_strong(&ring->broken, &whole, RING_BREAKING))
        return;
    snprintf(ring->why, sizeof ring->why, "%s", why);
    atomic_store(&ring->broken, RING_BROKEN);
}

bool ring_broken(const struct ring *ring, char *why, size_t size)
{
    uint32_t broken = atomic_load(&ring->broken);
    if (size)
        snprintf(why, size, "%s", broken == RING_BROKEN ? ring->why : "");
    return broken != RING_WHOLE;
}

void ring_restart(struct ring *ring, uint64_t stream)
{
    /* Slots of the former stream are over by its number; those being filled will belong to the new one. */
    atomic_store(&ring->stream, stream);
    atomic_store(&ring->head, 0);
    atomic_store(&ring->tail, 0);
    ring->committed_bytes = 0;
    atomic_store(&ring->broken, RING_WHOLE);
}

void ring_set_term(struct ring *ring, term_no term)
{
    atomic_store(&ring->term, term);
}

uint64_t ring_stream(const struct ring *ring)
{
    return atomic_load(&ring->stream);
}

term_no ring_term(const struct ring *ring)
{
    return atomic_load(&ring->term);
}

uint64_t ring_head(const struct ring *ring)
{
    return atomic_load_explicit(&ring->head, memory_order_acquire);
}

uint64_t ring_tail(const struct ring *ring)
{
    return atomic_load(&ring->tail);
}

const struct record *ring_record(const struct ring *ring, uint64_t seq)
{
    if (seq <= ring_head(ring) || seq > ring_tail(ring))
        return NULL;
    const struct slot *slot = place(ring, entry_of(ring, seq)->slot);
    return &slot->record;
}

void ring_release(struct ring *ring, uint64_t seq)
{
    if (seq > ring_head(ring) && seq <= ring_tail(ring))
        atomic_store_explicit(&ring->head, seq, memory_order_release);
}

size_t ring_used(const struct ring *ring)
{
    uint64_t head = ring_head(ring), tail = ring_tail(ring);
    if (head == tail)
        return 0;
    return (size_t)(entry_of(ring, tail)->bytes - (head ? entry_of(ring, head)->bytes : 0));
}

size_t ring_size(const struct ring *ring)
{
    return (size_t)(ring->meta.size + ring->bulk.size);
}

/* Either the worker sees `asleep` after its commit, or the reader sees the commit after setting it. */
bool ring_sleep(struct ring *ring, uint64_t seq)
{
    atomic_store(&ring->asleep, 1);
    if (ring_tail(ring) <= seq)
        return true;
    atomic_store(&ring->asleep, 0);
    return false;
}

bool ring_wake_wanted(struct ring *ring)
{
    return atomic_load(&ring->asleep) && atomic_exchange(&ring->asleep, 0);
}

/* ---- the lease ---- */

msec ring_lease(const struct ring *ring)
{
    return atomic_load(&ring->lease);
}

void ring_lease_set(struct ring *ring, msec until)
{
    atomic_store(&ring->lease, until);
}

static bool ran_out(int64_t lease, msec now)
{
    return lease == LEASE_OVER || (lease != 0 && now >= lease);
}

bool ring_lease_over(struct ring *ring, msec now)
{
    int64_t lease = atomic_load(&ring->lease);
    while (ran_out(lease, now))
        if (lease == LEASE_OVER || atomic_compare_exchange_weak(&ring->lease, &lease, LEASE_OVER))
            return true;
    return false;
}

bool ring_lease_move(struct ring *ring, msec until, msec now)
{
    int64_t lease = atomic_load(&ring->lease);
    while (!ran_out(lease, now))
        if (atomic_compare_exchange_weak(&ring->lease, &lease, until))
            return true;
    return false;
}
