/* SPDX-License-Identifier: Apache-2.0 */
#include "core/repl_message.h"
#include "tests/unit/unit.h"

#include <string.h>

static const struct repl_hello hello = {
    .version = REPL_VERSION,
    .rule = {"0123456789ABCDEF0123456789ABCDEF"},
    .member = MEMBER_B,
    .term = 4,
    .stream = 0x1122334455667788,
    .first = 5,
    .last = 6,
    .former_stream = 7,
    .former_seq = 8,
    .began = 9,
    .paths = 2,
};
static const struct repl_welcome welcome = {REPL_REFUSED, "term 3 is older than 4: start as slave", 4, 5, 6, 1, 1};
static const struct repl_resume resume = {UINT64_MAX, 42};
static const struct repl_ack ack = {1, 2, 3, 4, 1};
static const struct repl_hash_ask ask = {1, 2, {3, 4, BIRTH_A}, 5, 6ull * REPL_BLOCK, REPL_ASK_BLOCKS};
static const struct repl_hashes hashes = {1, 1, 3 * REPL_BLOCK, 3, {{1}, {2}, {3, 4, 5}}};

/* One type for all six, so that each property is tested once for all of them. */
union message {
    struct repl_hello hello;
    struct repl_welcome welcome;
    struct repl_resume resume;
    struct repl_ack ack;
    struct repl_hash_ask ask;
    struct repl_hashes hashes;
};

static void encode(struct cursor *c, enum repl_type type, const union message *m)
{
    switch (type) {
    case REPL_HELLO: repl_hello_encode(c, &m->hello); break;
    case REPL_WELCOME: repl_welcome_encode(c, &m->welcome); break;
    case REPL_RESUME: repl_resume_encode(c, &m->resume); break;
    case REPL_ACK: repl_ack_encode(c, &m->ack); break;
    case REPL_HASH_ASK: repl_hash_ask_encode(c, &m->ask); break;
    case REPL_HASHES: repl_hashes_encode(c, &m->hashes); break;
    case REPL_RECORDS:
    case REPL_PING: CU_FAIL("has no message of its own");
    }
}

static bool decode(struct cursor *c, enum repl_type type, union message *m)
{
    switch (type) {
    case REPL_HELLO: return repl_hello_decode(c, &m->hello);
    case REPL_WELCOME: return repl_welcome_decode(c, &m->welcome);
    case REPL_RESUME: return repl_resume_decode(c, &m->resume);
    case REPL_ACK: return repl_ack_decode(c, &m->ack);
    case REPL_HASH_ASK: return repl_hash_ask_decode(c, &m->ask);
    case REPL_HASHES: return repl_hashes_decode(c, &m->hashes);
    case REPL_RECORDS:
    case REPL_PING: break;
    }
    return false;
}

#define WIRE_MAX 8192

static size_t wire_of(uint8_t *wire, enum repl_type type, const union message *m)
{
    struct cursor c = cursor_over(wire, WIRE_MAX);
    encode(&c, type, m);
    CU_ASSERT_TRUE(cursor_ok(&c));
    return WIRE_MAX - cursor_left(&c);
}

static bool survives(enum repl_type type, const union message *m)
{
    uint8_t wire[WIRE_MAX];
    struct cursor c = cursor_reading(wire, wire_of(wire, type, m));
    union message back;
    return decode(&c, type, &back);
}

static const struct {
    enum repl_type type;
    const void *message;
    size_t size;
} samples[] = {
    {REPL_HELLO, &hello, sizeof hello}, {REPL_WELCOME, &welcome, sizeof welcome}, {REPL_RESUME, &resume, sizeof resume},
    {REPL_ACK, &ack, sizeof ack},       {REPL_HASH_ASK, &ask, sizeof ask},        {REPL_HASHES, &hashes, sizeof hashes},
};
#define SAMPLES (sizeof samples / sizeof *samples)

static union message sample(size_t i)
{
    union message m;
    memset(&m, 0, sizeof m);
    memcpy(&m, samples[i].message, samples[i].size);
    return m;
}

/* The wire form of what was decoded is the wire form that came in: no field is lost or swapped with another. */
static void each_survives_its_wire_form(void)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        uint8_t wire[WIRE_MAX], again[WIRE_MAX];
        union message m = sample(i), back;
        size_t length = wire_of(wire, samples[i].type, &m);
        struct cursor c = cursor_reading(wire, length);
        CU_ASSERT_TRUE_FATAL(decode(&c, samples[i].type, &back));
        CU_ASSERT_EQUAL(wire_of(again, samples[i].type, &back), length);
        CU_ASSERT_EQUAL(memcmp(wire, again, length), 0);
    }
}

static void fields_keep_their_places(void)
{
    uint8_t wire[WIRE_MAX];
    union message m = sample(0), back;
    struct cursor c = cursor_reading(wire, wire_of(wire, REPL_HELLO, &m));
    CU_ASSERT_TRUE_FATAL(decode(&c, REPL_HELLO, &back));
    CU_ASSERT_STRING_EQUAL(back.hello.rule.hex, hello.rule.hex);
    CU_ASSERT_EQUAL(back.hello.former_stream, 7);
    CU_ASSERT_EQUAL(back.hello.began, 9);
    m = sample(5);
    c = cursor_reading(wire, wire_of(wire, REPL_HASHES, &m));
    CU_ASSERT_TRUE_FATAL(decode(&c, REPL_HASHES, &back));
    CU_ASSERT_EQUAL(back.hashes.blocks, 3);
    CU_ASSERT_EQUAL(back.hashes.hash[2][2], 5);
}

static void every_truncation_is_refused(void)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        uint8_t wire[WIRE_MAX];
        union message m = sample(i), back;
        size_t length = wire_of(wire, samples[i].type, &m);
        for (size_t cut = 0; cut < length; cut++) {
            struct cursor c = cursor_reading(wire, cut);
            CU_ASSERT_FALSE(decode(&c, samples[i].type, &back));
        }
    }
}

/* HELLO may grow: a later version must be understood well enough to be refused by its number. */
static void only_hello_may_be_longer(void)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        uint8_t wire[WIRE_MAX] = {0};
        union message m = sample(i), back;
        struct cursor c = cursor_reading(wire, wire_of(wire, samples[i].type, &m) + 1);
        CU_ASSERT_EQUAL(decode(&c, samples[i].type, &back), samples[i].type == REPL_HELLO);
    }
}

static void bounds_of_hello_and_flags(void)
{
    union message m = sample(0);
    m.hello.member = MEMBER_NONE;
    CU_ASSERT_FALSE(survives(REPL_HELLO, &m));
    m = sample(0);
    m.hello.rule.hex[0] = 'a';
    CU_ASSERT_FALSE(survives(REPL_HELLO, &m));
    m = sample(1);
    m.welcome.verdict = 2;
    CU_ASSERT_FALSE(survives(REPL_WELCOME, &m));
    m = sample(1);
    m.welcome.empty = 2;
    CU_ASSERT_FALSE(survives(REPL_WELCOME, &m));
    m = sample(3);
    m.ack.mixed = 2;
    CU_ASSERT_FALSE(survives(REPL_ACK, &m));
}

static bool ask_survives(uint64_t offset, uint32_t blocks, uint32_t birth)
{
    union message m = sample(4);
    m.ask.offset = offset;
    m.ask.blocks = blocks;
    m.ask.file.birth = birth;
    return survives(REPL_HASH_ASK, &m);
}

static void bounds_of_questions(void)
{
    const uint64_t last = ((uint64_t)INT64_MAX / REPL_BLOCK - 1) * REPL_BLOCK;
    CU_ASSERT_TRUE(ask_survives(last, 1, BIRTH_ROOT));
    CU_ASSERT_FALSE(ask_survives(last, 2, BIRTH_ROOT));
    CU_ASSERT_FALSE(ask_survives(0, 0, BIRTH_ROOT));
    CU_ASSERT_FALSE(ask_survives(0, REPL_ASK_BLOCKS + 1, BIRTH_ROOT));
    CU_ASSERT_FALSE(ask_survives(REPL_BLOCK / 2, 1, BIRTH_ROOT));
    CU_ASSERT_FALSE(ask_survives(0, 1, BIRTH_ROOT + 1));
}

static void more_hashes_than_asked_are_refused(void)
{
    uint8_t wire[WIRE_MAX] = {0};
    union message m = sample(5), back;
    wire_of(wire, REPL_HASHES, &m);
    const size_t at_blocks = 8 + 1 + 8;
    wire[at_blocks] = (uint8_t)(REPL_ASK_BLOCKS + 1);
    wire[at_blocks + 1] = (uint8_t)((REPL_ASK_BLOCKS + 1) >> 8);
    struct cursor c = cursor_reading(wire, at_blocks + 4 + (REPL_ASK_BLOCKS + 1) * REPL_HASH_BYTES);
    CU_ASSERT_FALSE(decode(&c, REPL_HASHES, &back));
}

int main(void)
{
    CU_TestInfo cases[] = {{"each survives its wire form", each_survives_its_wire_form},
                           {"fields keep their places", fields_keep_their_places},
                           {"every truncation is refused", every_truncation_is_refused},
                           {"only hello may be longer", only_hello_may_be_longer},
                           {"bounds of hello and flags", bounds_of_hello_and_flags},
                           {"bounds of questions", bounds_of_questions},
                           {"more hashes than asked are refused", more_hashes_than_asked_are_refused},
                           CU_TEST_INFO_NULL};
    return unit_run("repl_message", cases);
}
