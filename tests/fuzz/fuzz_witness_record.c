/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_witness_record.c - a block of a shared disk with contents of any kind under a good seal: damage that
 * a checksum does not show, or a newer version's record; and what a member then answers. */
#include "agent/witness/disk_file.h"
#include "core/passive.h"
#include "core/seal.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* Whatever the other's record says, a claim of ours is granted only when nothing of theirs stands. */
static void ask(const struct witness_record *theirs)
{
    struct passive p;
    struct vote_reply reply = {0};
    struct witness_pair pair = {.of = {{.identity = 1, .serial = 1}, *theirs}};
    struct vote_request request = {.kind = VOTE_ASK, .term = 1, .candidate = MEMBER_A, .length = 2000};
    passive_init(&p, MEMBER_A, 1);
    passive_saw(&p, &pair, 1000);
    enum passive_next next = passive_ask(&p, &request, 1000, &reply);
    FUZZ_HOLDS(!reply.granted && (next != PASSIVE_WRITE || !theirs->claims || theirs->length == 0));
    FUZZ_HOLDS(reply.length >= 0 && reply.length <= VOTER_LENGTH_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t block[DISK_BLOCK] = {0}, again[WITNESS_RECORD_BYTES];
    struct witness_record record;
    (void)disk_file_decode(&record, data, size);
    struct cursor c = cursor_over(block, sizeof block);
    cursor_put_bytes(&c, data, size < WITNESS_RECORD_BYTES - SEAL_BYTES ? size : WITNESS_RECORD_BYTES - SEAL_BYTES);
    c.at = block + WITNESS_RECORD_BYTES - SEAL_BYTES;
    (void)seal_put(&c, block);
    if (!disk_file_decode(&record, block, sizeof block))
        return 0;
    witness_record_encode(again, &record);
    FUZZ_HOLDS(memcmp(again, block, sizeof again) == 0);
    ask(&record);
    return 0;
}
