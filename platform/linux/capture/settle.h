/* SPDX-License-Identifier: Apache-2.0
 * settle.h - the mtime of a file that is written again and again. Since Linux 6.13 a file whose times were looked at
 * gets finer ones with its next write, which is a change of its inode in the journal of its file system: asking after
 * every write makes each of them as dear as the first in a tick. So such a file's records carry what the kernel's clock
 * says, at most a tick off, and its true mtime follows once it is idle, and before a freeze or a flip is answered. */
#ifndef DR_CAPTURE_SETTLE_H
#define DR_CAPTURE_SETTLE_H

#include "platform/linux/capture/session.h"

enum dr_code settle_open(struct session *s, struct dr_error *err) DR_MUST_USE;
void settle_close(struct session *s);

/* What fstat says after a write, or nearly. Under the inode's lock. 0, or -errno. */
int settle_stat(struct worker *w, struct inode *inode, int fd, struct stat *st);

/* The rest is for the thread that freezes and flips. Records the mtimes of files that are idle; returns in how many
 * milliseconds it wants to be called again, -1: when settling.wake is readable. */
int settle_idle(struct session *s);
/* Records all of them: nobody is inside the gate. */
void settle_all(struct session *s);
/* Nothing may be recorded any more. */
void settle_none(struct session *s);

#endif
