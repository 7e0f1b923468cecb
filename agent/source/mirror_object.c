/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/source/mirror_object.h"

#include <stdlib.h>
#include <xxhash.h>

static struct mirror_object **slot_of(const struct mirror_table *table, const struct mirror_key *key)
{
    return &table->bucket[XXH3_64bits(key, sizeof *key) & (table->buckets - 1)];
}

static bool key_equal(const struct mirror_key *a, const struct mirror_key *b)
{
    return a->ino == b->ino && a->gen == b->gen && a->path == b->path;
}

struct mirror_object *mirror_table_find(const struct mirror_table *table, const struct mirror_key *key)
{
    if (!table->buckets)
        return NULL;
    struct mirror_object *object = *slot_of(table, key);
    while (object && !key_equal(&object->key, key))
        object = object->chain;
    return object;
}

static bool grow(struct mirror_table *table)
{
    if (table->count < table->buckets)
        return true;
    struct mirror_table wider = {.buckets = table->buckets ? 2 * table->buckets : 1024, .count = table->count};
    if (!(wider.bucket = calloc(wider.buckets, sizeof *wider.bucket)))
        return false;
    for (size_t i = 0; i < table->buckets; i++)
        for (struct mirror_object *object = table->bucket[i], *next; object; object = next) {
            next = object->chain;
            struct mirror_object **slot = slot_of(&wider, &object->key);
            object->chain = *slot;
            *slot = object;
        }
    free(table->bucket);
    *table = wider;
    return true;
}

struct mirror_object *mirror_table_add(struct mirror_table *table, const struct mirror_key *key, uint32_t type)
{
    struct mirror_object *object = grow(table) ? calloc(1, sizeof *object) : NULL;
    if (!object)
        return NULL;
    object->key = *key;
    object->type = type;
    struct mirror_object **slot = slot_of(table, key);
    object->chain = *slot;
    *slot = object;
    table->count++;
    return object;
}

void mirror_table_take(struct mirror_table *table, struct mirror_object *object)
{
    struct mirror_object **slot = slot_of(table, &object->key);
    while (*slot != object)
        slot = &(*slot)->chain;
    *slot = object->chain;
    table->count--;
}

void mirror_table_clear(struct mirror_table *table)
{
    for (size_t i = 0; i < table->buckets; i++)
        for (struct mirror_object *object = table->bucket[i], *next; object; object = next) {
            next = object->chain;
            free(object);
        }
    free(table->bucket);
    *table = (struct mirror_table){0};
}

void mirror_queue_put(struct mirror_queue *queue, struct mirror_object *object)
{
    object->next = NULL;
    if (queue->last)
        queue->last->next = object;
    else
        queue->first = object;
    queue->last = object;
    queue->count++;
}

struct mirror_object *mirror_queue_get(struct mirror_queue *queue)
{
    struct mirror_object *object = queue->first;
    if (!object)
        return NULL;
    queue->first = object->next;
    if (!queue->first)
        queue->last = NULL;
    queue->count--;
    return object;
}
