/* SPDX-License-Identifier: Apache-2.0
 * core/coder.h - one list of a struct's fields for both directions: each call writes the field, or reads it, so that
 * what is written and what is read cannot differ. Out of its bounds a field that is read spoils the cursor and stays
 * as it was. */
#ifndef DR_CORE_CODER_H
#define DR_CORE_CODER_H

#include "core/cursor.h"

/* Nothing later than this is a time that a machine's boot clock shows (half a million years). */
#define CODER_TIME_MAX ((uint64_t)1 << 54)

struct coder {
    struct cursor *cursor;
    bool reading;
};

void code_u64(struct coder *c, uint64_t *v);
void code_u32(struct coder *c, uint32_t *v, uint32_t max);
void code_u8(struct coder *c, uint8_t *v, uint8_t max);
/* A time or a span, 0..CODER_TIME_MAX. */
void code_msec(struct coder *c, msec *v);
void code_bool(struct coder *c, bool *v);
/* Terminated, at most `size` bytes with its end. */
void code_text(struct coder *c, char *text, size_t size);
void code_id(struct coder *c, struct dr_id *id);

/* An enum: one byte, at most `max`. */
#define CODE_WORD(coder, field, max)                                                                                   \
    do {                                                                                                               \
        uint8_t word = (uint8_t)(field);                                                                               \
        code_u8((coder), &word, (max));                                                                                \
        (field) = word;                                                                                                \
    } while (0)

#endif
