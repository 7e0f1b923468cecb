/* SPDX-License-Identifier: Apache-2.0
 * console/backup/archive.h - several files as one: a first line, of each file its name, mode, size and bytes, an empty
 * name, and the SHA-256 of all that. */
#ifndef DR_CONSOLE_BACKUP_ARCHIVE_H
#define DR_CONSOLE_BACKUP_ARCHIVE_H

#include "core/error.h"
#include "core/types.h"

#include <stdio.h>

#define ARCHIVE_FIRST     "drconsole backup 1\n"
#define ARCHIVE_NAME_SIZE 256
#define ARCHIVE_HEAD_SIZE (2 + ARCHIVE_NAME_SIZE + 4 + 8) /* at most */

struct archive_head {
    char name[ARCHIVE_NAME_SIZE]; /* relative, below the folder that is restored; empty: the end */
    uint32_t mode;                /* permissions */
    uint64_t size;
};

/* Bytes written into `bytes`. */
size_t archive_head_encode(uint8_t bytes[ARCHIVE_HEAD_SIZE], const struct archive_head *head);
/* Bytes taken; 0: it is none, or its name would leave the folder. */
size_t archive_head_decode(struct archive_head *head, const uint8_t *bytes, size_t size);

struct archive;

/* Makes FILE (0600). DR_REFUSED: it is there. */
enum dr_code archive_create(struct archive **archive, const char *file, struct dr_error *err) DR_MUST_USE;
/* The file `path`, under `name`. */
enum dr_code archive_add(struct archive *archive, const char *path, const char *name, struct dr_error *err) DR_MUST_USE;
/* Synced. On failure of this or any other FILE is removed. */
enum dr_code archive_finish(struct archive *archive, struct dr_error *err) DR_MUST_USE;
void archive_abandon(struct archive *archive);

/* Checks all of it first, then writes its files below `folder`, which must be empty. DR_CORRUPT: it is cut off, or was
 * changed. */
enum dr_code archive_extract(const char *file, const char *folder, struct dr_error *err) DR_MUST_USE;

#endif
