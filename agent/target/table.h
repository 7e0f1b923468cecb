/* SPDX-License-Identifier: Apache-2.0
 * agent/target/table.h - a hash table from file ids to numbers. Not for two threads at once. */
#ifndef DR_AGENT_TABLE_H
#define DR_AGENT_TABLE_H

#include "core/record.h"

struct table_slot {
    struct file_id key; /* {0, 0, 0} = free */
    uint64_t value;
};

struct table { /* {0} is an empty one */
    struct table_slot *slot;
    size_t size; /* a power of two, or 0 */
    size_t used;
};

/* The value in place, or NULL; valid until the next put or drop. */
uint64_t *table_find(const struct table *t, const struct file_id *key);
/* false: no memory, nothing changed. */
bool table_put(struct table *t, const struct file_id *key, uint64_t value);
void table_drop(struct table *t, const struct file_id *key);
void table_clear(struct table *t);

static inline bool table_slot_used(const struct table_slot *s)
{
    return s->key.ino != 0 || s->key.birth != 0;
}

#endif
