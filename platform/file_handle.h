/* SPDX-License-Identifier: Apache-2.0
 * platform/file_handle.h - a file by its inode and generation instead of a name or an open descriptor. */
#ifndef DR_PLATFORM_FILE_HANDLE_H
#define DR_PLATFORM_FILE_HANDLE_H

#include "core/error.h"
#include "core/record.h"

#define FILE_HANDLE_BYTES 40u
/* Fits in a mapped file: no pointers. (dr_: <fcntl.h> has a struct file_handle of its own.) */
struct dr_file_handle {
    uint8_t type;
    uint8_t size;
    uint8_t bytes[FILE_HANDLE_BYTES];
};

/* Of the entry `name` in folder `dir` (no link is followed), or of `dir` itself when name is "". DR_NOT_FOUND. */
enum dr_code file_handle_at(int dir, const char *name, struct dr_file_handle *handle, struct dr_error *err) DR_MUST_USE;
/* {ino, gen, BIRTH_LOCAL}: known for ext4, xfs, btrfs and tmpfs; other systems get a hash of the handle as gen. */
struct file_id file_handle_id(const struct dr_file_handle *handle);
/* The way back, with `like` any handle of the same file system. DR_INVALID where the system is not known. */
enum dr_code file_handle_of_id(const struct file_id *id, const struct dr_file_handle *like,
                               struct dr_file_handle *handle, struct dr_error *err) DR_MUST_USE;
/* Opens it with open(2)'s flags; `mount` is any descriptor of its file system. DR_NOT_FOUND: it is gone. */
enum dr_code file_handle_open(int mount, const struct dr_file_handle *handle, int flags, int *fd,
                              struct dr_error *err) DR_MUST_USE;

#endif
