/* SPDX-License-Identifier: Apache-2.0
 * tests/explore/pack.h - a host, or a message, as bytes: all that its future depends on, and nothing else. Hosts in a
 * state are always made from such bytes, so nothing that matters can be missing in what is compared. */
#ifndef DR_TESTS_EXPLORE_PACK_H
#define DR_TESTS_EXPLORE_PACK_H

#include "tests/explore/live.h"

#define PACK_MAX 4096u

/* What every clock shows in a state, and where counters begin: see pack_move(). */
#define PACK_NOW     ((msec)1000000)
#define PACK_COUNTER ((uint64_t)1000000)

size_t pack_host(uint8_t bytes[PACK_MAX], struct live *w, unsigned host);
void unpack_host(struct live *w, unsigned host, const uint8_t *bytes, size_t size);
size_t pack_flight(uint8_t bytes[PACK_MAX], const struct flight *f);
void unpack_flight(struct flight *f, const uint8_t *bytes, size_t size);

/* How far numbers that are only compared have come: rounds and reports of A and of B. */
struct counters {
    uint64_t round[2], stamp[2];
};
void pack_counters(struct counters *c, const struct live *w, unsigned host);

/* The same host, whose clock shows `by` more, in a world whose true time is `passed` behind, its counters less by
 * those: only differences are ever looked at, so its future is the same. What is so long past that it makes no
 * difference becomes one and the same. `clocks` of pack_move_flight(): by how much those of A and B move. */
void pack_move(struct live *w, unsigned host, msec by, usec passed, const struct counters *less);
void pack_move_flight(struct flight *f, const msec clocks[2], const struct counters *less);

#endif
