/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/outbox.h"

static bool holds(const struct outbox *outbox, const struct wire *wire)
{
    for (unsigned i = 0; i < outbox->count; i++)
        if (outbox->wire[i] == wire)
            return true;
    return false;
}

enum dr_code outbox_put(struct outbox *outbox, struct wire *wire, uint8_t type, const void *bytes, size_t size,
                        struct dr_error *err)
{
    if (outbox == NULL)
        return wire_send(wire, type, bytes, size, err);
    if (!holds(outbox, wire)) {
        if (outbox->count == OUTBOX_WIRES)
            outbox_flush(outbox);
        outbox->wire[outbox->count++] = wire_hold(wire);
    }
    return wire_put(wire, type, bytes, size, err);
}

void outbox_flush(struct outbox *outbox)
{
    for (unsigned i = 0; i < outbox->count; i++) {
        wire_flush(outbox->wire[i]);
        wire_drop(outbox->wire[i]);
    }
    outbox->count = 0;
}
