/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_archive.c - any bytes as the head of a file in a backup: what is taken is written as the same bytes,
 * and names nothing outside of its folder. */
#include "console/backup/archive.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct archive_head head;
    uint8_t again[ARCHIVE_HEAD_SIZE];
    size_t taken = archive_head_decode(&head, data, size);
    if (taken == 0)
        return 0;
    FUZZ_HOLDS(taken <= size && archive_head_encode(again, &head) == taken && memcmp(again, data, taken) == 0);
    FUZZ_HOLDS(head.name[0] != '/' && strncmp(head.name, "../", 3) != 0 && strstr(head.name, "/../") == NULL);
    return 0;
}
