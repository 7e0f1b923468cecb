/* SPDX-License-Identifier: Apache-2.0 */
#include "console/licence/licence_routes.h"

#include "console/batch.h"
#include "console/list.h"
#include "console/system/setting.h"
#include "net/base64.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SENT_SIZE   (MODEL_TEXT_MAX * 2)
#define REMOVED_MAX 100
#define DATE_SIZE   16

struct sent {
    char lic[SENT_SIZE];
};
struct removed {
    struct batch_id uuid[REMOVED_MAX];
    unsigned uuids;
};
/* clang-format off */
static const struct model_field sent_fields[] = {
    {.name = "lic", .kind = MODEL_TEXT, MODEL_AT(struct sent, lic),
     .doc = "A licence file as base64; or `license`: an object that holds one `{feature, lic}` for each serial number.",
     .doc_zh = "许可文件的 base64；或用 license 对象按序列号给出多个 {feature, lic}。"},
};
static const struct model_object sent_model = {
    .name = "licence_file", MODEL_FIELDS(sent_fields), .size = sizeof(struct sent),
    .doc = "Licences to import.", .doc_zh = "要导入的许可。"};
static const struct model_field removed_fields[] = {
    {.name = "lic_uuids", .kind = MODEL_LIST, MODEL_AT(struct removed, uuid), .element = &batch_id_model,
     .max = REMOVED_MAX, .required = true, .count = offsetof(struct removed, uuids), .doc = "Licences.", .doc_zh = "许可。"},
};
static const struct model_object removed_model = {
    .name = "licences", MODEL_FIELDS(removed_fields), .size = sizeof(struct removed),
    .doc = "Several licences.", .doc_zh = "多个许可。"};
/* clang-format on */

void licence_tell(const struct call *call, enum dr_code code, const struct dr_error *err)
{
    static const struct {
        enum dr_code from;
        enum code to;
    } codes[] = {{DR_NOT_FOUND, CODE_NO_ENTRY},      {DR_PROTOCOL, CODE_LICENCE_FILE}, {DR_INVALID, CODE_LICENCE_FILE},
                 {DR_REFUSED, CODE_LICENCE_CONSOLE}, {DR_FULL, CODE_LICENCE_FULL},     {DR_BUSY, CODE_FAILED}};
    enum code told = CODE_STORE;
    if (code == DR_OK)
        return;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].from == code)
            told = codes[i].to;
    answer_fail(call->answer, told, "%s", err->text);
}

static const char *date(char text[DATE_SIZE], uint64_t at_s)
{
    time_t at = (time_t)at_s;
    struct tm parts;
    if (localtime_r(&at, &parts) == NULL || strftime(text, DATE_SIZE, "%Y-%m-%d", &parts) == 0)
        text[0] = '\0';
    return text;
}

json_t *licence_row_object(const struct call *call, const struct licence_row *row)
{
    static const char *const states[] = {"not_yet", "valid", "expired"};
    const struct licence *licence = &row->use.licence;
    uint64_t now_s = (uint64_t)call->console->now_s();
    char until[DATE_SIZE], from[DATE_SIZE], hosts[16];
    enum licence_state state = licence_state(licence, now_s);
    snprintf(hosts, sizeof hosts, "%u", licence->hosts);
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:i, s:i, "
                     "s:i, s:b, s:I, s:I}",
                     "sn", licence->sn, "lic_uuid", row->uuid, "user_uuid", "", "username", row->account, "create_time",
                     (json_int_t)row->created_at, "inst_date", date(from, licence->from_s), "group_sn", "", "company",
                     licence->company, "type", row->use.by_itself ? "trial" : "formal", "ctrl_type", "STD",
                     "show_label", "", "expire", date(until, licence->until_s), "hardware", licence->console.hex,
                     "feature", licence->feature, "state", states[state], "phy_num", hosts, "phy_num_used",
                     (json_int_t)row->use.bound, "vm_num_used", 0, "move_num", 0, "notify_stage",
                     (int)licence_warning(licence, now_s), "is_expire", state == LICENCE_EXPIRED, "from",
                     (json_int_t)licence->from_s, "until", (json_int_t)licence->until_s);
}

static bool load(const struct call *call, struct licence_list *list)
{
    struct dr_error err;
    enum dr_code code = licences_load(call->console, call->store, list, NULL, &err);
    licence_tell(call, code, &err);
    return code == DR_OK;
}

static void list_those(const struct call *call, bool (*wanted)(const struct licence_row *row, uint64_t now_s))
{
    struct licence_list list;
    json_t *rows = json_array();
    if (load(call, &list))
        for (unsigned i = 0; i < list.rows; i++)
            if (wanted == NULL || wanted(&list.row[i], (uint64_t)call->console->now_s()))
                json_array_append_new(rows, licence_row_object(call, &list.row[i]));
    licences_free(&list);
    list_answer_array(call, rows, "info_list");
}

static void list(const struct call *call)
{
    list_those(call, NULL);
}

static bool ends_soon(const struct licence_row *row, uint64_t now_s)
{
    return licence_warning(&row->use.licence, now_s) != 0;
}

static bool is_to_be_told(const struct licence_row *row, uint64_t now_s)
{
    return ends_soon(row, now_s) || licence_state(&row->use.licence, now_s) == LICENCE_EXPIRED;
}

static void list_near(const struct call *call)
{
    list_those(call, ends_soon);
}

static void list_alert(const struct call *call)
{
    list_those(call, is_to_be_told);
}

static void latest(const struct call *call)
{
    struct licence_list list;
    const struct licence_row *last = NULL;
    if (load(call, &list))
        for (unsigned i = 0; i < list.rows; i++)
            if (last == NULL || list.row[i].use.licence.until_s > last->use.licence.until_s)
                last = &list.row[i];
    answer_put(call->answer, "lic", last != NULL ? licence_row_object(call, last) : json_null());
    licences_free(&list);
}

/* With the row of the path; otherwise it has been answered. */
static void with_row(const struct call *call, void (*put)(const struct call *call, const struct licence_row *row))
{
    struct licence_list list;
    if (load(call, &list)) {
        const struct licence_row *row = licences_find(&list, call->request->parts.part[0]);
        if (row != NULL)
            put(call, row);
        else
            answer_fail(call->answer, CODE_NO_ENTRY, "%s", "");
    }
    licences_free(&list);
}

static void put_row(const struct call *call, const struct licence_row *row)
{
    answer_put(call->answer, "lic", licence_row_object(call, row));
}

static void describe(const struct call *call)
{
    with_row(call, put_row);
}

/* As it was imported; the trial has no file. */
static void put_file(const struct call *call, const struct licence_row *row)
{
    char name[LICENCE_SERIAL_SIZE + 8];
    const char *value[] = {row->uuid};
    struct store_rows rows;
    struct dr_error err;
    enum dr_code code =
        store_select(call->store, &rows, "SELECT document FROM licence WHERE uuid = %s", value, 1, &err);
    licence_tell(call, code, &err);
    const char *document = store_cell(&rows, 0, 0);
    char *text = base64_encode((const unsigned char *)document, strlen(document));
    snprintf(name, sizeof name, "%s.lic", row->use.licence.sn);
    answer_put_text(call->answer, "file_name", name);
    answer_put_text(call->answer, "lic", text != NULL ? text : "");
    free(text);
    store_rows_free(&rows);
}

static void download(const struct call *call)
{
    with_row(call, put_file);
}

static void hardware_code(const struct call *call)
{
    char id[DR_ID_DIGITS + 1];
    struct dr_error err;
    enum dr_code code = setting_get(call->store, SETTING_CONSOLE_ID, "", id, sizeof id, &err);
    licence_tell(call, code, &err);
    answer_put_text(call->answer, "hardware_code", id);
}

static void import_one(const struct call *call, const char *sent)
{
    unsigned char text[SENT_SIZE];
    struct dr_error err;
    size_t size = sent != NULL ? base64_decode(text, sizeof text, sent) : 0;
    if (size == 0) {
        answer_fail(call->answer, CODE_LICENCE_FILE, "(it is no base64, or too long)");
        return;
    }
    text[size < sizeof text ? size : sizeof text - 1] = '\0';
    enum dr_code code =
        licences_import(call->console, call->store, (const char *)text, size, call->request->user.name, &err);
    if (code == DR_NOT_FOUND)
        answer_fail(call->answer, CODE_LICENCE_FILE, "(put the issuer's public key there: %s)", err.text);
    else
        licence_tell(call, code, &err);
}

/* All, or none of them: what fails half-way is taken back. */
static void import(const struct call *call)
{
    const struct sent *in = call->in;
    const json_t *several = json_object_get(call->request->parameters, "license");
    const char *sn;
    json_t *one;
    if (in->lic[0] == '\0' && json_object_size(several) == 0) {
        answer_fail(call->answer, CODE_PARAMETER, " Lost: license;\n");
        return;
    }
    if (in->lic[0] != '\0')
        import_one(call, in->lic);
    json_object_foreach((json_t *)several, sn, one)
    {
        if (call->answer->code == CODE_OK)
            import_one(call, json_string_value(json_object_get(one, "lic")));
    }
}

static void remove_licences(const struct call *call)
{
    const struct removed *in = call->in;
    struct dr_error err;
    if (in->uuids == 0)
        answer_fail(call->answer, CODE_EMPTY_LIST, "%s", "");
    for (unsigned i = 0; i < in->uuids && call->answer->code == CODE_OK; i++) {
        enum dr_code code = licences_remove(call->store, in->uuid[i].uuid, &err);
        batch_note(call, "lic_uuid", in->uuid[i].uuid,
                   code == DR_OK          ? CODE_OK
                   : code == DR_NOT_FOUND ? CODE_NO_ENTRY
                                          : CODE_STORE);
    }
}

/* clang-format off */
static const struct route routes[] = {
    {"GET", "/lic/cc_hw_code", "lic", hardware_code, NULL, "The console's id, that licences are issued for.", ROUTE_READS},
    {"GET", "/lic/list_near_expiration", "lic", list_near, NULL, "Licences that end within 30 days.", ROUTE_READS},
    {"GET", "/lic/list_alert", "lic", list_alert, NULL, "Licences that end within 30 days, or have ended.", ROUTE_READS},
    {"GET", "/lic/latest_expire_license", "lic", latest, NULL, "The licence that ends last.", ROUTE_READS},
    {"POST", "/lic", "lic", import, &sent_model, "Imports licences.", ROUTE_CHANGES},
    {"PUT", "/lic/batch", "lic", import, &sent_model, "Imports licences, in place of older ones.", ROUTE_CHANGES},
    {"GET", "/lic", "lic", list, NULL, "Licences.", ROUTE_READS},
    {"DELETE", "/lic", "lic", remove_licences, &removed_model, "Deletes licences; what runs goes on.", ROUTE_CHANGES},
    {"GET", "/lic/*/download_lic_info", "lic", download, NULL, "A licence as it was imported.", ROUTE_READS},
};
static const struct route one_routes[] = {
    {"GET", "/lic/*", "lic", describe, NULL, "One licence.", ROUTE_READS},
    {"PUT", "/lic/*", "lic", import, &sent_model, "Imports a licence in place of an older one.", ROUTE_CHANGES},
};
/* clang-format on */
const struct route_area licence_routes = ROUTE_AREA("licences", routes);
const struct route_area licence_one_routes = ROUTE_AREA("licences", one_routes);
