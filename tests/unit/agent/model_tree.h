/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/agent/model_tree.h - a very small file system in memory, for the source and for the target of the mirror
 * model test: a dozen objects, four names, files of some bytes. */
#ifndef DR_TESTS_MODEL_TREE_H
#define DR_TESTS_MODEL_TREE_H

#include "agent/source/mirror_job.h"

#define MODEL_LIVE    36 /* objects of the source, numbered as they are made: keys are {number + 1, 0} */
#define MODEL_OBJECTS 48 /* those above MODEL_LIVE: what the target had before */
#define MODEL_NAMES   4
#define MODEL_BYTES   12

struct model_object {
    bool there;
    bool open; /* lives on without a name */
    uint32_t type;
    uint32_t attr, xattr;
    uint64_t size;
    uint8_t data[MODEL_BYTES];
    int entry[MODEL_NAMES]; /* folders: object, or -1 */
};

struct model_tree {
    struct model_object object[MODEL_OBJECTS]; /* 0 is the root */
};

void model_tree_init(struct model_tree *tree);
int model_links(const struct model_tree *tree, int object);
bool model_empty(const struct model_tree *tree, int folder);
/* `folder` is `object` or below it. */
bool model_below(const struct model_tree *tree, int folder, int object);
void model_object_clear(struct model_object *object, uint32_t type);
void model_resize(struct model_object *object, uint64_t size);
/* 0, or the line of what differs first. */
int model_differs(const struct model_tree *a, const struct model_tree *b);

#endif
