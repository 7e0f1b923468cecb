/* SPDX-License-Identifier: Apache-2.0
 * agent/target/limbo.h - where files wait that have lost their name for now: replaying a log, or a mirror, may take a
 * name from a file before it gives it the next one. One folder per path pair, on that path's file system, made when it
 * is first needed and gone when it is empty. Entries are named by local inode and generation. */
#ifndef DR_AGENT_LIMBO_H
#define DR_AGENT_LIMBO_H

#include "core/error.h"
#include "core/record.h"
#include "platform/capture.h"

#include <sys/stat.h>

/* In the protected folder itself, if the state folder is on another file system: see README.md. */
#define LIMBO_HIDDEN ".drnode-limbo"

struct idmap;

struct limbo {
    const char *state;
    const int *root;
    unsigned paths;
    int fd[CAPTURE_PATHS_MAX]; /* -1: not there */
    bool hidden[CAPTURE_PATHS_MAX];
    uint64_t count; /* files in all of them, at most */
};

/* Finds what a crash left. `state` and `root` stay the caller's. */
enum dr_code limbo_open(struct limbo *l, const char *state, const int *root, unsigned paths,
                        struct dr_error *err) DR_MUST_USE;
void limbo_close(struct limbo *l);

/* (folder, name), which is the file `local`, leaves its folder. */
enum dr_code limbo_take(struct limbo *l, uint32_t path, int folder, const char *name, const struct file_id *local,
                        struct dr_error *err) DR_MUST_USE;
/* A new folder that stands in limbo; *fd is the caller's. */
enum dr_code limbo_make(struct limbo *l, uint32_t path, int *fd, struct dr_error *err) DR_MUST_USE;
/* `local` gets the name, which must be free. DR_NOT_FOUND: it is not in limbo. DR_REFUSED: `folder` is below it. */
enum dr_code limbo_give(struct limbo *l, uint32_t path, const struct file_id *local, int folder, const char *name,
                        struct dr_error *err) DR_MUST_USE;
/* `local` has another name already, or none any more: it need not wait. */
enum dr_code limbo_leave(struct limbo *l, uint32_t path, const struct file_id *local, struct dr_error *err) DR_MUST_USE;

/* Opens the folder in which `local` lies, somewhere in limbo: ".." leads nowhere there. */
enum dr_code limbo_parent(const struct limbo *l, uint32_t path, const struct file_id *local, int *parent,
                          struct dr_error *err) DR_MUST_USE;

/* Nobody comes for the rest: removes it, and the folders. `strict`: that the idmap knows one of them is an error. */
enum dr_code limbo_purge(struct limbo *l, struct idmap *idmap, bool strict, struct dr_error *err) DR_MUST_USE;

#endif
