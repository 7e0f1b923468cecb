/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_group.c - what the runner of a group and the members of its rules say to each other, and the document
 * of a plan. The first byte says which. */
#include "core/group_plan.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void ask(const uint8_t *data, size_t size)
{
    uint8_t wire[GROUP_MESSAGE_WIRE];
    struct group_ask ask;
    struct cursor c = cursor_reading(data, size), again = cursor_over(wire, sizeof wire);
    if (!group_ask_decode(&c, &ask))
        return;
    group_ask_encode(&again, &ask);
    FUZZ_HOLDS(cursor_ok(&again) && (size_t)(again.at - wire) == size && memcmp(wire, data, size) == 0);
}

static void tell(const uint8_t *data, size_t size)
{
    uint8_t wire[GROUP_MESSAGE_WIRE];
    struct group_tell tell;
    struct cursor c = cursor_reading(data, size), again = cursor_over(wire, sizeof wire);
    if (!group_tell_decode(&c, &tell))
        return;
    group_tell_encode(&again, &tell);
    FUZZ_HOLDS(cursor_ok(&again) && (size_t)(again.at - wire) == size && memcmp(wire, data, size) == 0);
}

/* What was read can be gone on with, to the end that a person wants. */
static void plan(const uint8_t *data, size_t size)
{
    static struct group_plan p;
    static uint8_t bytes[GROUP_PLAN_BYTES];
    struct group_event cancel = {.kind = GROUP_CANCEL, .now = 1, .by = "fuzz"};
    struct group_answer answer;
    struct dr_error err;
    if (group_plan_decode(&p, data, size, &err) != DR_OK)
        return;
    FUZZ_HOLDS(group_plan_encode(bytes, &p) == size && memcmp(bytes, data, size) == 0);
    bool ended = group_ended(&p), cancelling = p.cancelling;
    group_resume(&p, 1, 1);
    group_step(&p, &cancel, &answer);
    FUZZ_HOLDS(answer.refused == (ended || cancelling));
    FUZZ_HOLDS(group_plan_encode(bytes, &p) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const each[])(const uint8_t *data, size_t size) = {ask, tell, plan};
    if (size > 0 && data[0] < sizeof each / sizeof *each)
        each[data[0]](data + 1, size - 1);
    return 0;
}
