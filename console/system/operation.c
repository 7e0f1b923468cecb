/* SPDX-License-Identifier: Apache-2.0 */
#include "console/system/operation.h"

#include "console/list.h"
#include "core/model_text.h"

#include <stdio.h>
#include <string.h>

#define NOW_OR_LATER "99999999999"

static const struct list_column columns[] = {
    {"id", LIST_NUMBER},        {"op_time", LIST_TIME},  {"user_name", LIST_TEXT},      {"address", LIST_TEXT},
    {"description", LIST_TEXT}, {"result", LIST_NUMBER}, {"failure_reason", LIST_TEXT},
};

/* Who says that he is somebody before he is: as much of it as a name may have, and whole characters. */
static void cut_name(char name[REQUEST_USER_SIZE], const char *text)
{
    size_t used = 0, one;
    while ((one = model_text_character(text + used)) > 0 && used + one < REQUEST_USER_SIZE)
        used += one;
    memcpy(name, text, used);
    name[used] = '\0';
}

enum dr_code operation_write(struct store *store, const struct request *request, const char *what,
                             const struct answer *answer, long long now_s, struct dr_error *err)
{
    char now[24], number[24], room[32], who[REQUEST_USER_SIZE];
    /* Who tries to log in is nobody yet. */
    cut_name(who, request->user.id != 0 ? request->user.name : request_text(request, "username", room));
    const char *reason = answer->code == CODE_OK ? "" : code_text(answer->code, false);
    const char *value[] = {now, who, request->remote, what, number, reason};
    snprintf(now, sizeof now, "%lld", now_s);
    snprintf(number, sizeof number, "%ld", code_number(answer->code));
    return store_run(store, NULL,
                     "INSERT INTO operation (at, account, address, what, code, detail)"
                     " VALUES (%lld, %s, %s, %s, %lld, %s)",
                     value, 6, err);
}

/* Older clients say start_time and end_time, newer ones start and end. */
static const char *bound(const struct request *request, const char *newer, const char *older, const char *standard,
                         char room[32])
{
    const char *text = request_text(request, newer, room);
    if (*text == '\0')
        text = request_text(request, older, room);
    return *text != '\0' ? text : standard;
}

void operation_list(const struct call *call)
{
    char from[32], until[32];
    const char *value[] = {bound(call->request, "start", "start_time", "0", from),
                           bound(call->request, "end", "end_time", NOW_OR_LATER, until)};
    const struct list_statement statement = {
        .select = "SELECT id, at, account, address, what, code, detail FROM operation WHERE at >= %lld AND at <= %lld"
                  " ORDER BY id DESC LIMIT %lld OFFSET %lld",
        .count = "SELECT COUNT(*) FROM operation WHERE at >= %lld AND at <= %lld",
        .value = value,
        .values = 2,
    };
    list_answer(call, &statement, columns, sizeof columns / sizeof *columns, "logs", "info_list");
}
