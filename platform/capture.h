/* SPDX-License-Identifier: Apache-2.0
 * platform/capture.h - catching every change of a rule's protected folders, in order.
 * A driver runs in its own process (drcapture), which covers the folders and owns the ring; drnode attaches
 * to it, may die and attach again. Drivers stack or coexist: fuse now, sfs and dirwatch later. */
#ifndef DR_PLATFORM_CAPTURE_H
#define DR_PLATFORM_CAPTURE_H

#include "core/error.h"
#include "core/ring.h"

#define CAPTURE_PATHS_MAX 16

/* What the application may do in the folders. READ_ONLY is EROFS for everybody. */
enum capture_mode { CAPTURE_READ_ONLY = 0, CAPTURE_READ_WRITE = 1 };

struct capture_config {
    const char *rule;                           /* its id, for messages */
    const char *socket;                         /* where drnode attaches (a path below 0700) */
    unsigned paths;                             /* 1..CAPTURE_PATHS_MAX */
    const char *folder[CAPTURE_PATHS_MAX];      /* absolute; exist; not nested in each other */
    size_t memory;                              /* bytes of ring */
    bool force;                                 /* go on although preflight found something */
    void (*say)(void *baton, const char *line); /* notes for the log, findings of preflight; gets NULL */
};

/* ---- the process that captures ---- */

/* Names, one line each through `say`, what would bypass or break capture of folder[which]: open files, cwd, maps,
 * mounts of the same tree, sub-mounts, symlinks that lead out of all `folders` of the rule, swap. Returns how many were
 * named. */
unsigned capture_preflight(const char *const *folder, unsigned folders, unsigned which,
                           void (*say)(void *baton, const char *line), void *baton);

/* Covers the folders (READ_ONLY at first) and serves until told to stop (by a link, or SIGTERM); then
 * uncovers. Calls `ready` once everything is mounted and the socket listens. */
enum dr_code capture_serve(const struct capture_config *config, void (*ready)(void *baton), void *baton,
                           struct dr_error *err) DR_MUST_USE;

/* ---- drnode's side ---- */

#define CAPTURE_FOLDERS DR_ERROR_TEXT

struct capture_link; /* one attachment; not for two threads at once */

struct capture_info {
    struct ring *ring; /* mapped here */
    unsigned paths;
    int root[CAPTURE_PATHS_MAX]; /* folder descriptors below the cover; open_by_handle_at works on them */
    int wake;                    /* eventfd: readable after a commit that ring_sleep() asked to hear of */
    enum capture_mode mode;      /* when we attached: it outlived the drnode that set it */
    term_no term;
    int64_t pid;                   /* of that process */
    msec lease;                    /* until when, as capture_lease() said; 0 = for ever */
    size_t memory;                 /* as in capture_config */
    char folders[CAPTURE_FOLDERS]; /* ... each followed by a line feed; "": they do not fit, or it does not tell */
};

/* DR_NOT_FOUND: no such process. Owned by the caller until capture_detach, which stops nothing. */
enum dr_code capture_attach(struct capture_link **link, const char *socket, struct dr_error *err) DR_MUST_USE;
void capture_detach(struct capture_link *link);
const struct capture_info *capture_info(const struct capture_link *link);
/* False: the process has ended, or did not answer in time: detach. Any thread. */
bool capture_lives(const struct capture_link *link);

/* Flip. To READ_ONLY: returns when no change can happen any more; *seq = the last record there will be. To
 * READ_WRITE: in `term`, which must not be lower than any before; what the kernel cached is dropped. */
enum dr_code capture_flip(struct capture_link *link, enum capture_mode mode, term_no term, uint64_t *seq,
                          struct dr_error *err) DR_MUST_USE;
/* READ_WRITE ends by itself at `until` (of clock_now()'s clock), as if flipped: so a master whose drnode is killed,
 * stopped or hung lets go with no code of drnode's running, and one that comes back before that goes on as if nothing
 * had been. Given before the flip to READ_WRITE (which is DR_REFUSED once it is over), and again to renew: DR_REFUSED
 * once the mode has ended. 0: for ever, which is how a driver starts. */
enum dr_code capture_lease(struct capture_link *link, msec until, struct dr_error *err) DR_MUST_USE;
/* Renews it as capture_lease() does, but never waits, and asks nobody. Any thread. */
enum dr_code capture_renew(const struct capture_link *link, msec until, struct dr_error *err) DR_MUST_USE;
/* Appends a record that no request made (RECORD_END_OF_TERM, RECORD_MARK with `text`). */
enum dr_code capture_append(struct capture_link *link, enum record_op op, const char *text, uint64_t *seq,
                            struct dr_error *err) DR_MUST_USE;
/* Holds back new changes for at most `limit` (<= 10 s), then lets go by itself; *seq = the last record
 * before. */
enum dr_code capture_freeze(struct capture_link *link, msec limit, uint64_t *seq, struct dr_error *err) DR_MUST_USE;
enum dr_code capture_thaw(struct capture_link *link, struct dr_error *err) DR_MUST_USE;
/* A new stream in the same ring, after it broke or before a mirror. */
enum dr_code capture_restart(struct capture_link *link, uint64_t stream, struct dr_error *err) DR_MUST_USE;
/* Uncovers the folders and ends the process. */
enum dr_code capture_stop(struct capture_link *link, struct dr_error *err) DR_MUST_USE;

#endif
