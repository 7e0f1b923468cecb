/* SPDX-License-Identifier: Apache-2.0
 * dir.h - open folders. Each open has a lower descriptor of its own, because places in a listing (d_off) belong to the
 * descriptor on some file systems. */
#ifndef DR_CAPTURE_DIR_H
#define DR_CAPTURE_DIR_H

#include "platform/linux/capture/inode.h"

/* Closes the streams of a folder that is forgotten. */
void dir_close_all(struct inode *inode);

#endif
