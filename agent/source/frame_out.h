/* SPDX-License-Identifier: Apache-2.0
 * agent/source/frame_out.h - gathers records into a REPL_RECORDS frame. Heads, names and short data are copied; long
 * data is sent from where it lies, and must stay there until the frame is sent. */
#ifndef DR_AGENT_FRAME_OUT_H
#define DR_AGENT_FRAME_OUT_H

#include "agent/source/wire_ids.h"
#include "net/conn.h"

#define FRAME_ENOUGH (256u << 10) /* a frame is sent when it has this */
#define FRAME_FLUSH  (64u << 10)  /* ... or this, when there is something else to do */
#define FRAME_COPY   (16u << 10)  /* data up to this is copied */
#define FRAME_ROOM   (512u << 10) /* of copies */
#define FRAME_PIECES 256u

struct frame_out {
    const struct wire_ids *ids;
    uint64_t frame;  /* number of the one being filled */
    uint64_t stream; /* of pieces of a mirror */
    term_no term;
    size_t size; /* so far */
    size_t copied;
    unsigned pieces;
    struct piece piece[FRAME_PIECES];
    uint8_t copy[FRAME_ROOM];
};

void frame_out_init(struct frame_out *out, const struct wire_ids *ids, uint64_t stream, term_no term);
bool frame_out_empty(const struct frame_out *out);
/* No more may be added before it is sent. */
bool frame_out_full(const struct frame_out *out);
void frame_out_add(struct frame_out *out, const struct record *head, const char *name, const char *name2,
                   const void *data);
enum dr_code frame_out_send(struct frame_out *out, struct conn *conn, msec limit, struct dr_error *err) DR_MUST_USE;

#endif
