/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/source/name_set.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static struct name_note **slot_of(const struct name_set *set, const char *name, size_t length)
{
    return &set->bucket[XXH3_64bits(name, length) & (set->buckets - 1)];
}

const struct name_note *name_set_find(const struct name_set *set, const char *name, size_t length)
{
    if (!set->buckets)
        return NULL;
    struct name_note *note = *slot_of(set, name, length);
    while (note && (note->length != length || memcmp(note->name, name, length) != 0))
        note = note->chain;
    return note;
}

static bool grow(struct name_set *set)
{
    if (set->count < set->buckets)
        return true;
    unsigned buckets = set->buckets ? 4 * set->buckets : 16;
    struct name_note **bucket = calloc(buckets, sizeof *bucket);
    if (!bucket)
        return false;
    free(set->bucket);
    set->bucket = bucket;
    set->buckets = buckets;
    for (struct name_note *note = set->all; note; note = note->next) {
        struct name_note **slot = slot_of(set, note->name, note->length);
        note->chain = *slot;
        *slot = note;
    }
    return true;
}

bool name_set_put(struct name_set *set, const char *name, size_t length, bool present)
{
    struct name_note *note = (struct name_note *)name_set_find(set, name, length);
    if (!note) {
        if (!grow(set) || !(note = malloc(sizeof *note + length)))
            return false;
        note->length = (uint16_t)length;
        memcpy(note->name, name, length);
        struct name_note **slot = slot_of(set, name, length);
        note->chain = *slot;
        *slot = note;
        note->next = set->all;
        set->all = note;
        set->count++;
    }
    note->present = present;
    return true;
}

void name_set_clear(struct name_set *set)
{
    while (set->all) {
        struct name_note *note = set->all;
        set->all = note->next;
        free(note);
    }
    free(set->bucket);
    *set = (struct name_set){0};
}
