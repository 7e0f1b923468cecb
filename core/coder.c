/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coder.h"

#include "core/id.h"

void code_u64(struct coder *c, uint64_t *v)
{
    if (!c->reading) {
        cursor_put_u64(c->cursor, *v);
        return;
    }
    uint64_t read = cursor_get_u64(c->cursor);
    if (cursor_ok(c->cursor))
        *v = read;
}

void code_u32(struct coder *c, uint32_t *v, uint32_t max)
{
    if (!c->reading) {
        cursor_put_u32(c->cursor, *v);
        return;
    }
    uint32_t read = cursor_get_u32(c->cursor);
    if (read > max)
        c->cursor->bad = true;
    if (cursor_ok(c->cursor))
        *v = read;
}

void code_u8(struct coder *c, uint8_t *v, uint8_t max)
{
    if (!c->reading) {
        cursor_put_u8(c->cursor, *v);
        return;
    }
    uint8_t read = cursor_get_u8(c->cursor);
    if (read > max)
        c->cursor->bad = true;
    if (cursor_ok(c->cursor))
        *v = read;
}

void code_msec(struct coder *c, msec *v)
{
    uint64_t bits = (uint64_t)*v;
    code_u64(c, &bits);
    if (c->reading && bits > CODER_TIME_MAX)
        c->cursor->bad = true;
    if (c->reading && cursor_ok(c->cursor))
        *v = (msec)bits;
}

void code_bool(struct coder *c, bool *v)
{
    uint8_t bit = *v;
    code_u8(c, &bit, 1);
    *v = bit == 1;
}

void code_text(struct coder *c, char *text, size_t size)
{
    if (c->reading)
        cursor_get_text(c->cursor, text, size);
    else
        cursor_put_text(c->cursor, text);
}

void code_id(struct coder *c, struct dr_id *id)
{
    if (!c->reading) {
        cursor_put_bytes(c->cursor, id->hex, DR_ID_DIGITS);
        return;
    }
    const uint8_t *digits = cursor_get_bytes(c->cursor, DR_ID_DIGITS);
    struct dr_id read;
    if (digits == NULL || !dr_id_parse(&read, (const char *)digits, DR_ID_DIGITS))
        c->cursor->bad = true;
    else
        *id = read;
}
