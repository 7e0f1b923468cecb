/* SPDX-License-Identifier: Apache-2.0
 * agent/target/aside.h - target state that is damaged, out of the way, on a person's word. */
#ifndef DR_AGENT_TARGET_ASIDE_H
#define DR_AGENT_TARGET_ASIDE_H

#include "core/error.h"
#include "core/types.h"

/* The end of an error that names what is damaged. */
#define ASIDE_REMEDY                                                                                                   \
    "`drctl --local rejoin` puts the rule's target state aside, and everything is compared with the master again"

/* Renames the folder `state` to STATE.damaged (or .damaged-2, ...: none is overwritten), and leaves one in its place
 * that is `mixed` in `term`: until a mirror has brought it level it is nobody's copy. A power cut leaves the old or the
 * new. DR_BUSY: somebody works on it. */
enum dr_code aside_put(const char *state, term_no term, struct dr_error *err) DR_MUST_USE;

#endif
