/* SPDX-License-Identifier: Apache-2.0
 * tests/explore/parts.h - a state is a row of numbers, and each stands for the bytes of a host, of a message, or of the
 * list of messages on their way. A host met in many states is kept once; what an event makes of it is worked out once
 * (it depends on that host alone) and remembered. */
#ifndef DR_TESTS_EXPLORE_PARTS_H
#define DR_TESTS_EXPLORE_PARTS_H

#include "tests/explore/pack.h"

/* What is looked at of a part without unpacking it. */
struct part_facts {
    uint32_t may; /* of a host: live_may() */
    bool address, writes;
    uint8_t from, to, age; /* of a message */
    struct counters counters;
};

struct outcome {
    uint32_t part;  /* what the host is then */
    uint32_t first; /* of what it sent, in part_sent() */
    uint16_t sent;
    bool violated;
};

void parts_begin(const struct live *root);
void parts_end(void);
size_t parts_memory(void); /* bytes held */
uint32_t parts_count(void);

uint32_t part_of_host(struct live *w, unsigned host);
uint32_t part_of_flight(const struct flight *f);
uint32_t part_of_bytes(const void *bytes, size_t size);
const uint8_t *part_bytes(uint32_t part, size_t *size);
const struct part_facts *part_facts(uint32_t part);
void part_load_host(struct live *w, unsigned host, uint32_t part);
void part_load_flight(struct flight *f, uint32_t part);

/* `arg`: a lane, or the part of a message. */
struct outcome part_do(unsigned host, uint32_t part, enum live_op op, uint32_t arg);
uint32_t part_sent(uint32_t index);
/* A step of time later; of a message also one step older. */
uint32_t part_later(unsigned host, uint32_t part, const struct counters *less);
uint32_t part_flight_later(uint32_t part, const struct counters *less);
/* Why the outcome is a violation. */
const char *part_violation(void);
/* The checks of an instant, over two members. */
bool parts_clash(uint32_t a, uint32_t b);

#endif
