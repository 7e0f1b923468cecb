/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/agent/model_tree.h"

#include <string.h>
#include <sys/stat.h>

void model_object_clear(struct model_object *object, uint32_t type)
{
    memset(object, 0, sizeof *object);
    object->there = true;
    object->type = type;
    for (int i = 0; i < MODEL_NAMES; i++)
        object->entry[i] = -1;
}

void model_tree_init(struct model_tree *tree)
{
    memset(tree, 0, sizeof *tree);
    model_object_clear(&tree->object[0], S_IFDIR);
}

int model_links(const struct model_tree *tree, int object)
{
    int links = 0;
    for (int i = 0; i < MODEL_OBJECTS; i++)
        for (int n = 0; tree->object[i].there && S_ISDIR(tree->object[i].type) && n < MODEL_NAMES; n++)
            links += tree->object[i].entry[n] == object;
    return links;
}

bool model_empty(const struct model_tree *tree, int folder)
{
    for (int n = 0; n < MODEL_NAMES; n++)
        if (tree->object[folder].entry[n] >= 0)
            return false;
    return true;
}

bool model_below(const struct model_tree *tree, int folder, int object)
{
    if (folder == object)
        return true;
    if (!S_ISDIR(tree->object[object].type))
        return false;
    for (int n = 0; n < MODEL_NAMES; n++) {
        int child = tree->object[object].entry[n];
        if (child >= 0 && model_below(tree, folder, child))
            return true;
    }
    return false;
}

void model_resize(struct model_object *object, uint64_t size)
{
    if (size < object->size)
        memset(object->data + size, 0, object->size - size);
    object->size = size;
}

static int object_differs(const struct model_tree *a, const struct model_tree *b, int i)
{
    const struct model_object *x = &a->object[i], *y = &b->object[i];
    if (!y->there || x->type != y->type)
        return __LINE__;
    if (x->attr != y->attr)
        return __LINE__;
    if (x->xattr != y->xattr)
        return __LINE__;
    if (S_ISREG(x->type) && x->size != y->size)
        return __LINE__;
    if (S_ISREG(x->type) && memcmp(x->data, y->data, x->size) != 0)
        return __LINE__;
    for (int n = 0; S_ISDIR(x->type) && n < MODEL_NAMES; n++) {
        if (x->entry[n] != y->entry[n])
            return __LINE__;
        int line = x->entry[n] < 0 ? 0 : object_differs(a, b, x->entry[n]);
        if (line)
            return line;
    }
    return 0;
}

int model_differs(const struct model_tree *a, const struct model_tree *b)
{
    return object_differs(a, b, 0);
}
