/* SPDX-License-Identifier: Apache-2.0
 * base/log.h - what happened, a line each: time, level, rule, event, text. log_write() only copies into memory: a
 * thread of the log's own writes to FOLDER/NAME, FOLDER/rule-ID.log and (in the foreground) stderr, so that no full,
 * slow or broken disk holds up a heartbeat. Lines that found no room are counted and the count is written. */
#ifndef DR_BASE_LOG_H
#define DR_BASE_LOG_H

#include "core/error.h"
#include "core/types.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

#define LOG_TEXT_SIZE  512
#define LOG_EVENT_SIZE 32
#define LOG_KEPT       1024 /* lines that log_recent() can still tell */

struct log_config {
    const char *folder; /* NULL: no files */
    const char *name;   /* of the file in it; rules have files of their own beside it */
    bool foreground;    /* stderr too */
    enum log_level least;
    uint64_t file_bytes; /* a file that grew beyond it is rotated */
    unsigned files;      /* old ones that are kept */
};

struct log_line {
    uint64_t number; /* from 1 */
    int64_t time_ms; /* since 1970, UTC */
    enum log_level level;
    struct dr_id rule;          /* empty: of the node */
    char event[LOG_EVENT_SIZE]; /* what happened, as a word for programs: take_over, line_down, ... */
    char text[LOG_TEXT_SIZE];
};

struct log;

enum dr_code log_open(struct log **log, const struct log_config *config, struct dr_error *err) DR_MUST_USE;
/* Writes what is left. */
void log_close(struct log *log);

/* Any thread; `rule` may be NULL. Control characters in the text become spaces: a line stays a line. */
void log_write(struct log *log, enum log_level level, const struct dr_id *rule, const char *event, const char *format,
               ...) __attribute__((format(printf, 5, 6)));

/* Lines after number `after`, oldest first, at most `room`; of one rule (and the node's own), or all if it is NULL. */
unsigned log_recent(struct log *log, const struct dr_id *rule, uint64_t after, struct log_line *line, unsigned room);

const char *log_level_name(enum log_level level);

#endif
