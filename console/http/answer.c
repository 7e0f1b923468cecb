/* SPDX-License-Identifier: Apache-2.0 */
#include "console/http/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_SIZE (ANSWER_DETAIL + 256)

void answer_begin(struct answer *answer)
{
    *answer = (struct answer){.status = 200, .data = json_object(), .type = "application/json; charset=utf-8"};
}

void answer_end(struct answer *answer)
{
    json_decref(answer->data);
    free(answer->plain);
}

void answer_fail(struct answer *answer, enum code code, const char *detail, ...)
{
    va_list values;
    va_start(values, detail);
    vsnprintf(answer->detail, sizeof answer->detail, detail, values);
    va_end(values);
    answer->code = code;
}

void answer_refuse(struct answer *answer, int status, const char *msg)
{
    answer->status = status;
    answer->refusal = msg;
}

void answer_plain(struct answer *answer, int status, const char *type, char *text)
{
    if (text == NULL) {
        answer_fail(answer, CODE_FAILED, "no memory");
        return;
    }
    answer->status = status;
    answer->type = type;
    answer->plain = text;
    answer->plain_size = strlen(text);
}

void answer_file(struct answer *answer, char *bytes, size_t size, const char *type, const char *name)
{
    answer->type = type;
    answer->plain = bytes;
    answer->plain_size = size;
    snprintf(answer->file_name, sizeof answer->file_name, "%s", name);
}

void answer_put(struct answer *answer, const char *key, json_t *value)
{
    json_object_set_new(answer->data, key, value);
}

void answer_put_text(struct answer *answer, const char *key, const char *text)
{
    answer_put(answer, key, json_string(text));
}

void answer_put_number(struct answer *answer, const char *key, long long number)
{
    answer_put(answer, key, json_integer(number));
}

static json_t *with_code(const struct answer *answer, bool zh)
{
    char message[MESSAGE_SIZE];
    long number = code_number(answer->code);
    const char *between = answer->detail[0] != '\0' ? " " : "";
    snprintf(message, sizeof message, "[%ld] %s%s%s", number, code_text(answer->code, zh), between, answer->detail);
    json_t *data = json_pack("{s:I, s:s}", "code", (json_int_t)number, "message", message);
    if (data != NULL)
        json_object_update_missing(data, answer->data);
    return data;
}

char *answer_text(const struct answer *answer, bool zh)
{
    if (answer->plain != NULL)
        return strdup(answer->plain);
    json_t *whole = json_pack("{s:i, s:s}", "ret", answer->status, "msg", answer->refusal ? answer->refusal : "");
    if (answer->refusal == NULL || answer->status == 403)
        json_object_set_new(whole, "data", answer->refusal == NULL ? with_code(answer, zh) : json_object());
    char *text = json_dumps(whole, JSON_COMPACT);
    json_decref(whole);
    return text;
}
