/* SPDX-License-Identifier: Apache-2.0
 * agent/source/mirror_object.h - the objects that the target has been told of ("announced"), by key. */
#ifndef DR_AGENT_MIRROR_OBJECT_H
#define DR_AGENT_MIRROR_OBJECT_H

#include "agent/source/mirror_job.h"

enum mirror_listed { FOLDER_UNLISTED, FOLDER_LISTING, FOLDER_LISTED };

struct mirror_object {
    struct mirror_key key;
    struct mirror_object *chain;
    struct mirror_object *next; /* of the queue it is in */
    struct mirror_reading *readings;
    uint32_t type;  /* S_IFMT bits */
    uint8_t listed; /* folders: enum mirror_listed */
    bool queued;
    bool gone;        /* forgotten while queued: freed when its turn comes */
    bool sized;       /* regular files: the target has the size, and every record keeps it */
    bool headed;      /* ... and the size was read, or needed no reading */
    bool due;         /* its attributes are to follow once its extents are through */
    uint64_t size;    /* not sized: a hint. Else the least size since it was: the bytes below are the mirror's */
    uint64_t from;    /* extents below are under way or through */
    unsigned extents; /* under way */
};

struct mirror_table {
    struct mirror_object **bucket;
    size_t buckets, count;
};

struct mirror_object *mirror_table_find(const struct mirror_table *table, const struct mirror_key *key);
/* Adds it (the key must be new); NULL: no memory. */
struct mirror_object *mirror_table_add(struct mirror_table *table, const struct mirror_key *key, uint32_t type);
/* Takes it out; it is the caller's (to free) from then on. */
void mirror_table_take(struct mirror_table *table, struct mirror_object *object);
void mirror_table_clear(struct mirror_table *table);

/* First in, first out, through object->next. */
struct mirror_queue {
    struct mirror_object *first, *last;
    size_t count;
};
void mirror_queue_put(struct mirror_queue *queue, struct mirror_object *object);
struct mirror_object *mirror_queue_get(struct mirror_queue *queue);

#endif
