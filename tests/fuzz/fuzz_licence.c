/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_licence.c - any bytes as a licence: what is taken is written as the same bytes, and its state can be
 * told at any time. */
#include "core/licence.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct licence licence;
    uint8_t signature[LICENCE_SIGNATURE_SIZE];
    char again[LICENCE_TEXT_SIZE];
    struct dr_error err;
    size_t part;
    if (licence_read(&licence, &part, signature, (const char *)data, size, &err) != DR_OK)
        return 0;
    FUZZ_HOLDS(licence_write_signed(again, &licence, signature) == size && memcmp(again, data, size) == 0);
    FUZZ_HOLDS(part < size && licence.hosts > 0);
    FUZZ_HOLDS(licence_state(&licence, licence.until_s) != LICENCE_VALID);
    FUZZ_HOLDS(licence_warning(&licence, licence.until_s) == 0);
    return 0;
}
