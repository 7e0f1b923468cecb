/* SPDX-License-Identifier: Apache-2.0
 * platform/load.h - how much of this host's memory, processors and file systems is in use, in percent. */
#ifndef DR_PLATFORM_LOAD_H
#define DR_PLATFORM_LOAD_H

#include "core/error.h"
#include "core/types.h"

/* What cannot be given to programs without swapping, of all there is. */
enum dr_code load_memory(unsigned *percent, struct dr_error *err) DR_MUST_USE;

/* Time of all processors since the start of the system, in ticks. The use between two moments is the share of busy. */
struct load_cpu {
    uint64_t busy, total;
};
enum dr_code load_cpu(struct load_cpu *now, struct dr_error *err) DR_MUST_USE;
/* DR_FULL: no tick has passed between the two. */
enum dr_code load_cpu_between(unsigned *percent, const struct load_cpu *before, const struct load_cpu *now,
                              struct dr_error *err) DR_MUST_USE;

/* Of the file system that holds `folder`, as df counts: what only root may use is no part of it. Waits for as long as
 * that file system does: only for a child that can be killed. DR_NOT_FOUND: there is no such folder. */
enum dr_code load_disk(unsigned *percent, const char *folder, struct dr_error *err) DR_MUST_USE;

#endif
