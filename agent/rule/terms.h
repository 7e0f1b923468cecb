/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/terms.h - what this member durably knows about its own last mastership: at which record it began and where
 * its former master stood then, and (while its folders are read-only again) its own last record. So a member that comes
 * back knows whether it has anything to undo (replication.md, "Terms and turning round"). */
#ifndef DR_AGENT_RULE_TERMS_H
#define DR_AGENT_RULE_TERMS_H

#include "core/error.h"
#include "core/types.h"

#include <stddef.h>

#define TERMS_BYTES 57u

struct terms {
    term_no term;                       /* our last mastership; 0: never */
    uint64_t stream, began;             /* it went on behind this record of our ring */
    uint64_t former_stream, former_seq; /* the former master's last record here; 0, 0: unknown */
    uint64_t own_stream, own_seq;       /* our folders are exactly this; 0, 0: unknown, or being written */
    bool taken;                         /* the take-over was complete: every resource was acquired */
};

void terms_encode(uint8_t bytes[TERMS_BYTES], const struct terms *terms);
/* DR_CORRUPT: no version of this program wrote that; `file` is for the message. */
enum dr_code terms_decode(struct terms *terms, const uint8_t *bytes, size_t size, const char *file,
                          struct dr_error *err) DR_MUST_USE;

/* Never written: zeros. */
enum dr_code terms_read(struct terms *terms, const char *file, struct dr_error *err) DR_MUST_USE;
enum dr_code terms_write(const struct terms *terms, const char *file, struct dr_error *err) DR_MUST_USE;

#endif
