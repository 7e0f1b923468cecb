/* SPDX-License-Identifier: Apache-2.0
 * agent/store.h - small durable records, each a file of its own: what was stored is there after a power cut, whole, or
 * what was stored before. */
#ifndef DR_AGENT_STORE_H
#define DR_AGENT_STORE_H

#include "core/error.h"
#include "core/types.h"

#define STORE_RECORD_MAX (64u << 10)

/* Temporary file, fdatasync, rename, fsync of the folder. Returns when it is durable; on failure the old record stays,
 * or (if only the last step failed) either of the two. */
enum dr_code store_write(const char *file, const void *bytes, size_t size, struct dr_error *err) DR_MUST_USE;

/* DR_NOT_FOUND: never written. DR_CORRUPT names the file: bad checksum or length, or more than `room` bytes. */
enum dr_code store_read(const char *file, void *bytes, size_t room, size_t *size, struct dr_error *err) DR_MUST_USE;

#endif
