/* SPDX-License-Identifier: Apache-2.0
 * agent/recorder_file.h - the ring of segment files of one recorder: numbered, the oldest goes when there are too many.
 */
#ifndef DR_AGENT_RECORDER_FILE_H
#define DR_AGENT_RECORDER_FILE_H

#include "agent/config.h"

#define RECORDER_SEGMENTS 8 /* kept, the one being written included */

struct recorder_file {
    char folder[CONFIG_PATH_SIZE];
    int fd; /* -1: none */
    uint64_t number;
    uint64_t size;
};

/* Goes on behind the segments that are there. */
void recorder_file_init(struct recorder_file *file, const char *folder);
/* The next segment; the old ones stay until it has its first chunk. */
enum dr_code recorder_file_next(struct recorder_file *file, struct dr_error *err) DR_MUST_USE;
/* Appends a chunk; what could not be written whole is taken away again. */
enum dr_code recorder_file_append(struct recorder_file *file, const void *chunk, size_t size,
                                  struct dr_error *err) DR_MUST_USE;
/* An empty segment goes. */
void recorder_file_close(struct recorder_file *file);

#endif
