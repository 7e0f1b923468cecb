/* SPDX-License-Identifier: Apache-2.0
 * flip.h - commands that concern all requests: who may change things, until when, and what comes after. */
#ifndef DR_CAPTURE_FLIP_H
#define DR_CAPTURE_FLIP_H

#include "platform/linux/capture/session.h"

enum dr_code flip_to(struct session *s, enum capture_mode mode, term_no term, uint64_t *seq,
                     struct dr_error *err) DR_MUST_USE;
enum dr_code flip_append(struct session *s, enum record_op op, const char *text, uint64_t *seq,
                         struct dr_error *err) DR_MUST_USE;
enum dr_code flip_lease(struct session *s, msec until, struct dr_error *err) DR_MUST_USE;
/* Milliseconds until the lease ends, -1 if it does not; when it is over it is as if flipped. */
int flip_lapse(struct session *s);
uint64_t flip_freeze(struct session *s, msec limit);
/* Between two changes. */
void flip_restart(struct session *s, uint64_t stream);

#endif
