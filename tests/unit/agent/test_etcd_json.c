/* SPDX-License-Identifier: Apache-2.0
 * Questions and answers as etcd 3.4.23's gateway takes and gives them (recorded from it). */
#include "agent/witness/etcd_json.h"
#include "tests/unit/unit.h"

#include <apr_base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct dr_id RULE = {"0123456789ABCDEF0123456789ABCDEF"};
#define KEY_A "L2Rybm9kZS8wMTIzNDU2Nzg5QUJDREVGMDEyMzQ1Njc4OUFCQ0RFRi9h" /* /drnode/RULE/a */
#define KEY_B "L2Rybm9kZS8wMTIzNDU2Nzg5QUJDREVGMDEyMzQ1Njc4OUFCQ0RFRi9i"
#define HEAD                                                                                                           \
    "\"header\":{\"cluster_id\":\"13455796455940752355\",\"member_id\":\"4\",\"revision\":\"7\",\"raft_term\":\"2\"}"

static const struct witness_record SAMPLE = {.identity = 11, .serial = 5, .term = 3, .claims = true, .length = 2000};

static const char *value_of(const struct witness_record *record)
{
    static char text[128];
    uint8_t bytes[WITNESS_RECORD_BYTES];
    witness_record_encode(bytes, record);
    apr_base64_encode_binary(text, bytes, sizeof bytes);
    return text;
}

static enum dr_code answer(struct etcd_state *state, const char *text, struct dr_error *err)
{
    return etcd_answer(state, &RULE, text, strlen(text), err);
}

static void nothing_there_yet(void)
{
    struct etcd_state state;
    struct dr_error err;
    CU_ASSERT_EQUAL(answer(&state, "{" HEAD "}", &err), DR_OK);
    CU_ASSERT_TRUE(state.store == 7 && state.revision[0] == 0 && state.pair.of[0].identity == 0);
}

static void both_records(void)
{
    char text[1024];
    struct etcd_state state;
    struct dr_error err;
    snprintf(text, sizeof text,
             "{" HEAD ",\"kvs\":[{\"key\":\"" KEY_A
             "\",\"create_revision\":\"2\",\"mod_revision\":\"6\",\"version\":\"1\","
             "\"value\":\"%s\"},{\"key\":\"" KEY_B "\",\"mod_revision\":\"7\",\"value\":\"%s\"}],\"count\":\"2\"}",
             value_of(&SAMPLE), value_of(&SAMPLE));
    CU_ASSERT_EQUAL(answer(&state, text, &err), DR_OK);
    CU_ASSERT_TRUE(witness_record_equal(&state.pair.of[0], &SAMPLE) &&
                   witness_record_equal(&state.pair.of[1], &SAMPLE));
    CU_ASSERT_TRUE(state.revision[0] == 6 && state.revision[1] == 7);
}

/* Either branch of a transaction ends with a range, after the put if there was one. */
static void a_transaction(void)
{
    char text[1024];
    struct etcd_state state;
    struct dr_error err;
    snprintf(text, sizeof text,
             "{" HEAD ",\"succeeded\":true,\"responses\":[{\"response_put\":{\"header\":{\"revision\":\"7\"}}},"
             "{\"response_range\":{\"header\":{\"revision\":\"7\"},\"kvs\":[{\"key\":\"" KEY_B
             "\",\"mod_revision\":\"7\",\"value\":\"%s\"}],\"count\":\"1\"}}]}",
             value_of(&SAMPLE));
    CU_ASSERT_EQUAL(answer(&state, text, &err), DR_OK);
    CU_ASSERT_TRUE(state.pair.of[1].serial == 5 && state.revision[1] == 7 && state.revision[0] == 0);
}

static void what_is_no_answer(void)
{
    static const char *const texts[] = {"",
                                        "404 page not found\n",
                                        "{}",
                                        "[]",
                                        "7",
                                        "{" HEAD ",\"responses\":[]}",
                                        "{" HEAD ",\"responses\":[7]}",
                                        "{" HEAD
                                        ",\"kvs\":[{\"key\":\"eA==\",\"mod_revision\":\"7\",\"value\":\"eA==\"}]}",
                                        "{" HEAD ",\"kvs\":[{\"key\":\"" KEY_A "\",\"value\":\"eA==\"}]}"};
    struct etcd_state state;
    struct dr_error err;
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        CU_ASSERT_EQUAL(answer(&state, texts[i], &err), DR_PROTOCOL);
    CU_ASSERT_EQUAL(answer(&state, "{\"error\":\"etcdserver: request timed out\",\"code\":14}", &err), DR_REFUSED);
    unit_says(err.text, "etcdserver: request timed out");
    CU_ASSERT_EQUAL(
        answer(&state, "{" HEAD ",\"kvs\":[{\"key\":\"" KEY_A "\",\"mod_revision\":\"7\",\"value\":\"eA==\"}]}", &err),
        DR_CORRUPT);
    unit_says(err.text, "/drnode/0123456789ABCDEF0123456789ABCDEF/a in etcd is no record of drnode");
}

static void the_questions(void)
{
    char expected[2048];
    struct etcd_state seen = {.revision = {6, 0}};
    char *range = etcd_range_body(&RULE), *txn = etcd_txn_body(&RULE, MEMBER_B, &SAMPLE, &seen);
    CU_ASSERT_STRING_EQUAL(range, "{\"key\":\"" KEY_A "\",\"range_end\":\""
                                  "L2Rybm9kZS8wMTIzNDU2Nzg5QUJDREVGMDEyMzQ1Njc4OUFCQ0RFRi9j\"}");
    snprintf(expected, sizeof expected,
             "{\"compare\":[{\"key\":\"" KEY_A
             "\",\"target\":\"MOD\",\"result\":\"EQUAL\",\"mod_revision\":\"6\"},{\"key\":\"" KEY_B
             "\",\"target\":\"MOD\",\"result\":\"EQUAL\",\"mod_revision\":\"0\"}],\"success\":[{\"request_put\":{"
             "\"key\":\"" KEY_B "\",\"value\":\"%s\"}},{\"request_range\":%s}],\"failure\":[{\"request_range\":%s}]}",
             value_of(&SAMPLE), range, range);
    CU_ASSERT_STRING_EQUAL(txn, expected);
    free(range);
    free(txn);
}

int main(void)
{
    CU_TestInfo cases[] = {{"a range with nothing in it", nothing_there_yet},
                           {"a range with both records", both_records},
                           {"a transaction's answer", a_transaction},
                           {"what is no answer of etcd, and what etcd refuses", what_is_no_answer},
                           {"what is asked", the_questions},
                           CU_TEST_INFO_NULL};
    return unit_run("etcd_json", cases);
}
