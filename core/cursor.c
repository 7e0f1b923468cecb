/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cursor.h"

#include <string.h>

struct cursor cursor_over(void *bytes, size_t length)
{
    uint8_t *start = bytes;
    return (struct cursor){.at = start, .end = start + length, .bad = false};
}

struct cursor cursor_reading(const void *bytes, size_t length)
{
    /* One type serves reading and writing; the name says which, and no get writes. */
    return cursor_over((void *)(uintptr_t)bytes, length);
}

bool cursor_ok(const struct cursor *c)
{
    return !c->bad;
}

size_t cursor_left(const struct cursor *c)
{
    return c->bad ? 0 : (size_t)(c->end - c->at);
}

static uint8_t *take(struct cursor *c, size_t length)
{
    if (c->bad || (size_t)(c->end - c->at) < length) {
        c->bad = true;
        return NULL;
    }
    uint8_t *start = c->at;
    c->at += length;
    return start;
}

static uint64_t get(struct cursor *c, size_t length)
{
    const uint8_t *b = take(c, length);
    uint64_t v = 0;
    for (size_t i = 0; b && i < length; i++)
        v |= (uint64_t)b[i] << (8 * i);
    return v;
}

static void put(struct cursor *c, uint64_t v, size_t length)
{
    uint8_t *b = take(c, length);
    for (size_t i = 0; b && i < length; i++)
        b[i] = (uint8_t)(v >> (8 * i));
}

uint8_t cursor_get_u8(struct cursor *c)
{
    return (uint8_t)get(c, 1);
}

uint16_t cursor_get_u16(struct cursor *c)
{
    return (uint16_t)get(c, 2);
}

uint32_t cursor_get_u32(struct cursor *c)
{
    return (uint32_t)get(c, 4);
}

uint64_t cursor_get_u64(struct cursor *c)
{
    return get(c, 8);
}

const uint8_t *cursor_get_bytes(struct cursor *c, size_t length)
{
    return take(c, length);
}

void cursor_get_text(struct cursor *c, char *text, size_t size)
{
    size_t length = cursor_get_u16(c);
    const uint8_t *b = length < size ? take(c, length) : NULL;
    text[0] = '\0';
    if (!b || memchr(b, '\0', length)) {
        c->bad = true;
        return;
    }
    memcpy(text, b, length);
    text[length] = '\0';
}

void cursor_put_u8(struct cursor *c, uint8_t v)
{
    put(c, v, 1);
}

void cursor_put_u16(struct cursor *c, uint16_t v)
{
    put(c, v, 2);
}

void cursor_put_u32(struct cursor *c, uint32_t v)
{
    put(c, v, 4);
}

void cursor_put_u64(struct cursor *c, uint64_t v)
{
    put(c, v, 8);
}

void cursor_put_bytes(struct cursor *c, const void *bytes, size_t length)
{
    uint8_t *b = take(c, length);
    if (b && length)
        memcpy(b, bytes, length);
}

void cursor_put_text(struct cursor *c, const char *text)
{
    size_t length = strlen(text);
    if (length > UINT16_MAX) {
        c->bad = true;
        return;
    }
    cursor_put_u16(c, (uint16_t)length);
    cursor_put_bytes(c, text, length);
}
