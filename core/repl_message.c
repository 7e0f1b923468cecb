/* SPDX-License-Identifier: Apache-2.0 */
#include "core/repl_message.h"

#include "core/id.h"

#include <string.h>

/* What a decoder found; a message that is not legal spoils the cursor, so that it has one verdict. */
static bool verdict(struct cursor *c, bool legal)
{
    if (!legal)
        c->bad = true;
    return cursor_ok(c);
}

/* A message fills its frame. Only HELLO may be longer: a later version may have more to say, and has to be
 * understood well enough to be refused by its version. */
static bool verdict_at_end(struct cursor *c, bool legal)
{
    return verdict(c, legal && cursor_left(c) == 0);
}

static void put_rule(struct cursor *c, const struct dr_id *id)
{
    cursor_put_bytes(c, id->hex, DR_ID_DIGITS);
}

static bool get_rule(struct cursor *c, struct dr_id *id)
{
    const uint8_t *digits = cursor_get_bytes(c, DR_ID_DIGITS);
    return digits && dr_id_parse(id, (const char *)digits, DR_ID_DIGITS);
}

void repl_hello_encode(struct cursor *c, const struct repl_hello *m)
{
    cursor_put_u32(c, m->version);
    put_rule(c, &m->rule);
    cursor_put_u32(c, m->member);
    cursor_put_u64(c, m->term);
    cursor_put_u64(c, m->stream);
    cursor_put_u64(c, m->first);
    cursor_put_u64(c, m->last);
    cursor_put_u64(c, m->former_stream);
    cursor_put_u64(c, m->former_seq);
    cursor_put_u64(c, m->began);
    cursor_put_u32(c, m->paths);
}

bool repl_hello_decode(struct cursor *c, struct repl_hello *m)
{
    memset(m, 0, sizeof *m);
    m->version = cursor_get_u32(c);
    bool named = get_rule(c, &m->rule);
    m->member = cursor_get_u32(c);
    m->term = cursor_get_u64(c);
    m->stream = cursor_get_u64(c);
    m->first = cursor_get_u64(c);
    m->last = cursor_get_u64(c);
    m->former_stream = cursor_get_u64(c);
    m->former_seq = cursor_get_u64(c);
    m->began = cursor_get_u64(c);
    m->paths = cursor_get_u32(c);
    return verdict(c, named && m->member <= MEMBER_B);
}

void repl_welcome_encode(struct cursor *c, const struct repl_welcome *m)
{
    cursor_put_u32(c, m->verdict);
    cursor_put_text(c, m->why);
    cursor_put_u64(c, m->term);
    cursor_put_u64(c, m->stream);
    cursor_put_u64(c, m->seq);
    cursor_put_u8(c, m->mixed);
    cursor_put_u8(c, m->empty);
}

bool repl_welcome_decode(struct cursor *c, struct repl_welcome *m)
{
    memset(m, 0, sizeof *m);
    m->verdict = cursor_get_u32(c);
    cursor_get_text(c, m->why, sizeof m->why);
    m->term = cursor_get_u64(c);
    m->stream = cursor_get_u64(c);
    m->seq = cursor_get_u64(c);
    m->mixed = cursor_get_u8(c);
    m->empty = cursor_get_u8(c);
    return verdict_at_end(c, m->verdict <= REPL_REFUSED && m->mixed <= 1 && m->empty <= 1);
}

void repl_resume_encode(struct cursor *c, const struct repl_resume *m)
{
    cursor_put_u64(c, m->stream);
    cursor_put_u64(c, m->seq);
}

bool repl_resume_decode(struct cursor *c, struct repl_resume *m)
{
    m->stream = cursor_get_u64(c);
    m->seq = cursor_get_u64(c);
    return verdict_at_end(c, true);
}

void repl_ack_encode(struct cursor *c, const struct repl_ack *m)
{
    cursor_put_u64(c, m->frame);
    cursor_put_u64(c, m->durable);
    cursor_put_u64(c, m->applied);
    cursor_put_u64(c, m->applied_frame);
    cursor_put_u8(c, m->mixed);
}

bool repl_ack_decode(struct cursor *c, struct repl_ack *m)
{
    memset(m, 0, sizeof *m);
    m->frame = cursor_get_u64(c);
    m->durable = cursor_get_u64(c);
    m->applied = cursor_get_u64(c);
    m->applied_frame = cursor_get_u64(c);
    m->mixed = cursor_get_u8(c);
    return verdict_at_end(c, m->mixed <= 1);
}

void repl_hash_ask_encode(struct cursor *c, const struct repl_hash_ask *m)
{
    cursor_put_u64(c, m->number);
    cursor_put_u64(c, m->frame);
    file_id_encode(c, &m->file);
    cursor_put_u32(c, m->path);
    cursor_put_u64(c, m->offset);
    cursor_put_u32(c, m->blocks);
}

static bool range_legal(const struct repl_hash_ask *m)
{
    if (m->blocks < 1 || m->blocks > REPL_ASK_BLOCKS || m->offset % REPL_BLOCK != 0)
        return false;
    return m->offset <= (uint64_t)INT64_MAX - (uint64_t)m->blocks * REPL_BLOCK;
}

bool repl_hash_ask_decode(struct cursor *c, struct repl_hash_ask *m)
{
    memset(m, 0, sizeof *m);
    m->number = cursor_get_u64(c);
    m->frame = cursor_get_u64(c);
    m->file = file_id_decode(c);
    m->path = cursor_get_u32(c);
    m->offset = cursor_get_u64(c);
    m->blocks = cursor_get_u32(c);
    return verdict_at_end(c, m->file.birth <= BIRTH_ROOT && range_legal(m));
}

void repl_hashes_encode(struct cursor *c, const struct repl_hashes *m)
{
    cursor_put_u64(c, m->number);
    cursor_put_u8(c, m->known);
    cursor_put_u64(c, m->file_size);
    cursor_put_u32(c, m->blocks);
    cursor_put_bytes(c, m->hash, (size_t)m->blocks * REPL_HASH_BYTES);
}

bool repl_hashes_decode(struct cursor *c, struct repl_hashes *m)
{
    memset(m, 0, sizeof *m);
    m->number = cursor_get_u64(c);
    m->known = cursor_get_u8(c);
    m->file_size = cursor_get_u64(c);
    m->blocks = cursor_get_u32(c);
    bool legal = m->known <= 1 && m->file_size <= INT64_MAX && m->blocks <= REPL_ASK_BLOCKS;
    size_t length = legal ? (size_t)m->blocks * REPL_HASH_BYTES : 0;
    const uint8_t *hashes = cursor_get_bytes(c, length);
    if (hashes)
        memcpy(m->hash, hashes, length);
    return verdict_at_end(c, legal);
}
