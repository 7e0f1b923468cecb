/* SPDX-License-Identifier: Apache-2.0
 * agent/target/apply.h - one record, or piece of a mirror, becomes true in the folders. */
#ifndef DR_AGENT_APPLY_H
#define DR_AGENT_APPLY_H

#include "agent/target/tree.h"

/* What a record says, with its names terminated. */
struct change {
    const struct record *r;
    char name[RECORD_NAME_MAX + 1];
    char name2[RECORD_NAME_MAX + 1];
    const uint8_t *data;
};

struct change change_of(const struct record *r, const uint8_t *body);

/* Whatever the peer sent that is well formed but makes no sense (ids that cannot be there, a fallocate that is none):
 * DR_PROTOCOL. Checked when it comes in, before it is logged. */
enum dr_code change_check(const struct record *r, unsigned paths, struct dr_error *err) DR_MUST_USE;

/* Repeating it changes nothing; after a failure it may be tried again. DR_CORRUPT: it does not fit what is here. */
enum dr_code apply(struct tree *t, const struct change *c, struct dr_error *err) DR_MUST_USE;

#endif
