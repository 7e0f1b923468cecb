/* SPDX-License-Identifier: Apache-2.0
 * agent/target/journal.h - records that are durable and perhaps not applied yet: segments of chunks, a file each, named
 * by the first seq in it. One thread appends, another may drop or clear. */
#ifndef DR_AGENT_JOURNAL_H
#define DR_AGENT_JOURNAL_H

#include "agent/target/chunk.h"
#include "core/error.h"

struct journal;

/* `folder` is made if missing. Cuts a torn tail; DR_CORRUPT names the segment that is broken in its middle. */
enum dr_code journal_open(struct journal **log, const char *folder, size_t segment_bytes,
                          struct dr_error *err) DR_MUST_USE;
void journal_close(struct journal *log);

/* Appends one chunk and makes it durable. `bytes` has CHUNK_HEAD bytes of room before the k->size bytes of payload. On
 * failure nothing of it is there, and it may be tried again. */
enum dr_code journal_append(struct journal *log, uint8_t *bytes, const struct chunk *k,
                            struct dr_error *err) DR_MUST_USE;
/* Segments whose records all have seq or less are removed. */
enum dr_code journal_drop(struct journal *log, uint64_t seq, struct dr_error *err) DR_MUST_USE;
/* Everything is. */
enum dr_code journal_clear(struct journal *log, struct dr_error *err) DR_MUST_USE;

/* Hands over, in order, the chunks of `stream` that hold a record after `seq`; a gap in seq is DR_CORRUPT. Before the
 * first append only. */
typedef enum dr_code journal_visitor(void *baton, const struct chunk *k, struct dr_error *err);
enum dr_code journal_replay(struct journal *log, uint64_t stream, uint64_t seq, journal_visitor *visit, void *baton,
                            struct dr_error *err) DR_MUST_USE;

#endif
