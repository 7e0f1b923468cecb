/* SPDX-License-Identifier: Apache-2.0 */
#include "console/batch.h"

/* clang-format off */
static const struct model_field id_fields[] = {
    {.name = "uuid", .kind = MODEL_TEXT, MODEL_AT(struct batch_id, uuid), .required = true,
     .doc = "An id.", .doc_zh = "编号。"},
};
/* clang-format on */
const struct model_object batch_id_model = {
    .name = "id", MODEL_FIELDS(id_fields), .size = sizeof(struct batch_id), .doc = "An id.", .doc_zh = "编号。"};

static void append(const struct call *call, const char *list, json_t *element)
{
    json_t *array = json_object_get(call->answer->data, list);
    if (array == NULL) {
        array = json_array();
        answer_put(call->answer, list, array);
    }
    json_array_append(array, element);
}

void batch_note(const struct call *call, const char *key, const char *uuid, enum code code)
{
    json_t *element = json_pack("{s:I, s:s, s:s}", "code", (json_int_t)code_number(code), "message",
                                code_text(code, request_is_chinese(call->request)), key, uuid);
    append(call, code == CODE_OK ? "success_list" : "fail_list", element);
    append(call, "all_list", element);
    json_decref(element);
    if (code == CODE_OK)
        return;
    json_object_del(call->answer->data, "success_list"); /* the transaction is taken back whole */
    answer_fail(call->answer, code, "(%s)", uuid);
}
