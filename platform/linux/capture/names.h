/* SPDX-License-Identifier: Apache-2.0
 * names.h - entries of lower folders: which object a name means, and what a change of names did. */
#ifndef DR_CAPTURE_NAMES_H
#define DR_CAPTURE_NAMES_H

#include "platform/linux/capture/journal.h"
#include "platform/linux/capture/reply.h"

/* The object `name` of folder `dir` and its attributes, with one more reference; -errno. */
int names_get(struct worker *w, int dir, const char *name, struct inode **inode, struct stat *st);
/* Body of a reply: the kernel takes over the reference. */
int names_reply(struct worker *w, const struct inode *inode, const struct stat *st);
/* mtime of a folder after a change; 0 = unknown. */
int64_t names_mtime(int dir);
/* After a change that took a name from `inode` (pinned as `fd`): the names it has left. */
uint32_t names_left(struct worker *w, struct inode *inode, int fd);

#endif
