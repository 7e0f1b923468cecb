/* SPDX-License-Identifier: Apache-2.0
 * agent/target/queue.h - batches of records on their way: filling -> log -> apply -> free. Their number is fixed, and
 * so is the memory. Under the caller's lock. */
#ifndef DR_AGENT_QUEUE_H
#define DR_AGENT_QUEUE_H

#include "agent/target/chunk.h"
#include "core/record.h"

#define QUEUE_BATCHES 8
#define BATCH_BYTES   (4u << 20)

struct batch {
    uint8_t *bytes; /* CHUNK_HEAD, then records in their wire form: what the log gets, and the applier reads */
    size_t used;    /* of records */
    uint64_t stream, first, last;
    uint64_t frame; /* the last one that is in here (or before) as a whole */
    bool logged;    /* false: pieces of a mirror, and the records among them */
    struct batch *next;
};

struct line { /* first in, first out */
    struct batch *head, *tail;
};

struct queue {
    struct batch batch[QUEUE_BATCHES];
    struct line free, to_log, to_apply;
    struct batch *filling;
    unsigned unlogged; /* batches with pieces of a mirror that are not applied yet */
    unsigned busy;     /* all that are not free */
};

bool queue_init(struct queue *q); /* false: no memory */
void queue_free(struct queue *q);

/* The batch that has room for `size` bytes of that kind; NULL: wait until one is free. */
struct batch *queue_fill(struct queue *q, size_t size, bool logged);
void batch_add(struct batch *b, const struct record *r, const uint8_t *wire, size_t size);

/* NULL: nothing to do. */
struct batch *queue_take_to_log(struct queue *q);
struct batch *queue_take_to_apply(struct queue *q);
void queue_logged(struct queue *q, struct batch *b);
void queue_applied(struct queue *q, struct batch *b);

#endif
