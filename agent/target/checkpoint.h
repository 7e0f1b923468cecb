/* SPDX-License-Identifier: Apache-2.0
 * agent/target/checkpoint.h - what the target holds for sure, in one small file that is replaced as a whole. */
#ifndef DR_AGENT_CHECKPOINT_H
#define DR_AGENT_CHECKPOINT_H

#include "core/error.h"
#include "core/types.h"

#include <stddef.h>

#define CHECKPOINT_BYTES 40u

struct checkpoint {
    term_no term;    /* highest that was accepted */
    uint64_t stream; /* everything up to `seq` of it is in the folders and on disk ... */
    uint64_t seq;
    bool mixed; /* ... and nothing else, unless mixed */
    bool ended; /* record `seq` was END_OF_TERM */
};

void checkpoint_encode(uint8_t bytes[CHECKPOINT_BYTES], const struct checkpoint *c);
/* False: no version of this program wrote that. */
bool checkpoint_decode(struct checkpoint *c, const uint8_t *bytes, size_t size);

/* All zero when there is no such file yet. DR_CORRUPT names a damaged one. */
enum dr_code checkpoint_read(struct checkpoint *c, const char *file, struct dr_error *err) DR_MUST_USE;
enum dr_code checkpoint_write(const struct checkpoint *c, const char *file, struct dr_error *err) DR_MUST_USE;

#endif
