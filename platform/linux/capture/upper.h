/* SPDX-License-Identifier: Apache-2.0
 * upper.h - a mount of ours over each protected folder, and a private clone of what lies below. */
#ifndef DR_CAPTURE_UPPER_H
#define DR_CAPTURE_UPPER_H

#include "platform/linux/capture/session.h"

/* A dead capture process left its mount over the folder, which answers ENOTCONN to everything. */
bool upper_is_dead(const char *folder);
/* That the folder can be protected. */
enum dr_code upper_check(const char *folder, struct dr_error *err) DR_MUST_USE;
/* Takes a dead mount away, clones, opens /dev/fuse, mounts. */
enum dr_code upper_open(struct mount *mount, const char *folder, unsigned path, unsigned fds_max, bool several,
                        struct dr_error *err) DR_MUST_USE;
/* Unmounts; if it is busy, by force, and says who kept it busy. */
void upper_close(struct mount *mount, void (*say)(void *baton, const char *line), void *baton);
/* Releases what upper_open took, once no thread serves it any more. */
void upper_drop(struct mount *mount);
/* Drops what the kernel believes about names, attributes and contents. Not from a thread that serves. */
void upper_forget(struct mount *mount);

#endif
