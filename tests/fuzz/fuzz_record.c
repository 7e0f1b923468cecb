/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_record.c - records one after another, as in the body of a REPL_RECORDS frame or a log segment. */
#include "core/record.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void names_stay_below(const struct record *head, const uint8_t *body)
{
    FUZZ_HOLDS(!memchr(body, '/', head->name_len) && !memchr(body, '\0', head->name_len));
    FUZZ_HOLDS(!(head->name_len == 1 && body[0] == '.'));
    FUZZ_HOLDS(!(head->name_len == 2 && body[0] == '.' && body[1] == '.'));
    FUZZ_HOLDS(head->name_len <= RECORD_NAME_MAX && head->name2_len <= RECORD_NAME_MAX);
    FUZZ_HOLDS(head->data_len <= RECORD_DATA_MAX);
    FUZZ_HOLDS(head->offset <= INT64_MAX && head->offset + head->length <= INT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor c = cursor_reading(data, size);
    while (cursor_left(&c) > 0) {
        struct record head;
        const uint8_t *body, *start = c.at;
        if (!record_decode(&c, &head, &body)) {
            FUZZ_HOLDS(!cursor_ok(&c));
            return 0;
        }
        uint8_t wire[RECORD_HEAD_WIRE];
        struct cursor again = cursor_over(wire, sizeof wire);
        record_encode_head(&again, &head);
        FUZZ_HOLDS(cursor_ok(&again) && cursor_left(&again) == 0 && memcmp(wire, start, sizeof wire) == 0);
        FUZZ_HOLDS(body == start + RECORD_HEAD_WIRE);
        FUZZ_HOLDS(c.at == body + head.name_len + head.name2_len + head.data_len);
        names_stay_below(&head, body);
    }
    return 0;
}
