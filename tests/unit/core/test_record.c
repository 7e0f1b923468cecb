/* SPDX-License-Identifier: Apache-2.0 */
#include "core/record.h"
#include "tests/unit/unit.h"

#include <string.h>

static struct record sample(void)
{
    struct record r = {.seq = 7, .stream = 0x1122334455667788, .term = 3, .op = RECORD_RENAME};
    r.file = (struct file_id){.ino = 42, .gen = 9, .birth = BIRTH_A};
    r.parent = r.parent2 = (struct file_id){.ino = 0, .gen = 0, .birth = BIRTH_ROOT};
    r.mtime_ns = -5;
    r.parent_mtime_ns = 6;
    r.parent2_mtime_ns = 7;
    r.name_len = 3;
    r.name2_len = 4;
    return r;
}

static size_t encode(uint8_t *wire, size_t size, const struct record *r, const char *body)
{
    struct cursor c = cursor_over(wire, size);
    record_encode_head(&c, r);
    cursor_put_bytes(&c, body, strlen(body));
    CU_ASSERT_TRUE(cursor_ok(&c));
    return size - cursor_left(&c);
}

static bool decodes(const struct record *r, const char *body)
{
    uint8_t wire[512];
    struct cursor c = cursor_reading(wire, encode(wire, sizeof wire, r, body));
    struct record head;
    const uint8_t *at;
    return record_decode(&c, &head, &at) && cursor_left(&c) == 0;
}

static void round_trip(void)
{
    struct record r = sample(), back;
    uint8_t wire[512];
    size_t length = encode(wire, sizeof wire, &r,
                           "old"
                           "newx");
    CU_ASSERT_EQUAL(length, RECORD_HEAD_WIRE + 7);
    struct cursor c = cursor_reading(wire, length);
    const uint8_t *body;
    CU_ASSERT_TRUE_FATAL(record_decode(&c, &back, &body));
    CU_ASSERT_EQUAL(memcmp(body, "oldnewx", 7), 0);
    CU_ASSERT_EQUAL(back.seq, 7);
    CU_ASSERT_EQUAL(back.mtime_ns, -5);
    CU_ASSERT_EQUAL(back.parent_mtime_ns, 6);
    CU_ASSERT_EQUAL(back.parent2_mtime_ns, 7);
    CU_ASSERT_TRUE(file_id_equal(&back.file, &r.file));
}

static void every_truncation_is_refused(void)
{
    struct record r = sample(), back;
    uint8_t wire[512];
    size_t length = encode(wire, sizeof wire, &r, "oldnewx");
    for (size_t cut = 0; cut < length; cut++) {
        struct cursor c = cursor_reading(wire, cut);
        const uint8_t *body;
        CU_ASSERT_FALSE(record_decode(&c, &back, &body));
    }
}

static void names_that_climb_are_refused(void)
{
    struct record r = sample();
    CU_ASSERT_TRUE(decodes(&r, "oldnewx"));
    CU_ASSERT_FALSE(decodes(&r, "o/dnewx"));
    CU_ASSERT_FALSE(decodes(&r, "old/ewx"));
    r.name_len = 2;
    CU_ASSERT_FALSE(decodes(&r, "..newx"));
    r.name_len = 1;
    CU_ASSERT_FALSE(decodes(&r, ".newx"));
    r.name_len = 0;
    CU_ASSERT_FALSE(decodes(&r, "newx"));
}

static void bounds_are_checked(void)
{
    struct record r = sample();
    r.op = 60;
    CU_ASSERT_FALSE(decodes(&r, "oldnewx"));
    r = sample();
    r.offset = (uint64_t)INT64_MAX;
    r.length = 1;
    CU_ASSERT_FALSE(decodes(&r, "oldnewx"));
    r = sample();
    r.data_len = RECORD_DATA_MAX + 1;
    CU_ASSERT_FALSE(decodes(&r, "oldnewx"));
}

int main(void)
{
    CU_TestInfo cases[] = {{"a record survives its wire form", round_trip},
                           {"every truncation is refused", every_truncation_is_refused},
                           {"names that climb are refused", names_that_climb_are_refused},
                           {"bounds are checked", bounds_are_checked},
                           CU_TEST_INFO_NULL};
    return unit_run("record", cases);
}
