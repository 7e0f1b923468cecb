/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_repl_message.c - what source and target say to each other. The first byte is the frame's type. */
#include "core/repl_message.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* Decodes a copy of just the message's size, and encodes it again: the bytes must be those that came in. */
#define ROUND_TRIP(name)                                                                                               \
    static void try_##name(const uint8_t *data, size_t size)                                                           \
    {                                                                                                                  \
        struct repl_##name message;                                                                                    \
        uint8_t wire[sizeof message + 64];                                                                             \
        struct cursor c = cursor_reading(data, size), again = cursor_over(wire, sizeof wire);                          \
        if (!repl_##name##_decode(&c, &message))                                                                       \
            return;                                                                                                    \
        repl_##name##_encode(&again, &message);                                                                        \
        FUZZ_HOLDS(cursor_ok(&again) && again.at - wire == c.at - data && memcmp(wire, data, c.at - data) == 0);       \
    }

ROUND_TRIP(hello)
ROUND_TRIP(welcome)
ROUND_TRIP(resume)
ROUND_TRIP(ack)
ROUND_TRIP(hash_ask)
ROUND_TRIP(hashes)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const tries[])(const uint8_t *, size_t) = {
        [REPL_HELLO] = try_hello, [REPL_WELCOME] = try_welcome,   [REPL_RESUME] = try_resume,
        [REPL_ACK] = try_ack,     [REPL_HASH_ASK] = try_hash_ask, [REPL_HASHES] = try_hashes,
    };
    if (size < 1 || data[0] >= sizeof tries / sizeof *tries || !tries[data[0]])
        return 0;
    tries[data[0]](data + 1, size - 1);
    return 0;
}
