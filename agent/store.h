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

struct store_record {
    const char *file;
    const void *bytes;
    size_t size;
    struct dr_error err; /* out */
    int fd;              /* of store_write_all()'s own use */
};

/* store_write() of many at a time, which costs a disk hardly more than one: no record is waited for before all are on
 * their way. Each succeeds or fails by itself, in its `err`. No two are of one file. */
void store_write_all(struct store_record *const *records, unsigned count);

/* DR_NOT_FOUND: never written. DR_CORRUPT names the file: bad checksum or length, or more than `room` bytes. */
enum dr_code store_read(const char *file, void *bytes, size_t room, size_t *size, struct dr_error *err) DR_MUST_USE;

#endif
