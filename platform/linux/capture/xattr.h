/* SPDX-License-Identifier: Apache-2.0
 * xattr.h - extended attributes of lower objects, ACLs among them. */
#ifndef DR_CAPTURE_XATTR_H
#define DR_CAPTURE_XATTR_H

#include "platform/linux/capture/session.h"

/* Does folder `dir` hand ACLs down? */
bool xattr_has_default_acl(int dir);
/* Records the ACLs that a new object has from its folder. */
void xattr_record_inherited(struct worker *w, struct inode *inode);

#endif
