/* SPDX-License-Identifier: Apache-2.0
 * base/log_file.h - one log file that is rotated by size: NAME, NAME.1 (the newest old one), NAME.2, ... */
#ifndef DR_BASE_LOG_FILE_H
#define DR_BASE_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_FILE_PATH 4096

struct log_file {
    char path[LOG_FILE_PATH];
    int fd; /* -1: closed; the next line tries to open it */
    uint64_t size, limit;
    unsigned kept; /* old files */
};

/* False if the path is too long. Opens nothing yet. */
bool log_file_init(struct log_file *file, const char *folder, const char *name, uint64_t limit, unsigned kept);
/* One whole line with its newline, or nothing of it: false, and a later call tries again. */
bool log_file_append(struct log_file *file, const char *line, size_t length);
void log_file_close(struct log_file *file);

#endif
