/* SPDX-License-Identifier: Apache-2.0
 * console/backup/archive_file.h - a file whose last 32 bytes are the SHA-256 of what stands before them. */
#ifndef DR_CONSOLE_BACKUP_ARCHIVE_FILE_H
#define DR_CONSOLE_BACKUP_ARCHIVE_FILE_H

#include "core/error.h"
#include "core/types.h"

#include <openssl/evp.h>

#define ARCHIVE_SUM_SIZE 32

struct archive_file {
    int fd;
    EVP_MD_CTX *sum;
};

/* 0600; DR_REFUSED: it is there. */
enum dr_code archive_file_create(struct archive_file *file, const char *path, struct dr_error *err) DR_MUST_USE;
/* False: errno says why. */
bool archive_file_write(struct archive_file *file, const void *bytes, size_t size);
/* Its end; synced. */
bool archive_file_seal(struct archive_file *file);
void archive_file_close(struct archive_file *file);

/* For reading, from its begin; its sum fits. `size`: without the sum. */
enum dr_code archive_file_open(int *fd, uint64_t *size, const char *path, struct dr_error *err) DR_MUST_USE;

#endif
