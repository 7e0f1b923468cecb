/* SPDX-License-Identifier: Apache-2.0
 * Lists of what is kept: a page of them, or all for a file. */
#include "console/list.h"
#include "console/rule/kept.h"

#include <stdio.h>

#define LIKE_SIZE  (RULE_NAME_SIZE + 2)
#define VALUES     5
#define EVERYTHING "1000000"

static const struct list_column columns[] = {
    {"id", LIST_TEXT},         {"name", LIST_TEXT},          {"username", LIST_TEXT},      {"user_uuid", LIST_TEXT},
    {"random_str", LIST_TEXT}, {"create_time", LIST_NUMBER}, {"replication", LIST_NUMBER}, {"xml", LIST_TEXT}};

#define OF_KIND                                                                                                        \
    " WHERE kept.kind = %s AND kept.replication = %d AND (kept.account = %s OR %s = '*') AND kept.name LIKE %s"
static const char select_rows[] =
    "SELECT kept.id, kept.name, kept.account, account.uuid, kept.stamp, kept.created_at, kept.replication, kept.xml"
    " FROM kept LEFT JOIN account ON account.name = kept.account" OF_KIND " ORDER BY kept.name LIMIT %lld OFFSET %lld";
static const char count_rows[] = "SELECT COUNT(*) FROM kept" OF_KIND;
#undef OF_KIND

static void values_of(const char *value[VALUES], char like[LIKE_SIZE], const struct call *call, const char *kind,
                      bool replication)
{
    char room[32];
    snprintf(like, LIKE_SIZE, "%%%.*s%%", RULE_NAME_SIZE - 1, request_text(call->request, "search_value", room));
    value[0] = kind;
    value[1] = replication ? "1" : "0";
    value[2] = call->request->user.name;
    value[3] = kept_sees_all(call) ? "*" : "";
    value[4] = like;
}

static void put_rights(json_t *row)
{
    static const char *const rights[] = {"can_view", "can_up", "can_op", "can_del", "is_biz_admin"};
    for (size_t i = 0; i < sizeof rights / sizeof *rights; i++)
        json_object_set_new(row, rights[i], json_integer(1));
}

static void finish_rows(const struct call *call, json_t *rows, kept_row *finish)
{
    json_t *row;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        json_t *id = json_incref(json_object_get(row, "id")), *xml = json_incref(json_object_get(row, "xml"));
        json_object_del(row, "xml");
        json_object_del(row, "id");
        put_rights(row);
        finish(call, row, json_string_value(id), json_string_value(xml));
        json_decref(id);
        json_decref(xml);
    }
}

void kept_list(const struct call *call, const char *kind, bool replication, const char *const keys[2], kept_row *finish)
{
    char like[LIKE_SIZE];
    const char *value[VALUES];
    const struct list_statement statement = {
        .select = select_rows, .count = count_rows, .value = value, .values = VALUES};
    values_of(value, like, call, kind, replication);
    list_answer(call, &statement, columns, sizeof columns / sizeof *columns, keys[0], keys[1]);
    finish_rows(call, json_object_get(call->answer->data, keys[0]), finish);
}

json_t *kept_all(const struct call *call, const char *kind, kept_row *finish)
{
    char like[LIKE_SIZE];
    const char *value[VALUES + 2];
    struct store_rows rows;
    struct dr_error err;
    json_t *all = NULL;
    values_of(value, like, call, kind, false);
    value[VALUES] = EVERYTHING;
    value[VALUES + 1] = "0";
    if (store_select(call->store, &rows, select_rows, value, VALUES + 2, &err) == DR_OK) {
        all = LIST_ROWS(&rows, columns);
        finish_rows(call, all, finish);
    } else {
        answer_fail(call->answer, CODE_STORE, "%s", err.text);
    }
    store_rows_free(&rows);
    return all;
}
