/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/agent/played.h - an application and its capture, played on a folder: each change is a system call, and
 * then a record in a ring. Several threads may play: each change is one under a lock of its own, so that a change is
 * seen in the folder a moment before its record, as with a real capture. */
#ifndef DR_TESTS_PLAYED_H
#define DR_TESTS_PLAYED_H

#include "agent/source/source_feed.h"

#include <pthread.h>

struct played {
    char folder[128];
    int root;
    void *memory;
    size_t size;
    struct ring *ring;
    int wake;
    pthread_mutex_t lock; /* a change and its record */
    uint64_t changes;
};

/* An empty folder below `base`, and a ring of `size` bytes. */
void played_open(struct played *p, const char *base, size_t size);
void played_close(struct played *p);
struct source_feed played_feed(struct played *p);

struct player {
    struct played *played;
    uint64_t random;
    bool calm; /* small files, and nothing but data: for speed */
};
/* One random change, at a random place. */
void player_change(struct player *player);
/* Appends END_OF_TERM or a mark. */
uint64_t played_append(struct played *p, enum record_op op);

#endif
