/* SPDX-License-Identifier: Apache-2.0
 * core/error.h - what went wrong, in one line a person can act on: what was tried, on what, what to do.
 * Libraries fill it and return its code; only programs print or log it. */
#ifndef DR_CORE_ERROR_H
#define DR_CORE_ERROR_H

enum dr_code {
    DR_OK = 0,
    DR_INVALID,   /* bad input or configuration: the text names file, line, field, bound */
    DR_NOT_FOUND, /* what was named is not there */
    DR_IO,        /* the system refused (errno's words are in the text) */
    DR_PROTOCOL,  /* bytes from outside that no peer of ours would send */
    DR_REFUSED,   /* understood and declined: old term, foreign peer, wrong state */
    DR_BUSY,      /* try again later: port in use, folder in use */
    DR_TIMEOUT,
    DR_CLOSED, /* the other side went away */
    DR_FULL,   /* disk, memory or table full */
    DR_CORRUPT /* durable state that fails its checks: the text names the file */
};

#define DR_ERROR_TEXT 512
struct dr_error {
    enum dr_code code;
    char text[DR_ERROR_TEXT]; /* one line, no newline, always terminated */
};

#define DR_MUST_USE __attribute__((warn_unused_result))

/* Fills *err and returns `code`, so that a failing function ends in `return dr_fail(err, ...)`. */
enum dr_code dr_fail(struct dr_error *err, enum dr_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " before the text of an error that came from below; returns err->code. */
enum dr_code dr_within(struct dr_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
