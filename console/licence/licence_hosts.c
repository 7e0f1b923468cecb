/* SPDX-License-Identifier: Apache-2.0
 * Which hosts there are to bind a licence to, and binding them. */
#include "console/batch.h"
#include "console/licence/licence_routes.h"
#include "console/list.h"

#include <stdlib.h>
#include <string.h>

#define HOSTS_MAX 10000

struct binding {
    char lic_uuid[BATCH_ID_SIZE];
    struct batch_id host[HOSTS_MAX];
    unsigned hosts;
};
struct licence_asked {
    char lic_uuid[BATCH_ID_SIZE];
};
struct host_asked {
    char obj_uuid[BATCH_ID_SIZE];
};
struct feature_asked {
    char feature[LICENCE_FEATURE_SIZE];
};
struct hosts_asked {
    struct batch_id host[HOSTS_MAX];
    unsigned hosts;
};
/* clang-format off */
static const struct model_field binding_fields[] = {
    {.name = "lic_uuid", .kind = MODEL_TEXT, MODEL_AT(struct binding, lic_uuid), .required = true,
     .doc = "The licence.", .doc_zh = "许可。"},
    {.name = "obj_uuids", .kind = MODEL_LIST, MODEL_AT(struct binding, host), .element = &batch_id_model, .max = HOSTS_MAX,
     .required = true, .count = offsetof(struct binding, hosts), .doc = "All its hosts from now on.", .doc_zh = "绑定的全部主机。"},
};
static const struct model_object binding_model = {
    .name = "licence_binding", MODEL_FIELDS(binding_fields), .size = sizeof(struct binding),
    .doc = "The hosts of a licence.", .doc_zh = "许可绑定的主机。"};
static const struct model_field licence_asked_fields[] = {
    {.name = "lic_uuid", .kind = MODEL_TEXT, MODEL_AT(struct licence_asked, lic_uuid), .required = true,
     .doc = "The licence.", .doc_zh = "许可。"},
};
static const struct model_object licence_asked_model = {
    .name = "licence_asked", MODEL_FIELDS(licence_asked_fields), .size = sizeof(struct licence_asked),
    .doc = "One licence.", .doc_zh = "一个许可。"};
static const struct model_field host_asked_fields[] = {
    {.name = "obj_uuid", .kind = MODEL_TEXT, MODEL_AT(struct host_asked, obj_uuid), .required = true,
     .doc = "The host.", .doc_zh = "主机。"},
};
static const struct model_object host_asked_model = {
    .name = "host_asked", MODEL_FIELDS(host_asked_fields), .size = sizeof(struct host_asked),
    .doc = "One host.", .doc_zh = "一个主机。"};
static const struct model_field feature_asked_fields[] = {
    {.name = "feature", .kind = MODEL_PLAIN, MODEL_AT(struct feature_asked, feature), .standard = LICENCE_HA,
     .doc = "What they are licensed for.", .doc_zh = "功能。"},
};
static const struct model_object feature_asked_model = {
    .name = "feature_asked", MODEL_FIELDS(feature_asked_fields), .size = sizeof(struct feature_asked),
    .doc = "A feature.", .doc_zh = "功能。"};
static const struct model_field hosts_asked_fields[] = {
    {.name = "obj_uuids", .kind = MODEL_LIST, MODEL_AT(struct hosts_asked, host), .element = &batch_id_model, .max = HOSTS_MAX,
     .count = offsetof(struct hosts_asked, hosts), .doc = "Hosts.", .doc_zh = "主机。"},
};
static const struct model_object hosts_asked_model = {
    .name = "hosts_asked", MODEL_FIELDS(hosts_asked_fields), .size = sizeof(struct hosts_asked),
    .doc = "Several hosts.", .doc_zh = "多个主机。"};
/* clang-format on */

/* Columns of objects_of(): id, name, address, created_at, bound. */
static json_t *objects_of(const struct store_rows *rows)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < rows->rows; i++) {
        char uuid[UUID_SIZE] = "";
        struct dr_id id;
        if (uuid_read(&id, store_cell(rows, i, 0)))
            uuid_of(uuid, &id);
        json_array_append_new(array, json_pack("{s:s, s:s, s:i, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:b}", "obj_uuid",
                                               uuid, "obj_name", store_cell(rows, i, 1), "obj_type", 0, "config_addr",
                                               store_cell(rows, i, 2), "config_port", "", "create_time",
                                               (json_int_t)store_number(rows, i, 3), "data_addr",
                                               store_cell(rows, i, 2), "phy_type", "", "os_type", "", "user_uuid", "",
                                               "is_bound", store_number(rows, i, 4) > 0));
    }
    return array;
}

static void list_objects(const struct call *call, const char *sql, const char *value, const char *key)
{
    struct store_rows rows;
    struct dr_error err;
    enum dr_code code = store_select(call->store, &rows, sql, &value, 1, &err);
    licence_tell(call, code, &err);
    json_t *objects = objects_of(&rows);
    store_rows_free(&rows);
    if (strcmp(key, "info_list") != 0)
        answer_put(call->answer, key, json_incref(objects));
    list_answer_array(call, objects, "info_list");
}

static void objects_of_licence(const struct call *call)
{
    const struct licence_asked *in = call->in;
    list_objects(call,
                 "SELECT id, name, address, created_at, (SELECT COUNT(*) FROM licence_binding WHERE node = id AND"
                 " licence = %s) FROM node ORDER BY name",
                 in->lic_uuid, "info_list");
}

static void objects_of_feature(const struct call *call)
{
    const struct feature_asked *in = call->in;
    list_objects(
        call,
        "SELECT id, name, address, node.created_at, 1 FROM node, licence_binding WHERE node = id AND feature = %s"
        " ORDER BY name",
        in->feature, "obj_list");
}

static void licences_of_object(const struct call *call)
{
    const struct host_asked *in = call->in;
    struct licence_list list = {0};
    struct dr_error err;
    struct dr_id host;
    if (!uuid_read(&host, in->obj_uuid)) {
        answer_fail(call->answer, CODE_PARAMETER, " Not uuid: obj_uuid;\n");
        return;
    }
    enum dr_code code = licences_load(call->console, call->store, &list, &host, &err);
    licence_tell(call, code, &err);
    json_t *rows = json_array();
    for (unsigned i = 0; i < list.rows; i++) {
        json_t *row = licence_row_object(call, &list.row[i]);
        json_object_set_new(row, "is_bound", json_integer(list.row[i].use.has_host));
        json_object_set_new(row, "disabled", json_integer(0));
        json_array_append_new(rows, row);
    }
    licences_free(&list);
    list_answer_array(call, rows, "info_list");
}

static void node_list(const struct call *call)
{
    list_objects(call,
                 "SELECT id, name, address, created_at, (SELECT COUNT(*) FROM licence_binding WHERE node = id AND"
                 " feature = %s) FROM node ORDER BY name",
                 LICENCE_HA, "obj_list");
}

/* A host's code is its id. */
static void host_codes(const struct call *call)
{
    const struct hosts_asked *in = call->in;
    json_t *codes = json_array();
    struct dr_id id;
    for (unsigned i = 0; i < in->hosts; i++)
        json_array_append_new(codes, json_string(uuid_read(&id, in->host[i].uuid) ? id.hex : ""));
    answer_put(call->answer, "info_list", codes);
}

/* NULL: answered. The caller frees it. */
static struct dr_id *read_hosts(const struct call *call, const struct binding *in)
{
    struct dr_id *host = calloc(in->hosts + 1, sizeof *host);
    for (unsigned i = 0; host != NULL && i < in->hosts; i++)
        if (!uuid_read(&host[i], in->host[i].uuid)) {
            answer_fail(call->answer, CODE_PARAMETER, " Not uuid: obj_uuids[%u];\n", i);
            free(host);
            return NULL;
        }
    if (host == NULL)
        answer_fail(call->answer, CODE_FAILED, "no memory");
    return host;
}

static void note_hosts(const struct call *call, const struct binding *in, const struct dr_id *host)
{
    json_t *done = json_array();
    for (unsigned i = 0; i < in->hosts; i++) {
        char uuid[UUID_SIZE];
        uuid_of(uuid, &host[i]);
        json_array_append_new(done, json_pack("{s:s, s:s, s:I}", "lic_uuid", in->lic_uuid, "obj_uuid", uuid,
                                              "create_time", (json_int_t)call->console->now_s()));
    }
    answer_put(call->answer, "success_list", done);
}

static void bind_hosts(const struct call *call)
{
    const struct binding *in = call->in;
    struct licence_list list = {0};
    struct dr_error err;
    struct dr_id *host = read_hosts(call, in);
    enum dr_code code = host != NULL ? licences_load(call->console, call->store, &list, NULL, &err) : DR_OK;
    const struct licence_row *row = licences_find(&list, in->lic_uuid);
    licence_tell(call, code, &err);
    if (host != NULL && code == DR_OK && row == NULL)
        answer_fail(call->answer, CODE_NO_ENTRY, "%s", "");
    else if (host != NULL && code == DR_OK)
        licence_tell(call, licences_bind(call->console, call->store, row, host, in->hosts, &err), &err);
    if (call->answer->code == CODE_OK)
        note_hosts(call, in, host);
    licences_free(&list);
    free(host);
}

/* clang-format off */
static const struct route routes[] = {
    {"GET", "/lic/obj_hw_code", "lic", host_codes, &hosts_asked_model, "The codes of hosts, for who issues licences.", ROUTE_READS},
    {"GET", "/lic/obj_bind", "lic", licences_of_object, &host_asked_model, "Licences, and whether a host has them.", ROUTE_READS},
    {"GET", "/lic/lic_bind", "lic", objects_of_licence, &licence_asked_model, "Hosts, and whether they have a licence.", ROUTE_READS},
    {"PUT", "/lic/lic_bind", "lic", bind_hosts, &binding_model, "Binds a licence to exactly these hosts.", ROUTE_CHANGES},
    {"GET", "/lic/obj", "lic", objects_of_feature, &feature_asked_model, "Hosts that are licensed for a feature.", ROUTE_READS},
    {"GET", "/lic/node_list", "lic", node_list, NULL, "Hosts, and whether they have a licence at all.", ROUTE_READS},
};
/* clang-format on */
const struct route_area licence_host_routes = ROUTE_AREA("licensed hosts", routes);
