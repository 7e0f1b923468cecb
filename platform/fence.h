/* SPDX-License-Identifier: Apache-2.0
 * platform/fence.h - a gate before virtual addresses in the kernel's packet filter: nothing reaches or leaves them, and
 * nobody answers for them, unless the gate is open; and it shuts by itself, to the millisecond. The lifetime of an
 * address (platform/vip.h) has whole seconds. When it is over is looked at with each packet, so a host that stood still
 * finds it shut with the first one. It does not count suspend. */
#ifndef DR_PLATFORM_FENCE_H
#define DR_PLATFORM_FENCE_H

#include "core/error.h"
#include "core/types.h"

struct vip; /* platform/vip.h */

struct fence {
    char name[64]; /* of its tables */
    const struct vip *vip;
    unsigned vips;
};

/* Makes it, shut; in place of one that is there. DR_NOT_FOUND names what has to be installed. */
enum dr_code fence_build(const struct fence *fence, struct dr_error *err) DR_MUST_USE;
/* DR_NOT_FOUND: it is not built (any more). */
enum dr_code fence_open(const struct fence *fence, msec lifetime, struct dr_error *err) DR_MUST_USE;
/* DR_NOT_FOUND: it is shut, and stays so: a late renewal must not open it again. */
enum dr_code fence_extend(const struct fence *fence, msec lifetime, struct dr_error *err) DR_MUST_USE;
/* Not being built is success, here and below. */
enum dr_code fence_shut(const struct fence *fence, struct dr_error *err) DR_MUST_USE;
enum dr_code fence_is_open(const struct fence *fence, bool *open, struct dr_error *err) DR_MUST_USE;
/* Its addresses may be used by everybody again. */
enum dr_code fence_remove(const struct fence *fence, struct dr_error *err) DR_MUST_USE;

#endif
