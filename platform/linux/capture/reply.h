/* SPDX-License-Identifier: Apache-2.0
 * reply.h - the bodies of replies, written into w->answer. */
#ifndef DR_CAPTURE_REPLY_H
#define DR_CAPTURE_REPLY_H

#include "platform/linux/capture/fuse_abi.h"
#include "platform/linux/capture/session.h"

/* How long the kernel may believe what it was told: for ever while only it changes things, not at all on a slave. */
uint64_t reply_valid(const struct worker *w);
void reply_attr(struct fuse_attr *attr, const struct stat *st);
/* Fills an entry; the kernel holds a reference to `inode` from then on. */
void reply_entry(const struct worker *w, struct fuse_entry_out *out, const struct inode *inode, const struct stat *st);
/* FOPEN_* for an open with request.flags. */
uint32_t reply_open_flags(const struct worker *w);
/* Sends error or body. */
void reply_send(const struct worker *w, int result);

#endif
