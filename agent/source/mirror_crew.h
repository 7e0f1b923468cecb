/* SPDX-License-Identifier: Apache-2.0
 * agent/source/mirror_crew.h - the threads that read what the plan asks for: two readers, and, when the target has data
 * to compare with, one that first asks it for hashes. */
#ifndef DR_AGENT_MIRROR_CREW_H
#define DR_AGENT_MIRROR_CREW_H

#include "agent/source/lower_tree.h"
#include "agent/source/wire_ids.h"
#include "net/conn.h"

struct ring;
struct mirror_crew;

struct mirror_crew_config {
    const struct lower_tree *tree;
    const struct wire_ids *ids;
    const struct ring *ring; /* its tail is noted after each job */
    int bell;                /* eventfd: rung when a job is done */
    struct conn *hashes;     /* lane mirror; NULL: the target is empty, nothing is compared */
};

enum dr_code mirror_crew_start(struct mirror_crew **crew, const struct mirror_crew_config *config,
                               struct dr_error *err) DR_MUST_USE;
/* Ends the threads (the caller has shut the connection). Every job is given to `drop` first. */
void mirror_crew_stop(struct mirror_crew *crew, void (*drop)(void *baton, struct mirror_job *job), void *baton);

/* An empty job; NULL: as many as there may be are under way. */
struct mirror_job *mirror_crew_spare(struct mirror_crew *crew);
void mirror_crew_submit(struct mirror_crew *crew, struct mirror_job *job);
/* One that is read and whose s1 is not above `position`; NULL: none. It is the caller's until given back. */
struct mirror_job *mirror_crew_done(struct mirror_crew *crew, uint64_t position);
void mirror_crew_give_back(struct mirror_crew *crew, struct mirror_job *job);

#endif
