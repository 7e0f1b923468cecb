/* SPDX-License-Identifier: Apache-2.0
 * core/cursor.h - the one bounded cursor through which bytes from outside are read and written.
 * Little endian. An access past the end, or a length above its bound, makes the cursor `bad` for good:
 * later gets return 0, later puts do nothing; check once at the end with cursor_ok(). */
#ifndef DR_CORE_CURSOR_H
#define DR_CORE_CURSOR_H

#include "core/types.h"

struct cursor {
    uint8_t *at;
    uint8_t *end;
    bool bad;
};

struct cursor cursor_over(void *bytes, size_t length);
/* For reading only: puts through it are a bug of the caller. */
struct cursor cursor_reading(const void *bytes, size_t length);

bool cursor_ok(const struct cursor *c);
size_t cursor_left(const struct cursor *c);

uint8_t cursor_get_u8(struct cursor *c);
uint16_t cursor_get_u16(struct cursor *c);
uint32_t cursor_get_u32(struct cursor *c);
uint64_t cursor_get_u64(struct cursor *c);
/* `length` bytes in place (no copy), or NULL when fewer are left. */
const uint8_t *cursor_get_bytes(struct cursor *c, size_t length);
/* A u16 length and that many bytes; copied and terminated. Bad if it does not fit in `size`, or has a NUL. */
void cursor_get_text(struct cursor *c, char *text, size_t size);

void cursor_put_u8(struct cursor *c, uint8_t v);
void cursor_put_u16(struct cursor *c, uint16_t v);
void cursor_put_u32(struct cursor *c, uint32_t v);
void cursor_put_u64(struct cursor *c, uint64_t v);
void cursor_put_bytes(struct cursor *c, const void *bytes, size_t length);
void cursor_put_text(struct cursor *c, const char *text);

#endif
