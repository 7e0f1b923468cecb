/* SPDX-License-Identifier: Apache-2.0
 * agent/target/names.h - (folder, name) = file, whatever stands there and wherever the file is now. In order of records
 * each of these is one system call; replaying a log, or in a mirror, the folders may be ahead of the record or strange
 * to it, and what is in the way waits in limbo. */
#ifndef DR_AGENT_NAMES_H
#define DR_AGENT_NAMES_H

#include "agent/target/tree.h"

struct standing {
    bool there;
    struct stat st;
    struct file_id local; /* its inode here */
    struct file_id id;    /* and for life */
};

enum dr_code names_look(struct tree *t, const struct held *folder, const char *name, struct standing *s,
                        struct dr_error *err) DR_MUST_USE;
/* Nothing stands at (folder, name) afterwards. A file whose last name that was waits in limbo. */
enum dr_code names_clear(struct tree *t, const struct held *folder, const char *name, const struct standing *s,
                         struct dr_error *err) DR_MUST_USE;
/* (folder, name) = file. A file's other names stay, a folder's go. */
enum dr_code names_place(struct tree *t, const struct held *folder, const char *name, const struct held *file,
                         struct dr_error *err) DR_MUST_USE;
/* (folder, name) no longer names `id`, which has `links` names left. */
enum dr_code names_remove(struct tree *t, const struct held *folder, const char *name, const struct file_id *id,
                          uint32_t links, struct dr_error *err) DR_MUST_USE;
/* `id` has no name any more, and no future. */
enum dr_code names_end(struct tree *t, const struct file_id *id, uint32_t path, struct dr_error *err) DR_MUST_USE;

struct move {
    struct held *from, *to;
    const char *name, *name2;
    const struct held *file;
    struct file_id other; /* stood at (to, name2) */
    uint32_t links;       /* names that `other` has left */
};
enum dr_code names_rename(struct tree *t, const struct move *m, struct dr_error *err) DR_MUST_USE;
/* (from, name) = other, (to, name2) = file. */
enum dr_code names_exchange(struct tree *t, const struct move *m, const struct held *other,
                            struct dr_error *err) DR_MUST_USE;

#endif
