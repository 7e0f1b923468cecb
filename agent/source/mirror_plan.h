/* SPDX-License-Identifier: Apache-2.0
 * agent/source/mirror_plan.h - decides what a mirror reads and what it puts into the stream, between which records.
 * Reads no file, no clock, knows no thread: events go in (a record of the ring, a piece that was read), records for the
 * target come out. README.md says why the target equals the source in the end. */
#ifndef DR_AGENT_MIRROR_PLAN_H
#define DR_AGENT_MIRROR_PLAN_H

#include "agent/source/mirror_job.h"

struct mirror_plan;

struct mirror_out {
    void *baton;
    /* To the target, in this order. Names lie behind the head in a ring's record only: here they are given apart. */
    void (*emit)(void *baton, const struct record *head, const char *name, const char *name2, const void *data);
    /* What an object is now; `link` has room for MIRROR_LINK_MAX bytes. False: it is gone. */
    bool (*look)(void *baton, const struct mirror_key *key, struct mirror_entry *entry, char *link);
    /* Its attributes as they are now (size is not asked for). False: it is gone. */
    bool (*attributes)(void *baton, const struct mirror_key *key, uint32_t type, struct mirror_attr *attr);
};

struct mirror_plan_config {
    struct mirror_out out;
    unsigned paths;
    const struct mirror_key *root; /* `paths` of them; they outlive the plan */
    bool empty;                    /* the target has nothing that would have to go */
    uint64_t position;             /* the first record that will come is position + 1 */
    uint64_t whole_max, extent;    /* 0: MIRROR_WHOLE_MAX, MIRROR_EXTENT */
};

struct mirror_counts {
    uint64_t files, files_done, bytes, bytes_done, bytes_sent;
};

struct mirror_plan *mirror_plan_create(const struct mirror_plan_config *config);
void mirror_plan_destroy(struct mirror_plan *plan); /* after its jobs were placed or dropped */

/* The next record of the ring. */
void mirror_plan_record(struct mirror_plan *plan, const struct record *r);
/* Fills `job` with something to read; false: nothing for now. */
bool mirror_plan_next(struct mirror_plan *plan, struct mirror_job *job);
/* Puts what was read into the stream. Only once every record up to job->s1 was given to mirror_plan_record(). */
void mirror_plan_place(struct mirror_plan *plan, struct mirror_job *job);
/* The mirror ends without that job. */
void mirror_plan_drop(struct mirror_plan *plan, struct mirror_job *job);

/* Every piece is in: the target is equal once it has all records whose effects could be seen by now. */
bool mirror_plan_done(const struct mirror_plan *plan);
/* Says so to the target, after the last record that was given. */
void mirror_plan_end(struct mirror_plan *plan);
/* No memory: the mirror must end. */
bool mirror_plan_failed(const struct mirror_plan *plan);
void mirror_plan_counts(const struct mirror_plan *plan, struct mirror_counts *counts);

#endif
