/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_fuse_request.c - requests from /dev/fuse's side. The first byte says which form of SETXATTR was
 * agreed on; the length in the head is set right half of the time, as few inputs would pass it otherwise. */
#include "platform/linux/capture/decode.h"
#include "platform/linux/capture/fuse_abi.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void text_lies_inside(const char *text, const uint8_t *bytes, size_t size)
{
    if (!text)
        return;
    FUZZ_HOLDS((const uint8_t *)text >= bytes && (const uint8_t *)text < bytes + size);
    FUZZ_HOLDS(memchr(text, '\0', size - (size_t)((const uint8_t *)text - bytes)) != NULL);
}

static void check(const struct request *r, const uint8_t *bytes, size_t size)
{
    FUZZ_HOLDS(r->unique != 0 || size >= sizeof(struct fuse_in_header));
    text_lies_inside(r->name, bytes, size);
    text_lies_inside(r->name2, bytes, size);
    FUZZ_HOLDS(!r->data || (r->data >= bytes && r->data_len <= size - (size_t)(r->data - bytes)));
    FUZZ_HOLDS(r->data || r->data_len == 0);
    if (r->opcode == FUSE_WRITE || r->opcode == FUSE_FALLOCATE)
        FUZZ_HOLDS(r->offset + r->length <= INT64_MAX && r->offset + r->data_len <= INT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    uint8_t *bytes = malloc(size); /* of just the size, for the sanitizer */
    memcpy(bytes, data + 1, --size);
    uint32_t length = (uint32_t)size;
    if (size >= sizeof length && !(data[0] & 2))
        memcpy(bytes, &length, sizeof length);
    struct cursor c = cursor_reading(bytes, size);
    struct request r;
    if (request_decode(&c, data[0] & 1, &r))
        check(&r, bytes, size);
    free(bytes);
    return 0;
}
