/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/source/frame_out.h"

#include <string.h>

#define FRAME_NUMBER 8u                                                    /* bytes in front of the records */
#define RECORD_COPY  (RECORD_HEAD_WIRE + 2 * RECORD_NAME_MAX + FRAME_COPY) /* at most, of one record */

static void start(struct frame_out *out)
{
    out->copied = out->size = FRAME_NUMBER;
    out->pieces = 1;
    out->piece[0] = (struct piece){out->copy, FRAME_NUMBER};
}

void frame_out_init(struct frame_out *out, const struct wire_ids *ids, uint64_t stream, term_no term)
{
    out->ids = ids;
    out->stream = stream;
    out->term = term;
    out->frame = 1;
    start(out);
}

bool frame_out_empty(const struct frame_out *out)
{
    return out->size == FRAME_NUMBER;
}

bool frame_out_full(const struct frame_out *out)
{
    return out->size >= FRAME_ENOUGH || out->copied + RECORD_COPY > FRAME_ROOM || out->pieces + 2 > FRAME_PIECES;
}

static void add_copied(struct frame_out *out, size_t size)
{
    struct piece *last = &out->piece[out->pieces - 1];
    if ((const uint8_t *)last->bytes + last->size == out->copy + out->copied)
        last->size += size;
    else
        out->piece[out->pieces++] = (struct piece){out->copy + out->copied, size};
    out->copied += size;
    out->size += size;
}

static void add_place(struct frame_out *out, const void *bytes, size_t size)
{
    out->piece[out->pieces++] = (struct piece){bytes, size};
    out->size += size;
}

static void translate(const struct frame_out *out, const struct record *local, struct record *wire)
{
    *wire = *local;
    wire->file = wire_id(out->ids, &local->file, local->path);
    wire->parent = wire_id(out->ids, &local->parent, local->path);
    wire->parent2 = wire_id(out->ids, &local->parent2, local->path);
    wire->other = wire_id(out->ids, &local->other, local->path);
    if (wire->stream == 0) { /* a piece of a mirror */
        wire->stream = out->stream;
        wire->term = out->term;
    }
}

void frame_out_add(struct frame_out *out, const struct record *head, const char *name, const char *name2,
                   const void *data)
{
    struct record wire;
    translate(out, head, &wire);
    struct cursor c = cursor_over(out->copy + out->copied, RECORD_COPY);
    record_encode_head(&c, &wire);
    cursor_put_bytes(&c, name, head->name_len);
    cursor_put_bytes(&c, name2, head->name2_len);
    bool copy = head->data_len <= FRAME_COPY;
    if (copy)
        cursor_put_bytes(&c, data, head->data_len);
    add_copied(out, RECORD_COPY - cursor_left(&c));
    if (!copy)
        add_place(out, data, head->data_len);
}

enum dr_code frame_out_send(struct frame_out *out, struct conn *conn, msec limit, struct dr_error *err)
{
    struct cursor c = cursor_over(out->copy, FRAME_NUMBER);
    cursor_put_u64(&c, out->frame);
    enum dr_code code = conn_send(conn, REPL_RECORDS, out->piece, out->pieces, limit, err);
    out->frame++;
    start(out);
    return code;
}
