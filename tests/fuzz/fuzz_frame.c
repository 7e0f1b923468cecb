/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_frame.c - a frame's head and compressed body, as a peer with a good certificate may send them. */
#include "net/frame.h"
#include "net/lane.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void packs_again(const uint8_t *body, size_t size)
{
    struct packer p = {.mode = COMPRESS_ON};
    struct piece piece = {body, size};
    struct dr_error err;
    size_t packed;
    const uint8_t *wire = packer_pack(&p, &piece, 1, size, &packed);
    if (wire) {
        uint8_t *back = malloc(size);
        struct frame_head head = {.wire = (uint32_t)packed, .flags = FRAME_LZ4, .size = (uint32_t)size};
        FUZZ_HOLDS(packed < size && frame_unpack(back, &head, wire, &err) == DR_OK);
        FUZZ_HOLDS(memcmp(body, back, size) == 0);
        free(back);
    }
    packer_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dr_error err;
    struct frame_head head;
    const size_t size_max = 1u << 20; /* of some lane */
    uint8_t again[FRAME_HEAD];
    if (size < FRAME_HEAD || frame_head_decode(&head, data, size_max, &err) != DR_OK)
        return 0;
    FUZZ_HOLDS(head.size <= size_max && head.wire <= head.size);
    frame_head_encode(again, &head);
    FUZZ_HOLDS(memcmp(again, data, FRAME_HEAD) == 0);
    if (head.wire > size - FRAME_HEAD || !(head.flags & FRAME_LZ4))
        return 0;
    uint8_t *wire = malloc(head.wire), *body = malloc(head.size); /* of just the size, for the sanitizer */
    memcpy(wire, data + FRAME_HEAD, head.wire);
    if (frame_unpack(body, &head, wire, &err) == DR_OK)
        packs_again(body, head.size);
    free(wire);
    free(body);
    return 0;
}
