/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/wire.h"

/* What whoever carries it out takes as given. A request of a newer drnode, and an append of what cannot be appended,
 * are let through: those are answered. */
static bool in_bounds(const struct wire_request *request)
{
    switch (request->ask) {
    case WIRE_FLIP: return request->what <= CAPTURE_READ_WRITE && request->term <= TERM_MAX;
    case WIRE_FREEZE:
    case WIRE_LEASE: return request->limit >= 0;
    default: return true;
    }
}

enum dr_code wire_request_check(struct wire_request *request, size_t size, struct dr_error *err)
{
    if (size != sizeof *request)
        return dr_fail(err, DR_PROTOCOL, "a request of %zu bytes, and all have %zu", size, sizeof *request);
    if (request->version != WIRE_VERSION)
        return dr_fail(err, DR_PROTOCOL, "a request of version %u, and this is %u", request->version, WIRE_VERSION);
    request->text[sizeof request->text - 1] = '\0';
    if (!in_bounds(request))
        return dr_fail(err, DR_PROTOCOL, "request %u is out of bounds: no drnode asks that", request->ask);
    return DR_OK;
}

enum dr_code wire_reply_check(struct wire_reply *reply, size_t size, struct dr_error *err)
{
    if (size != sizeof *reply)
        return dr_fail(err, DR_PROTOCOL, "an answer of %zu bytes, and all have %zu", size, sizeof *reply);
    reply->text[sizeof reply->text - 1] = '\0';
    /* lease: a lease that is over is below 0 */
    if (reply->code > DR_CORRUPT || reply->mode > CAPTURE_READ_WRITE || reply->paths > CAPTURE_PATHS_MAX ||
        reply->term > TERM_MAX)
        return dr_fail(err, DR_PROTOCOL, "an answer that is out of bounds: no drcapture says that");
    return DR_OK;
}
