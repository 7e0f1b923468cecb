/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/agent/model_source.h - an application and its capture on a model tree: each change is carried out first
 * and recorded later, under the locks that the capture holds between the two; other changes come in between. */
#ifndef DR_TESTS_MODEL_SOURCE_H
#define DR_TESTS_MODEL_SOURCE_H

#include "core/record.h"
#include "tests/unit/agent/model_tree.h"

#define MODEL_RECORDS   512
#define MODEL_UNDER_WAY 3

struct model_change { /* carried out, not recorded yet */
    struct record *record;
    int lock[4];
    int locks;
};

struct model_source {
    struct model_tree tree;
    int made; /* objects ever */
    struct model_change change[MODEL_UNDER_WAY];
    int changes;
    struct record *record[MODEL_RECORDS]; /* the ring: [seq - 1] */
    uint64_t tail;
    uint64_t random;
};

void model_source_init(struct model_source *source, uint64_t seed);
void model_source_clear(struct model_source *source);
unsigned model_random(struct model_source *source, unsigned below);
/* Tries one random change; nothing happens if it is not possible. */
void model_source_change(struct model_source *source);
/* Records one of the changes under way; false: there is none. */
bool model_source_commit(struct model_source *source);

#endif
