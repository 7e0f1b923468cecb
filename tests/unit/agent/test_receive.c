/* SPDX-License-Identifier: Apache-2.0
 * What the target's end of a connection says to those that it cannot serve. */
#include "tests/unit/agent/rig.h"
#include "tests/unit/unit.h"

#include <string.h>

#define RING  (8u << 20)
#define LIMIT 5000

static struct conn *dial(struct rig *rig, int listener)
{
    struct dr_error err;
    struct conn *conn = NULL;
    const struct rig_listener *at = &rig->listener[listener];
    struct conn_to to = {.address = "127.0.0.1", .port = at->port, .peer = &pki_beta, .limit = LIMIT};
    CU_ASSERT_EQUAL_FATAL(conn_dial(&conn, rig->source_tls, at->lane, &to, &err), DR_OK);
    return conn;
}

static struct repl_hello good_hello(const struct rig *rig)
{
    return (struct repl_hello){.version = REPL_VERSION,
                               .rule = rig->receive.rule,
                               .member = MEMBER_A,
                               .term = 1,
                               .stream = 4711,
                               .first = 1,
                               .paths = 1};
}

static void send_bytes(struct conn *conn, enum repl_type type, const void *bytes, size_t size)
{
    struct dr_error err;
    struct piece piece = {bytes, size};
    CU_ASSERT_EQUAL(conn_send(conn, (uint8_t)type, &piece, 1, LIMIT, &err), DR_OK);
}

static void greet(struct rig *rig, struct conn *conn, const struct repl_hello *hello, struct repl_welcome *welcome)
{
    uint8_t bytes[512];
    struct dr_error err;
    struct frame frame;
    struct cursor c = cursor_over(bytes, sizeof bytes);
    (void)rig;
    repl_hello_encode(&c, hello);
    send_bytes(conn, REPL_HELLO, bytes, sizeof bytes - cursor_left(&c));
    CU_ASSERT_EQUAL_FATAL(conn_receive(conn, &frame, LIMIT, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(frame.type, REPL_WELCOME);
    struct cursor answer = cursor_reading(frame.body, frame.size);
    CU_ASSERT_TRUE_FATAL(repl_welcome_decode(&answer, welcome));
}

static void is_refused(struct rig *rig, const struct repl_hello *hello, const char *word)
{
    for (int listener = 0; listener < 2; listener++) {
        struct repl_welcome welcome;
        struct conn *conn = dial(rig, listener);
        greet(rig, conn, hello, &welcome);
        CU_ASSERT_EQUAL(welcome.verdict, REPL_REFUSED);
        CU_ASSERT_PTR_NOT_NULL(strstr(welcome.why, word));
        conn_close(conn);
    }
}

static void refusals_are_in_words(void)
{
    struct rig rig;
    rig_open(&rig, RING);
    rig.receive.term = 3;
    struct repl_hello hello = good_hello(&rig);
    is_refused(&rig, &hello, "term 1 is over");
    hello.term = 4; /* B's, not A's */
    is_refused(&rig, &hello, "not the sender's");
    hello.term = 3;
    hello.version++;
    is_refused(&rig, &hello, "version");
    hello.version--;
    hello.rule.hex[0] = 'F';
    is_refused(&rig, &hello, "is not known here");
    hello.rule = rig.receive.rule;
    hello.paths = 2;
    is_refused(&rig, &hello, "2 protected folders");
    hello.paths = 1;
    hello.member = MEMBER_B;
    is_refused(&rig, &hello, "not the other member");
    hello.member = MEMBER_A;
    rig.receive.peer = pki_beta;
    is_refused(&rig, &hello, "not the other member");
    rig_close(&rig);
}

static void what_is_held_is_said(void)
{
    struct rig rig;
    struct repl_welcome welcome;
    rig_open(&rig, RING);
    struct repl_hello hello = good_hello(&rig);
    struct conn *conn = dial(&rig, 0);
    greet(&rig, conn, &hello, &welcome);
    CU_ASSERT_EQUAL(welcome.verdict, REPL_ACCEPTED);
    CU_ASSERT_TRUE(welcome.empty);
    conn_close(conn);
    played_append(&rig.played, RECORD_MARK);
    rig_source_start(&rig, 1);
    CU_ASSERT_TRUE_FATAL(rig_level(&rig, LIMIT));
    rig_source_stop(&rig);
    conn = dial(&rig, 0);
    greet(&rig, conn, &hello, &welcome);
    CU_ASSERT_EQUAL(welcome.stream, 4711);
    CU_ASSERT_EQUAL(welcome.seq, 1);
    CU_ASSERT_FALSE(welcome.mixed);
    conn_close(conn);
    rig_close(&rig);
}

/* The former master's last record is where the new term began: it takes the new stream without a mirror. */
static void a_handed_over_position_is_adopted(void)
{
    struct rig rig;
    struct repl_welcome welcome;
    rig_open(&rig, RING);
    rig.receive.own_stream = 99;
    rig.receive.own_seq = 1234;
    struct repl_hello hello = good_hello(&rig);
    hello.former_stream = 99;
    hello.former_seq = 1233;
    hello.began = 7;
    struct conn *conn = dial(&rig, 0);
    greet(&rig, conn, &hello, &welcome);
    CU_ASSERT_NOT_EQUAL(welcome.stream, 4711);
    conn_close(conn);
    hello.former_seq = 1234;
    conn = dial(&rig, 0);
    greet(&rig, conn, &hello, &welcome);
    CU_ASSERT_EQUAL(welcome.stream, 4711);
    CU_ASSERT_EQUAL(welcome.seq, 7);
    CU_ASSERT_FALSE(welcome.mixed);
    conn_close(conn);
    rig_close(&rig);
}

static void ends(struct rig *rig, int listener, enum repl_type type, const void *bytes, size_t size)
{
    struct repl_hello hello = good_hello(rig);
    struct repl_welcome welcome;
    struct dr_error err;
    struct frame frame;
    enum dr_code code = DR_OK;
    struct conn *conn = dial(rig, listener);
    greet(rig, conn, &hello, &welcome);
    send_bytes(conn, type, bytes, size);
    while (!code)
        code = conn_receive(conn, &frame, LIMIT, &err);
    CU_ASSERT_EQUAL(code, DR_CLOSED);
    conn_close(conn);
}

static void garbage_ends_the_session_only(void)
{
    struct rig rig;
    uint8_t garbage[300];
    memset(garbage, 0xa5, sizeof garbage);
    rig_open(&rig, RING);
    ends(&rig, 0, REPL_RECORDS, garbage, sizeof garbage);
    ends(&rig, 0, REPL_RESUME, garbage, 3);
    ends(&rig, 0, REPL_ACK, garbage, sizeof garbage);
    ends(&rig, 1, REPL_HASH_ASK, garbage, sizeof garbage);
    ends(&rig, 1, REPL_RECORDS, garbage, sizeof garbage);
    rig_source_start(&rig, 1);
    CU_ASSERT_TRUE(rig_level(&rig, LIMIT));
    rig_close(&rig);
}

int main(void)
{
    CU_TestInfo cases[] = {{"refusals are in words", refusals_are_in_words},
                           {"what is held is said", what_is_held_is_said},
                           {"a handed over position is adopted", a_handed_over_position_is_adopted},
                           {"garbage ends the session only", garbage_ends_the_session_only},
                           CU_TEST_INFO_NULL};
    return unit_run("receive", cases);
}
