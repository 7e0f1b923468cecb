/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/witness/etcd_json.h"

#include "core/model_text.h"

#include <apr_base64.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BASE64_SIZE 128 /* of a key or a record: 4 bytes for 3, and the end */

void etcd_key(char key[ETCD_KEY_SIZE], const struct dr_id *rule, enum member member)
{
    snprintf(key, ETCD_KEY_SIZE, "/drnode/%s/%c", rule->hex, "ab"[member]);
}

/* ---- questions ---- */

static void encode_key(char text[BASE64_SIZE], const struct dr_id *rule, enum member member)
{
    char key[ETCD_KEY_SIZE];
    etcd_key(key, rule, member);
    apr_base64_encode(text, key, (int)strlen(key));
}

/* From a's key up to, not with, the one behind b's. */
static json_t *range(const struct dr_id *rule)
{
    char first[BASE64_SIZE], end[ETCD_KEY_SIZE], last[BASE64_SIZE];
    encode_key(first, rule, MEMBER_A);
    snprintf(end, sizeof end, "/drnode/%s/c", rule->hex);
    apr_base64_encode(last, end, (int)strlen(end));
    return json_pack("{s:s, s:s}", "key", first, "range_end", last);
}

static char *text_of(json_t *body)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    return text;
}

char *etcd_range_body(const struct dr_id *rule)
{
    return text_of(range(rule));
}

static json_t *unchanged(const struct dr_id *rule, enum member member, uint64_t revision)
{
    char key[BASE64_SIZE], number[24];
    encode_key(key, rule, member);
    snprintf(number, sizeof number, "%llu", (unsigned long long)revision);
    return json_pack("{s:s, s:s, s:s, s:s}", "key", key, "target", "MOD", "result", "EQUAL", "mod_revision", number);
}

static json_t *put(const struct dr_id *rule, enum member self, const struct witness_record *record)
{
    char key[BASE64_SIZE], value[BASE64_SIZE];
    uint8_t bytes[WITNESS_RECORD_BYTES];
    encode_key(key, rule, self);
    witness_record_encode(bytes, record);
    apr_base64_encode_binary(value, bytes, sizeof bytes);
    return json_pack("{s:s, s:s}", "key", key, "value", value);
}

char *etcd_txn_body(const struct dr_id *rule, enum member self, const struct witness_record *record,
                    const struct etcd_state *seen)
{
    return text_of(json_pack(
        "{s:[o,o], s:[{s:o}, {s:o}], s:[{s:o}]}", "compare", unchanged(rule, MEMBER_A, seen->revision[MEMBER_A]),
        unchanged(rule, MEMBER_B, seen->revision[MEMBER_B]), "success", "request_put", put(rule, self, record),
        "request_range", range(rule), "failure", "request_range", range(rule)));
}

/* ---- answers ---- */

/* A 64-bit number, which JSON cannot hold, stands as text. */
static bool number_of(const json_t *value, uint64_t *number)
{
    const char *text = json_string_value(value);
    if (text != NULL)
        return model_text_number(text, number);
    *number = json_is_integer(value) && json_integer_value(value) >= 0 ? (uint64_t)json_integer_value(value) : 0;
    return json_is_integer(value) && json_integer_value(value) >= 0;
}

/* Decodes at most BASE64_SIZE characters; false: it is longer, or no text. */
static bool bytes_of(const json_t *value, uint8_t bytes[BASE64_SIZE], size_t *size)
{
    const char *text = json_string_value(value);
    if (text == NULL || strlen(text) >= BASE64_SIZE)
        return false;
    int decoded = apr_base64_decode_binary(bytes, text);
    *size = decoded > 0 ? (size_t)decoded : 0;
    return true;
}

/* Whose record the key names; MEMBER_NONE: nobody's. */
static enum member owner_of(const json_t *pair, const struct dr_id *rule)
{
    uint8_t key[BASE64_SIZE];
    char wanted[ETCD_KEY_SIZE];
    size_t size;
    if (!bytes_of(json_object_get(pair, "key"), key, &size))
        return MEMBER_NONE;
    for (enum member m = MEMBER_A; m <= MEMBER_B; m++) {
        etcd_key(wanted, rule, m);
        if (size == strlen(wanted) && memcmp(key, wanted, size) == 0)
            return m;
    }
    return MEMBER_NONE;
}

static enum dr_code take_record(struct etcd_state *state, const json_t *pair, const struct dr_id *rule,
                                struct dr_error *err)
{
    uint8_t value[BASE64_SIZE];
    size_t size;
    enum member owner = owner_of(pair, rule);
    if (owner == MEMBER_NONE)
        return dr_fail(err, DR_PROTOCOL, "etcd answers with a key that was not asked for");
    if (!number_of(json_object_get(pair, "mod_revision"), &state->revision[owner]) || state->revision[owner] == 0)
        return dr_fail(err, DR_PROTOCOL, "etcd answers without a mod_revision");
    if (bytes_of(json_object_get(pair, "value"), value, &size) &&
        witness_record_decode(&state->pair.of[owner], value, size))
        return DR_OK;
    return dr_fail(
        err, DR_CORRUPT,
        "/drnode/%s/%c in etcd is no record of drnode: remove it, and its member makes a new one (a new voter)",
        rule->hex, "ab"[owner]);
}

/* A txn's answer ends with its range. */
static const json_t *range_in(const json_t *answer)
{
    const json_t *responses = json_object_get(answer, "responses");
    if (responses == NULL)
        return answer;
    const json_t *last = json_array_get(responses, json_array_size(responses) - 1);
    return json_object_get(last, "response_range");
}

static enum dr_code read_state(struct etcd_state *state, const json_t *answer, const struct dr_id *rule,
                               struct dr_error *err)
{
    const char *error = json_string_value(json_object_get(answer, "error"));
    const json_t *found = range_in(answer), *pair;
    size_t i;
    if (error != NULL)
        return dr_fail(err, DR_REFUSED, "etcd refuses: %.200s", error);
    if (!number_of(json_object_get(json_object_get(answer, "header"), "revision"), &state->store) ||
        !json_is_object(found))
        return dr_fail(err, DR_PROTOCOL, "what answers there is no etcd of version 3.4 or later");
    json_array_foreach(json_object_get(found, "kvs"), i, pair)
    {
        enum dr_code code = take_record(state, pair, rule, err);
        if (code != DR_OK)
            return code;
    }
    return DR_OK;
}

enum dr_code etcd_answer(struct etcd_state *state, const struct dr_id *rule, const char *text, size_t size,
                         struct dr_error *err)
{
    json_error_t problem;
    *state = (struct etcd_state){0};
    json_t *answer = json_loadb(text, size, 0, &problem);
    if (answer == NULL)
        return dr_fail(err, DR_PROTOCOL, "what answers there is no etcd of version 3.4 or later: %.*s",
                       (int)strcspn(problem.text, "\n"), problem.text);
    enum dr_code code = read_state(state, answer, rule, err);
    json_decref(answer);
    return code;
}
