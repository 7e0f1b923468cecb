/* SPDX-License-Identifier: Apache-2.0
 * agent/target/make.h - a file that the target does not have yet. */
#ifndef DR_AGENT_MAKE_H
#define DR_AGENT_MAKE_H

#include "agent/target/names.h"

/* (folder, name) = r->file. If it is known it is brought there; else it is made, empty, and *made says so. With `adopt`
 * (a mirror) a file of the same type that stands there, and is nobody else's, becomes it. */
enum dr_code make_file(struct tree *t, const struct held *folder, const char *name, const struct record *r,
                       const char *link_target, bool adopt, struct held **file, bool *made,
                       struct dr_error *err) DR_MUST_USE;

#endif
