/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_ha_message.c - what members and arbiters say to each other. */
#include "core/ha_message.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor c = cursor_reading(data, size);
    struct ha_message message;
    if (!ha_message_decode(&c, &message)) {
        FUZZ_HOLDS(!cursor_ok(&c));
        return 0;
    }
    uint8_t wire[HA_MESSAGE_WIRE];
    struct cursor again = cursor_over(wire, sizeof wire);
    ha_message_encode(&again, &message);
    FUZZ_HOLDS(cursor_ok(&again) && again.at - wire == c.at - data && memcmp(wire, data, c.at - data) == 0);
    return 0;
}
