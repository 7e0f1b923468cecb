/* SPDX-License-Identifier: Apache-2.0
 * agent/target/chunk.h - the unit of log segments and of the idmap's file: what one fdatasync made durable. A file is
 * chunks one after another, of one stream and ascending. A chunk that fails its checks is a torn tail if none of the
 * same file follows it (every earlier one was synced before it was begun), and damage otherwise. Pure. */
#ifndef DR_AGENT_CHUNK_H
#define DR_AGENT_CHUNK_H

#include "core/types.h"

#define CHUNK_HEAD 48u
#define CHUNK_MAX  (64u << 20) /* of payload */

struct chunk {
    uint64_t stream, first, last; /* what the records in it are: last >= first */
    const uint8_t *bytes;
    size_t size;
};

enum chunk_found { CHUNK_GOOD, CHUNK_END, CHUNK_TORN, CHUNK_BROKEN };

/* Writes the head of `c` to the CHUNK_HEAD bytes that will stand right before c->bytes. */
void chunk_seal(uint8_t *head, const struct chunk *c);
/* The chunk at *at, which moves past it only if it is good. *c comes in as the one before it; before the first one it
 * says what a chunk that follows must be: `first` above c->last, and of c->stream unless that is 0. */
enum chunk_found chunk_next(const uint8_t *file, size_t size, size_t *at, struct chunk *c);

#endif
