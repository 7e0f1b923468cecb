/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_terms.c - a member's durable `terms` with contents of any kind, as below a good checksum. */
#include "agent/rule/terms.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct terms terms;
    struct dr_error err;
    uint8_t again[TERMS_BYTES];
    if (terms_decode(&terms, data, size, "terms", &err) != DR_OK) {
        FUZZ_HOLDS(err.code == DR_CORRUPT && strncmp(err.text, "terms ", 6) == 0);
        return 0;
    }
    FUZZ_HOLDS(size == sizeof again && terms.term <= TERM_MAX);
    terms_encode(again, &terms);
    FUZZ_HOLDS(memcmp(again, data, size) == 0);
    return 0;
}
