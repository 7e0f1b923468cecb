/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_capture_wire.c - what is said on drcapture's socket, both ways. What is let through is within the
 * bounds that whoever carries it out counts on. */
#include "platform/linux/capture/wire.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* As recv() leaves a packet: no more of it than there is room for. */
static size_t arrive(void *packet, size_t room, const uint8_t *data, size_t size)
{
    size_t length = size < room ? size : room;
    memcpy(packet, data, length);
    return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wire_request request;
    struct wire_reply reply;
    struct dr_error err;
    if (wire_request_check(&request, arrive(&request, sizeof request, data, size), &err) == DR_OK) {
        FUZZ_HOLDS(size >= sizeof request && strlen(request.text) < WIRE_TEXT);
        FUZZ_HOLDS(request.ask != WIRE_FLIP || (request.what <= CAPTURE_READ_WRITE && request.term <= TERM_MAX));
        FUZZ_HOLDS((request.ask != WIRE_FREEZE && request.ask != WIRE_LEASE) || request.limit >= 0);
    }
    if (wire_reply_check(&reply, arrive(&reply, sizeof reply, data, size), &err) == DR_OK) {
        FUZZ_HOLDS(size >= sizeof reply && strlen(reply.text) < DR_ERROR_TEXT && reply.code <= DR_CORRUPT);
        FUZZ_HOLDS(reply.paths <= CAPTURE_PATHS_MAX && reply.mode <= CAPTURE_READ_WRITE && reply.term <= TERM_MAX);
    }
    return 0;
}
