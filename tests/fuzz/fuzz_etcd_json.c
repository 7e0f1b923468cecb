/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_etcd_json.c - any bytes as an answer of etcd's gateway: what is taken from it names only what was
 * asked for, and each record in it is one that we would write. */
#include "agent/witness/etcd_json.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct dr_id rule = {"0123456789ABCDEF0123456789ABCDEF"};
    struct etcd_state state;
    struct dr_error err;
    if (size > ETCD_ANSWER_MAX || etcd_answer(&state, &rule, (const char *)data, size, &err) != DR_OK)
        return 0;
    for (unsigned i = 0; i < 2; i++)
        FUZZ_HOLDS((state.revision[i] != 0) == (state.pair.of[i].identity != 0));
    char *body = etcd_txn_body(&rule, MEMBER_A, &state.pair.of[MEMBER_A], &state);
    FUZZ_HOLDS(body != NULL);
    free(body);
    return 0;
}
