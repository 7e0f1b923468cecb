/* SPDX-License-Identifier: Apache-2.0
 * core/ring.h - the journal's memory: records of a rule between its capture worker and drnode, in one
 * shared mapping (a file in memory) that outlives both. The worker reads a request's payload from the kernel straight
 * into a slot, carries it out from there, and commits the slot as the next record: nothing is copied, and
 * what is recorded is what was written.
 *
 *   bulk arena: slots of WRITE payloads, reserved one at a time by the thread that sits in read()
 *   meta arena: slots of all other records, reserved by any thread
 *   index:      seq -> slot, so that the order is that of commit, not of reservation
 *
 * Locks are the caller's: ring_bulk_* by the reading thread only, ring_meta_* and ring_commit under the
 * caller's sequence lock. The reader's side (ring_tail, ring_record, ring_release) needs none: it is one
 * thread of another process, and may die at any point.
 * Memory given must be zeroed; offsets, never pointers, lie in it. */
#ifndef DR_CORE_RING_H
#define DR_CORE_RING_H

#include "core/error.h"
#include "core/record.h"

struct ring;

#define RING_MEMORY_MIN (8u << 20)

/* Lays a ring out in `memory` (RING_MEMORY_MIN bytes at least) with its first stream. */
enum dr_code ring_create(struct ring **ring, void *memory, size_t size, uint64_t stream,
                         struct dr_error *err) DR_MUST_USE;
/* The same memory in another process, or in this one again. Checks the layout: DR_CORRUPT. */
enum dr_code ring_attach(struct ring **ring, void *memory, size_t size, struct dr_error *err) DR_MUST_USE;

/* Worker. Room for a head and `size` bytes behind it, or NULL when full. */
struct record *ring_bulk_reserve(struct ring *ring, size_t size);
/* Gives back what a bulk reservation did not use, before the next one is made. */
void ring_bulk_trim(struct ring *ring, struct record *slot);
struct record *ring_meta_reserve(struct ring *ring, size_t size);
/* The request failed, or was none: the slot is free again. */
void ring_cancel(struct ring *ring, struct record *slot);
/* Fills in seq, stream and term, and shows the record to the reader. Returns its seq; 0 = ring is broken. */
uint64_t ring_commit(struct ring *ring, struct record *slot);

/* Full, or told so: records stop here for good, the application goes on. drnode starts a new stream. */
void ring_break(struct ring *ring, const char *why);
bool ring_broken(const struct ring *ring, char *why, size_t size);
/* A new life: everything in it is dropped, seq starts at 1 again. Under all of the worker's locks. */
void ring_restart(struct ring *ring, uint64_t stream);
void ring_set_term(struct ring *ring, term_no term);

/* The lease of who lets changes in: until when they are. One word, so that the reader's side moves it while the
 * worker's looks at it, and neither waits for the other. 0: for ever; below: it is over. */
msec ring_lease(const struct ring *ring);
/* Worker: a new one. */
void ring_lease_set(struct ring *ring, msec until);
/* Worker: is it over at `now`? If so it is for good, until a new one is set. */
bool ring_lease_over(struct ring *ring, msec now);
/* Reader. False: it is over. */
bool ring_lease_move(struct ring *ring, msec until, msec now);

/* Reader. Sequence numbers (head, tail]: head = last released, tail = last committed. */
uint64_t ring_stream(const struct ring *ring);
term_no ring_term(const struct ring *ring);
uint64_t ring_head(const struct ring *ring);
uint64_t ring_tail(const struct ring *ring);
/* The record in place; valid until released. NULL if seq is outside (head, tail]. */
const struct record *ring_record(const struct ring *ring, uint64_t seq);
/* Everything up to seq may be forgotten. */
void ring_release(struct ring *ring, uint64_t seq);
/* Bytes in slots that are committed and not released, and the room there is in all. */
size_t ring_used(const struct ring *ring);
size_t ring_size(const struct ring *ring);
/* The reader says that it is about to sleep until tail > seq; true = do sleep. The worker, after a commit,
 * asks ring_wake_wanted() (which clears it) and signals the reader by its own means (an eventfd). */
bool ring_sleep(struct ring *ring, uint64_t seq);
bool ring_wake_wanted(struct ring *ring);

#endif
