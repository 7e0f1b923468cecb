/* SPDX-License-Identifier: Apache-2.0
 * tests/tools/tree_compare.h - compares two folders: names, types, contents, sizes, link structure, mode, owner,
 * devices, extended attributes (ACLs among them), mtime. Not atime, ctime, birth time. */
#ifndef DR_TESTS_TREE_COMPARE_H
#define DR_TESTS_TREE_COMPARE_H

#include <stdbool.h>

struct tree_compare {
    unsigned most; /* differences that are named before it stops */
    bool skip_mtime;
    bool skip_folder_mtime;
    void (*say)(void *baton, const char *line);
    void *baton;
};

/* How many differences were found (and named through `say`), at most `most`; -1: a folder cannot be read. */
int tree_compare(const char *a, const char *b, const struct tree_compare *options);

#endif
