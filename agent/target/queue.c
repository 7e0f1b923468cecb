/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/queue.h"

#include <stdlib.h>
#include <string.h>

static void push(struct line *l, struct batch *b)
{
    b->next = NULL;
    *(l->head ? &l->tail->next : &l->head) = b;
    l->tail = b;
}

static struct batch *pop(struct line *l)
{
    struct batch *b = l->head;
    if (b)
        l->head = b->next;
    return b;
}

bool queue_init(struct queue *q)
{
    *q = (struct queue){.busy = 0};
    for (unsigned i = 0; i < QUEUE_BATCHES; i++) {
        q->batch[i].bytes = malloc(CHUNK_HEAD + BATCH_BYTES);
        if (!q->batch[i].bytes)
            return false;
        push(&q->free, &q->batch[i]);
    }
    return true;
}

void queue_free(struct queue *q)
{
    for (unsigned i = 0; i < QUEUE_BATCHES; i++)
        free(q->batch[i].bytes);
}

struct batch *queue_fill(struct queue *q, size_t size, bool logged)
{
    struct batch *b = q->filling;
    if (b && b->used == 0)
        b->logged = logged;
    if (b && b->logged == logged && b->used + size <= BATCH_BYTES)
        return b;
    if (b)
        push(&q->to_log, b);
    b = q->filling = pop(&q->free);
    if (b) {
        b->used = 0;
        b->first = b->last = b->frame = 0;
        b->logged = logged;
        q->busy++;
    }
    return b;
}

void batch_add(struct batch *b, const struct record *r, const uint8_t *wire, size_t size)
{
    memcpy(b->bytes + CHUNK_HEAD + b->used, wire, size);
    if (b->used == 0)
        b->first = r->seq;
    b->used += size;
    b->last = r->seq;
    b->stream = r->stream;
}

/* What is still filling goes too: a group is what came while the last one was synced. A record that follows a mirror
 * must not be logged before the mirror is complete: until then there is nothing that it could be replayed onto. */
struct batch *queue_take_to_log(struct queue *q)
{
    struct batch *next = q->to_log.head ? q->to_log.head : q->filling;
    if (!next || (next->logged && q->unlogged))
        return NULL;
    if (next == q->filling)
        q->filling = NULL;
    else
        pop(&q->to_log);
    if (!next->logged)
        q->unlogged++;
    return next;
}

void queue_logged(struct queue *q, struct batch *b)
{
    push(&q->to_apply, b);
}

struct batch *queue_take_to_apply(struct queue *q)
{
    return pop(&q->to_apply);
}

void queue_applied(struct queue *q, struct batch *b)
{
    if (!b->logged)
        q->unlogged--;
    q->busy--;
    push(&q->free, b);
}
