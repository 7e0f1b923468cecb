/* SPDX-License-Identifier: Apache-2.0
 * net/frame.h - the form of a frame on the wire, and when its body is compressed. */
#ifndef DR_NET_FRAME_H
#define DR_NET_FRAME_H

#include "core/error.h"
#include "net/conn.h"

#define FRAME_HEAD 12u

/* Bits of `flags`. */
enum { FRAME_LZ4 = 1u << 0 };

struct frame_head {
    uint32_t wire; /* bytes that follow the head */
    uint8_t type;
    uint8_t flags;
    uint32_t size; /* of the body; more than `wire` only if it is compressed */
};

void frame_head_encode(uint8_t bytes[FRAME_HEAD], const struct frame_head *head);
/* Bodies of up to `size_max` bytes; DR_PROTOCOL says what is wrong. */
enum dr_code frame_head_decode(struct frame_head *head, const uint8_t bytes[FRAME_HEAD], size_t size_max,
                               struct dr_error *err) DR_MUST_USE;
/* head->wire compressed bytes become head->size bytes of body. */
enum dr_code frame_unpack(uint8_t *body, const struct frame_head *head, const uint8_t *wire,
                          struct dr_error *err) DR_MUST_USE;

/* Decides frame by frame whether to compress, and holds what that needs. */
struct packer {
    enum compress mode;
    unsigned misses, skip; /* AUTO: frames in a row that did not shrink; how many more go untried */
    uint8_t *packed, *whole;
    size_t packed_room, whole_room;
    void *state;
};

/* The packed form of `size` bytes in pieces and its length in *packed_size, or NULL: send it as it is. */
const uint8_t *packer_pack(struct packer *p, const struct piece *pieces, unsigned count, size_t size,
                           size_t *packed_size);
void packer_free(struct packer *p);

#endif
