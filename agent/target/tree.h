/* SPDX-License-Identifier: Apache-2.0
 * agent/target/tree.h - the protected folders as the applier reaches them: by file id, never by a path. An id is of the
 * tree, or unknown: a peer that makes ids up does not get outside.
 * One thread (the applier), but for tree_handle() and tree_type(). */
#ifndef DR_AGENT_TREE_H
#define DR_AGENT_TREE_H

#include "agent/target/fdcache.h"
#include "agent/target/idmap.h"
#include "agent/target/limbo.h"
#include "agent/target/own.h"
#include "platform/capture.h"

/* The names of one folder, as a mirror lists them in several pieces. */
struct listing {
    struct file_id folder;
    uint8_t *bytes;
    size_t used, room;
};

struct tree {
    enum birth self;
    unsigned paths;
    int root[CAPTURE_PATHS_MAX];
    struct dr_file_handle root_handle[CAPTURE_PATHS_MAX];
    struct idmap *idmap;
    struct own own;
    struct limbo limbo;
    struct fdcache cache;
    struct table folder_mtimes[CAPTURE_PATHS_MAX]; /* folder -> the mtime it shall have once settled */
    bool mixed;                                    /* a mirror is under way: an unknown id is what its pieces bring */
    bool replaying;                                /* the folders may be ahead of the record in hand */
    uint64_t seq;                                  /* of the record in hand, replaying */
    struct table placed_last; /* folder -> seq of the last record of the log that gives or takes it a name */
    struct table stand_ins;   /* folders made in place of those whose end is further on in the log */
    bool keep_orphans;
    struct listing listing;
    msec now; /* time of the batch in hand */
};

enum dr_code tree_open(struct tree *t, const char *state, enum member self, unsigned paths, const int *root,
                       struct dr_error *err) DR_MUST_USE;
void tree_close(struct tree *t);

/* The file's handle, if it is of this tree (it may be gone all the same). Any thread once own_gather() was called. */
bool tree_handle(struct tree *t, const struct file_id *id, uint32_t path, struct dr_file_handle *handle,
                 uint32_t *real_path);
/* What the file of that handle is (S_IFMT bits). Opening a device or a fifo would be felt by whoever is behind it: what
 * is not in the idmap is looked at from outside. Any thread. */
enum dr_code tree_type(struct tree *t, const struct file_id *id, const struct dr_file_handle *handle, uint32_t path,
                       mode_t *type, struct dr_error *err) DR_MUST_USE;
/* The file, open; DR_NOT_FOUND: unknown, or it has no name any more. */
enum dr_code tree_hold(struct tree *t, const struct file_id *id, uint32_t path, struct held **held,
                       struct dr_error *err) DR_MUST_USE;
/* A file that was just made or found under a name, by its descriptor (taken over, also on failure), is `id` now. */
enum dr_code tree_learn(struct tree *t, const struct file_id *id, uint32_t path, int fd, struct held **held,
                        struct dr_error *err) DR_MUST_USE;
/* A folder that is gone already, though the log in hand still puts files into it: an empty one in limbo takes its part
 * until its end comes. */
enum dr_code tree_stand_in(struct tree *t, const struct file_id *id, uint32_t path, struct held **held,
                           struct dr_error *err) DR_MUST_USE;
/* The file has no name any more. */
void tree_forget(struct tree *t, const struct file_id *id);
/* Opens (folder, name), which must not be a link to elsewhere, as struct held wants it. */
enum dr_code tree_open_entry(int folder, const char *name, mode_t type, int *fd, struct dr_error *err) DR_MUST_USE;

/* The mtime that the folder shall have from now on. */
enum dr_code tree_folder_mtime(struct tree *t, const struct held *folder, int64_t mtime_ns,
                               struct dr_error *err) DR_MUST_USE;
/* Names in the folder are about to change: it gets the mtime that the record carries, or (0), while a mirror is under
 * way, keeps the one it has. */
enum dr_code tree_folder_touched(struct tree *t, const struct held *folder, int64_t mtime_ns,
                                 struct dr_error *err) DR_MUST_USE;
/* Sets the mtimes of files idle since `before`; and of the folders. */
enum dr_code tree_settle(struct tree *t, msec before, bool folders, struct dr_error *err) DR_MUST_USE;
/* Everything applied so far survives a power cut. */
enum dr_code tree_sync(struct tree *t, struct dr_error *err) DR_MUST_USE;

#endif
