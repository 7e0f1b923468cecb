/* SPDX-License-Identifier: Apache-2.0
 * agent/target/walk.h - every entry below a folder, without recursion and with one descriptor at a time. */
#ifndef DR_AGENT_WALK_H
#define DR_AGENT_WALK_H

#include "platform/file_handle.h"

/* (folder, name) is the file of that handle. Anything but DR_OK ends the walk, and is what it returns. */
typedef enum dr_code walk_visitor(void *baton, int folder, const char *name, const struct dr_file_handle *handle,
                                  struct dr_error *err);
/* `mount`: any descriptor of the mount through which folders shall be opened. What vanishes meanwhile is passed over.
 */
enum dr_code walk_tree(int mount, int top, walk_visitor *visit, void *baton, struct dr_error *err) DR_MUST_USE;

#endif
