/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/authority.h - the end of a rule's authority, in memory that children see too: what mounts a disk takes
 * longer than the authority it begins with lasts, and may go on only as long as that is prolonged. */
#ifndef DR_AGENT_RULE_AUTHORITY_H
#define DR_AGENT_RULE_AUTHORITY_H

#include "core/error.h"
#include "core/types.h"

struct authority {
    int fd;               /* a child that has it as its stdin reads with authority_here() */
    _Atomic int64_t *end; /* of clock_now()'s clock; written by the decision thread alone */
};

enum dr_code authority_create(struct authority *authority, struct dr_error *err) DR_MUST_USE;
void authority_destroy(struct authority *authority); /* zeros are fine */

/* In the child. NULL: stdin is no authority. */
const _Atomic int64_t *authority_here(void);

#endif
