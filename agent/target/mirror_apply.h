/* SPDX-License-Identifier: Apache-2.0
 * agent/target/mirror_apply.h - pieces of a mirror become true in the folders. Its begin and end are the caller's. */
#ifndef DR_AGENT_MIRROR_APPLY_H
#define DR_AGENT_MIRROR_APPLY_H

#include "agent/target/apply.h"

enum dr_code mirror_apply(struct tree *t, const struct change *c, struct dr_error *err) DR_MUST_USE;
/* Lists of a folder's names that were to be continued, and were not. */
void mirror_reset(struct tree *t);

#endif
