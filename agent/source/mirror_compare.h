/* SPDX-License-Identifier: Apache-2.0
 * agent/source/mirror_compare.h - asks the target for hashes of the blocks that a job is about to read. */
#ifndef DR_AGENT_MIRROR_COMPARE_H
#define DR_AGENT_MIRROR_COMPARE_H

#include "agent/source/mirror_job.h"
#include "agent/source/wire_ids.h"
#include "net/conn.h"

struct mirror_compare {
    struct conn *conn;
    const struct wire_ids *ids;
    uint64_t asked, answered;        /* questions, numbered from 1; answers come in order */
    struct mirror_job *first, *last; /* those that wait, in order; `turn` is the next reading to be answered */
    unsigned turn;
};

/* Sends what is to be asked for the job. Then it waits for mirror_compare_answer(). */
enum dr_code mirror_compare_ask(struct mirror_compare *compare, struct mirror_job *job,
                                struct dr_error *err) DR_MUST_USE;
/* Takes one answer in. *job = the job that has all its answers now, or NULL. */
enum dr_code mirror_compare_answer(struct mirror_compare *compare, struct mirror_job **job,
                                   struct dr_error *err) DR_MUST_USE;
bool mirror_compare_wanted(const struct mirror_job *job);
/* The oldest job that waits, taken out: the mirror ends. */
struct mirror_job *mirror_compare_give_up(struct mirror_compare *compare);

#endif
