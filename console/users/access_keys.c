/* SPDX-License-Identifier: Apache-2.0
 * Access keys of whoever calls: nobody sees those of another user. */
#include "console/auth/access_key.h"
#include "console/auth/random.h"
#include "console/console.h"
#include "console/list.h"
#include "console/users/user_routes.h"

#include <stdio.h>
#include <string.h>

struct key_change {
    char access_key[ACCESS_KEY_SIZE];
    bool status;
};
/* clang-format off */
static const struct model_field key_fields[] = {
    {.name = "access_key", .kind = MODEL_TEXT, MODEL_AT(struct key_change, access_key), .required = true,
     .doc = "Its name.", .doc_zh = "访问密钥。"},
    {.name = "status", .kind = MODEL_SWITCH, MODEL_AT(struct key_change, status), .standard = "on",
     .doc = "Whether it may be used.", .doc_zh = "是否启用。"},
};
/* clang-format on */
static const struct model_object key_model = {.name = "access_key",
                                              MODEL_FIELDS(key_fields),
                                              .size = sizeof(struct key_change),
                                              .doc = "An access key.",
                                              .doc_zh = "访问密钥。"};

static void text_of_id(char text[24], const struct call *call)
{
    snprintf(text, 24, "%lld", call->request->user.id);
}

static bool stored(const struct call *call, enum dr_code code, const struct dr_error *err)
{
    if (code != DR_OK)
        answer_fail(call->answer, CODE_STORE, "%s", err->text);
    return code == DR_OK;
}

static void put_secrets(const struct call *call, json_t *rows)
{
    char secret[ACCESS_KEY_SECRET_SIZE];
    json_t *row;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        const char *name = json_string_value(json_object_get(row, "access_key"));
        if (name != NULL && access_key_secret(secret, call->console->master, name))
            json_object_set_new(row, "secret_key", json_string(secret));
    }
}

static void list(const struct call *call)
{
    static const struct list_column columns[] = {{"username", LIST_TEXT},
                                                 {"user_uuid", LIST_TEXT},
                                                 {"access_key", LIST_TEXT},
                                                 {"status", LIST_NUMBER},
                                                 {"created_at", LIST_NUMBER}};
    char id[24];
    const char *value[] = {id};
    const struct list_statement statement = {
        .select = "SELECT account.name, account.uuid, access_key.name, access_key.active, access_key.created_at"
                  " FROM access_key, account WHERE account.id = access_key.account AND account.id = %lld"
                  " ORDER BY access_key.created_at, access_key.name LIMIT %lld OFFSET %lld",
        .count = "SELECT COUNT(*) FROM access_key WHERE account = %lld",
        .value = value,
        .values = 1,
    };
    text_of_id(id, call);
    list_answer(call, &statement, columns, sizeof columns / sizeof *columns, "info_list", "keys");
    put_secrets(call, json_object_get(call->answer->data, "info_list"));
}

/* The user's row is locked until the call's transaction ends: two calls at once count one after the other, on every
 * data base. */
static bool has_room(const struct call *call, const char *id)
{
    const char *value[] = {id};
    struct store_rows rows = {0};
    struct dr_error err;
    enum dr_code code =
        store_run(call->store, NULL, "UPDATE account SET failures = failures WHERE id = %lld", value, 1, &err);
    if (code == DR_OK)
        code = store_select(call->store, &rows, "SELECT COUNT(*) FROM access_key WHERE account = %lld", value, 1, &err);
    bool room = stored(call, code, &err) && store_number(&rows, 0, 0) < ACCESS_KEYS_MAX;
    if (code == DR_OK && !room)
        answer_fail(call->answer, CODE_KEYS_FULL, "%s", "");
    store_rows_free(&rows);
    return room;
}

static void create(const struct call *call)
{
    char id[24], now[24], name[ACCESS_KEY_SIZE], secret[ACCESS_KEY_SECRET_SIZE];
    const char *value[] = {name, id, now};
    struct dr_error err;
    text_of_id(id, call);
    snprintf(now, sizeof now, "%lld", call->console->now_s());
    if (!has_room(call, id))
        return;
    if (!random_hex(name, sizeof name) || !access_key_secret(secret, call->console->master, name)) {
        answer_fail(call->answer, CODE_FAILED, "the system has no random numbers");
        return;
    }
    enum dr_code code = store_run(
        call->store, NULL, "INSERT INTO access_key (name, account, active, created_at) VALUES (%s, %lld, 1, %lld)",
        value, 3, &err);
    if (!stored(call, code, &err))
        return;
    answer_put_text(call->answer, "access_key", name);
    answer_put_text(call->answer, "secret_key", secret);
}

static void change(const struct call *call, const char *sql, const char *const *value, unsigned values)
{
    struct dr_error err;
    int changed = 0;
    enum dr_code code = store_run(call->store, &changed, sql, value, values, &err);
    if (stored(call, code, &err) && changed == 0)
        answer_fail(call->answer, CODE_NO_KEY, "%s", "");
}

static void modify(const struct call *call)
{
    const struct key_change *in = call->in;
    char id[24];
    const char *value[] = {in->status ? "1" : "0", in->access_key, id};
    text_of_id(id, call);
    change(call, "UPDATE access_key SET active = %d WHERE name = %s AND account = %lld", value, 3);
}

static void remove_key(const struct call *call)
{
    const struct key_change *in = call->in;
    char id[24];
    const char *value[] = {in->access_key, id};
    text_of_id(id, call);
    change(call, "DELETE FROM access_key WHERE name = %s AND account = %lld", value, 2);
}

/* clang-format off */
static const struct route routes[] = {
    {"GET", "/ak", ROUTE_ANYONE, list, NULL, "Access keys of who asks.", ROUTE_READS},
    {"POST", "/ak", ROUTE_ANYONE, create, NULL, "Makes an access key.", ROUTE_CHANGES},
    {"PUT", "/ak", ROUTE_ANYONE, modify, &key_model, "Switches an access key on or off.", ROUTE_CHANGES},
    {"DELETE", "/ak", ROUTE_ANYONE, remove_key, &key_model, "Deletes an access key.", ROUTE_CHANGES},
};
/* clang-format on */
const struct route_area access_key_routes = ROUTE_AREA("access keys", routes);
