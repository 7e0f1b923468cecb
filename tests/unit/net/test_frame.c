/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/net/test_frame.c - bounds of a frame's head, and when a body is compressed. */
#include "net/frame.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_HERE 1000u

static enum dr_code decode(uint32_t wire, uint8_t flags, uint32_t size)
{
    struct dr_error err;
    struct frame_head head = {.wire = wire, .type = 9, .flags = flags, .size = size}, back;
    uint8_t bytes[FRAME_HEAD];
    frame_head_encode(bytes, &head);
    enum dr_code code = frame_head_decode(&back, bytes, SIZE_MAX_HERE, &err);
    if (code == DR_OK)
        CU_ASSERT_TRUE(back.wire == wire && back.type == 9 && back.flags == flags && back.size == size);
    return code;
}

static void bounds_of_the_head(void)
{
    CU_ASSERT_EQUAL(decode(0, 0, 0), DR_OK);
    CU_ASSERT_EQUAL(decode(SIZE_MAX_HERE, 0, SIZE_MAX_HERE), DR_OK);
    CU_ASSERT_EQUAL(decode(SIZE_MAX_HERE + 1, 0, SIZE_MAX_HERE + 1), DR_PROTOCOL);
    CU_ASSERT_EQUAL(decode(999, FRAME_LZ4, SIZE_MAX_HERE), DR_OK);
    CU_ASSERT_EQUAL(decode(999, FRAME_LZ4, 999), DR_PROTOCOL);
    CU_ASSERT_EQUAL(decode(1, FRAME_LZ4, SIZE_MAX_HERE + 1), DR_PROTOCOL);
    CU_ASSERT_EQUAL(decode(10, 0, 11), DR_PROTOCOL);
    CU_ASSERT_EQUAL(decode(11, 0, 10), DR_PROTOCOL);
    CU_ASSERT_EQUAL(decode(10, 2, 10), DR_PROTOCOL);
}

static void what_must_be_zero_is_checked(void)
{
    struct dr_error err;
    struct frame_head head;
    uint8_t bytes[FRAME_HEAD];
    frame_head_encode(bytes, &(struct frame_head){.wire = 1, .type = 1, .size = 1});
    CU_ASSERT_EQUAL(frame_head_decode(&head, bytes, SIZE_MAX_HERE, &err), DR_OK);
    bytes[6] = 1;
    CU_ASSERT_EQUAL(frame_head_decode(&head, bytes, SIZE_MAX_HERE, &err), DR_PROTOCOL);
}

static uint8_t noise[4096], text[4096];

static const uint8_t *pack(struct packer *p, const void *bytes, size_t *packed)
{
    struct piece halves[2] = {{bytes, sizeof noise / 2}, {(const uint8_t *)bytes + sizeof noise / 2, sizeof noise / 2}};
    return packer_pack(p, halves, 2, sizeof noise, packed);
}

static void a_packed_body_unpacks(void)
{
    struct packer p = {.mode = COMPRESS_ON};
    struct dr_error err;
    size_t packed;
    const uint8_t *wire = pack(&p, text, &packed);
    CU_ASSERT_PTR_NOT_NULL_FATAL(wire);
    uint8_t body[sizeof text];
    struct frame_head head = {.wire = (uint32_t)packed, .flags = FRAME_LZ4, .size = sizeof text};
    CU_ASSERT_EQUAL(frame_unpack(body, &head, wire, &err), DR_OK);
    CU_ASSERT_EQUAL(memcmp(body, text, sizeof text), 0);
    head.size--; /* says less than it holds */
    CU_ASSERT_EQUAL(frame_unpack(body, &head, wire, &err), DR_PROTOCOL);
    head.size++, head.wire--; /* cut */
    CU_ASSERT_EQUAL(frame_unpack(body, &head, wire, &err), DR_PROTOCOL);
    packer_free(&p);
}

static void small_and_unwanted_bodies_go_as_they_are(void)
{
    struct packer p = {.mode = COMPRESS_ON};
    size_t packed;
    struct piece small = {text, 64};
    CU_ASSERT_PTR_NULL(packer_pack(&p, &small, 1, small.size, &packed));
    p.mode = COMPRESS_OFF;
    CU_ASSERT_PTR_NULL(pack(&p, text, &packed));
    packer_free(&p);
}

/* How many frames of noise go by until a frame of text is compressed again. */
static unsigned frames_until_tried(struct packer *p)
{
    size_t packed;
    unsigned frames = 0;
    while (!pack(p, text, &packed))
        frames++;
    return frames;
}

static void automatic_backs_off_and_returns(void)
{
    struct packer p = {.mode = COMPRESS_AUTO};
    size_t packed;
    CU_ASSERT_PTR_NOT_NULL(pack(&p, text, &packed));
    CU_ASSERT_PTR_NULL(pack(&p, noise, &packed));
    CU_ASSERT_EQUAL(frames_until_tried(&p), 1);
    CU_ASSERT_EQUAL(frames_until_tried(&p), 0); /* it shrank: tried at once */
    for (unsigned i = 0; i < 1000; i++)
        CU_ASSERT_PTR_NULL(pack(&p, noise, &packed));
    unsigned waited = frames_until_tried(&p);
    CU_ASSERT_TRUE(waited > 1 && waited <= 64);
    CU_ASSERT_EQUAL(frames_until_tried(&p), 0);
    packer_free(&p);
}

int main(void)
{
    unit_noise(noise, sizeof noise);
    memset(text, 't', sizeof text);
    CU_TestInfo cases[] = {{"bounds of the head", bounds_of_the_head},
                           {"what must be zero is checked", what_must_be_zero_is_checked},
                           {"a packed body unpacks", a_packed_body_unpacks},
                           {"small and unwanted bodies go as they are", small_and_unwanted_bodies_go_as_they_are},
                           {"automatic backs off and returns", automatic_backs_off_and_returns},
                           CU_TEST_INFO_NULL};
    return unit_run("frame", cases);
}
