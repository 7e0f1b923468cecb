/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/agent/world.h - a small file tree in memory that changes at random, and says each change as a record. The
 * same seed gives the same life, so the tree after any number of records can be had again, to be compared with a
 * folder. */
#ifndef DR_TESTS_WORLD_H
#define DR_TESTS_WORLD_H

#include "core/record.h"

#define WORLD_OBJECTS 48
#define WORLD_ENTRIES 96
#define WORLD_BYTES   (24u << 10)
#define WORLD_STREAM  0x77u

struct world_object {
    bool live;
    uint32_t number; /* inode number in ids: never used twice */
    uint32_t mode, uid, gid, links;
    int64_t mtime_ns;
    uint32_t size;
    uint8_t data[WORLD_BYTES];
    char xattr[16]; /* value of user.world; empty = none */
};

struct world_entry {
    int parent, object; /* parent -1: free */
    char name[8];
};

struct world {
    uint64_t random, seq, term;
    uint32_t next_number;
    struct world_object object[WORLD_OBJECTS]; /* 0 is the root */
    struct world_entry entry[WORLD_ENTRIES];
};

/* A record with room for what follows its head. */
struct world_record {
    struct record head;
    uint8_t body[WORLD_BYTES + 512];
};

void world_init(struct world *w, uint64_t seed);
/* One change; `r` is it. */
void world_step(struct world *w, struct world_record *r);
uint64_t world_random(struct world *w, uint64_t below);

struct file_id world_id(const struct world *w, int object);
/* Fills r->body and the lengths in the head. */
void world_body(struct world_record *r, const char *name, const char *name2, const void *data, size_t size);
/* The pieces of a mirror of the whole tree, from BEGIN to END, one after another through `send`. */
void world_mirror(const struct world *w, void (*send)(void *baton, const struct world_record *r), void *baton);

/* Compares the folder with the tree; false and *why: the first difference. */
bool world_same(const struct world *w, int folder, char why[256]);

#endif
