/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/table.h"

#include <stdlib.h>

/* Linear probing: a key lies between its home and the first free slot after it. */
static size_t home(const struct table *t, const struct file_id *key)
{
    uint64_t h = (key->ino ^ ((uint64_t)key->gen << 32) ^ key->birth) * 0x9E3779B97F4A7C15u;
    return (size_t)(h ^ (h >> 29)) & (t->size - 1);
}

static struct table_slot *probe(const struct table *t, const struct file_id *key)
{
    size_t i = home(t, key);
    while (table_slot_used(&t->slot[i]) && !file_id_equal(&t->slot[i].key, key))
        i = (i + 1) & (t->size - 1);
    return &t->slot[i];
}

uint64_t *table_find(const struct table *t, const struct file_id *key)
{
    if (t->used == 0)
        return NULL;
    struct table_slot *s = probe(t, key);
    return table_slot_used(s) ? &s->value : NULL;
}

static bool grow(struct table *t)
{
    struct table bigger = {.size = t->size ? t->size * 2 : 64, .used = t->used};
    bigger.slot = calloc(bigger.size, sizeof *bigger.slot);
    if (!bigger.slot)
        return false;
    for (size_t i = 0; i < t->size; i++)
        if (table_slot_used(&t->slot[i]))
            *probe(&bigger, &t->slot[i].key) = t->slot[i];
    free(t->slot);
    *t = bigger;
    return true;
}

bool table_put(struct table *t, const struct file_id *key, uint64_t value)
{
    if ((t->used + 1) * 4 > t->size * 3 && !grow(t))
        return false;
    struct table_slot *s = probe(t, key);
    if (!table_slot_used(s))
        t->used++;
    *s = (struct table_slot){.key = *key, .value = value};
    return true;
}

/* Moves back what the gap would hide: no marks of dropped keys are needed. */
void table_drop(struct table *t, const struct file_id *key)
{
    if (!table_find(t, key))
        return;
    size_t mask = t->size - 1, gap = (size_t)(probe(t, key) - t->slot);
    for (size_t i = (gap + 1) & mask; table_slot_used(&t->slot[i]); i = (i + 1) & mask) {
        if (((i - home(t, &t->slot[i].key)) & mask) < ((i - gap) & mask))
            continue;
        t->slot[gap] = t->slot[i];
        gap = i;
    }
    t->slot[gap] = (struct table_slot){0};
    t->used--;
}

void table_clear(struct table *t)
{
    free(t->slot);
    *t = (struct table){0};
}
