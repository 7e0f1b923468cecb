/* SPDX-License-Identifier: Apache-2.0
 * agent/source/lower_tree.h - reads objects of the protected folders, below the capture's cover, by their key. */
#ifndef DR_AGENT_LOWER_TREE_H
#define DR_AGENT_LOWER_TREE_H

#include "agent/source/mirror_job.h"
#include "platform/capture.h"
#include "platform/file_handle.h"

#include <sys/stat.h>

struct lower_root {
    int fd; /* the caller's */
    struct dr_file_handle handle;
};

struct lower_tree {
    unsigned paths;
    struct lower_root root[CAPTURE_PATHS_MAX];
    struct mirror_key key[CAPTURE_PATHS_MAX]; /* of the roots */
};

enum dr_code lower_tree_open(struct lower_tree *tree, const int *root, unsigned paths,
                             struct dr_error *err) DR_MUST_USE;

/* All of these: DR_NOT_FOUND when the object is gone. Any thread. */
enum dr_code lower_tree_look(const struct lower_tree *tree, const struct mirror_key *key, struct mirror_entry *entry,
                             char *link, size_t link_size, struct dr_error *err) DR_MUST_USE;
enum dr_code lower_tree_attributes(const struct lower_tree *tree, const struct mirror_key *key, uint32_t type,
                                   struct mirror_attr *attr, struct dr_error *err) DR_MUST_USE;
enum dr_code lower_tree_list(const struct lower_tree *tree, struct mirror_job *job, struct mirror_reading *reading,
                             struct dr_error *err) DR_MUST_USE;
/* `holes`: the target may have data where there is none here. */
enum dr_code lower_tree_read(const struct lower_tree *tree, struct mirror_job *job, struct mirror_reading *reading,
                             bool holes, struct dr_error *err) DR_MUST_USE;

/* lower_data.c: the bytes of [from, to) as segments of `reading`; fd is at any offset, st its state. */
enum dr_code lower_data_read(int fd, const struct stat *st, struct mirror_job *job, struct mirror_reading *reading,
                             bool holes, struct dr_error *err) DR_MUST_USE;
/* lower_xattr.c: of an open file, or (O_PATH) of what it stands for. */
enum dr_code lower_xattr_read(int fd, bool path_only, struct mirror_attr *attr, struct dr_error *err) DR_MUST_USE;

#endif
