/* SPDX-License-Identifier: Apache-2.0 */
#include "net/frame.h"

#include "core/cursor.h"

#include <lz4.h>
#include <stdlib.h>
#include <string.h>

#define PACK_MIN 256u /* below it nothing is won that the cipher and the packet do not cost anyway */
#define SKIP_MAX 64u

void frame_head_encode(uint8_t bytes[FRAME_HEAD], const struct frame_head *head)
{
    struct cursor c = cursor_over(bytes, FRAME_HEAD);
    cursor_put_u32(&c, head->wire);
    cursor_put_u8(&c, head->type);
    cursor_put_u8(&c, head->flags);
    cursor_put_u16(&c, 0);
    cursor_put_u32(&c, head->size);
}

enum dr_code frame_head_decode(struct frame_head *head, const uint8_t bytes[FRAME_HEAD], size_t size_max,
                               struct dr_error *err)
{
    struct cursor c = cursor_reading(bytes, FRAME_HEAD);
    head->wire = cursor_get_u32(&c);
    head->type = cursor_get_u8(&c);
    head->flags = cursor_get_u8(&c);
    unsigned zero = cursor_get_u16(&c);
    head->size = cursor_get_u32(&c);
    if (zero != 0 || (head->flags & ~(unsigned)FRAME_LZ4) != 0)
        return dr_fail(err, DR_PROTOCOL, "frame of unknown form (flags %u): is one side a newer version?", head->flags);
    if (head->size > size_max)
        return dr_fail(err, DR_PROTOCOL, "frame of %u bytes, but at most %zu are allowed here", head->size, size_max);
    if (head->flags & FRAME_LZ4 ? head->wire >= head->size : head->wire != head->size)
        return dr_fail(err, DR_PROTOCOL, "frame of %u bytes says that its body has %u", head->wire, head->size);
    return DR_OK;
}

enum dr_code frame_unpack(uint8_t *body, const struct frame_head *head, const uint8_t *wire, struct dr_error *err)
{
    int size = LZ4_decompress_safe((const char *)wire, (char *)body, (int)head->wire, (int)head->size);
    if (size >= 0 && (uint32_t)size == head->size)
        return DR_OK;
    return dr_fail(err, DR_PROTOCOL, "frame of %u bytes does not unpack to %u", head->wire, head->size);
}

/* Every frame that did not shrink doubles the number of those that go untried, 64 at most. */
static bool worth_trying(struct packer *p)
{
    if (p->mode != COMPRESS_AUTO || p->skip == 0)
        return true;
    p->skip--;
    return false;
}

static void learn(struct packer *p, bool shrank)
{
    p->misses = shrank ? 0 : p->misses + 1;
    if (p->misses == 0)
        p->skip = 0;
    else
        p->skip = p->misses > 6 ? SKIP_MAX : 1u << (p->misses - 1);
}

static bool room(uint8_t **bytes, size_t *have, size_t need)
{
    if (*have >= need)
        return true;
    free(*bytes);
    *bytes = malloc(need);
    *have = *bytes ? need : 0;
    return *bytes != NULL;
}

/* LZ4 wants the body in one piece. */
static const uint8_t *in_one_piece(struct packer *p, const struct piece *pieces, unsigned count, size_t size)
{
    if (count == 1)
        return pieces[0].bytes;
    if (!room(&p->whole, &p->whole_room, size))
        return NULL;
    size_t at = 0;
    for (unsigned i = 0; i < count; at += pieces[i++].size)
        if (pieces[i].size > 0)
            memcpy(p->whole + at, pieces[i].bytes, pieces[i].size);
    return p->whole;
}

const uint8_t *packer_pack(struct packer *p, const struct piece *pieces, unsigned count, size_t size,
                           size_t *packed_size)
{
    if (p->mode == COMPRESS_OFF || size < PACK_MIN || !worth_trying(p))
        return NULL;
    if (!p->state)
        p->state = malloc((size_t)LZ4_sizeofState());
    const uint8_t *body = in_one_piece(p, pieces, count, size);
    /* With memory short the frame goes as it is; and less than an eighth saved is not worth the reader's time. */
    size_t most = size - size / 8;
    if (!p->state || !body || !room(&p->packed, &p->packed_room, most))
        return NULL;
    int packed = LZ4_compress_fast_extState(p->state, (const char *)body, (char *)p->packed, (int)size, (int)most, 1);
    learn(p, packed > 0);
    *packed_size = (size_t)packed;
    return packed > 0 ? p->packed : NULL;
}

void packer_free(struct packer *p)
{
    free(p->packed);
    free(p->whole);
    free(p->state);
}
