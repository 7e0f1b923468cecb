/* SPDX-License-Identifier: Apache-2.0
 * What existing clients send, as it is meant. */
#include "console/http/answer.h"
#include "console/http/parameters.h"
#include "console/http/path.h"
#include "console/http/query.h"
#include "console/http/sign.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UUID "0A1B2C3D-4E5F-6789-ABCD-EF0123456789"

static void leads_to(const char *sent, const char *route)
{
    char path[PATH_SIZE] = "";
    CU_ASSERT_TRUE(path_repair(path, sent));
    CU_ASSERT_STRING_EQUAL(path, route);
}

static void wrong_paths_are_repaired(void)
{
    char path[PATH_SIZE], endless[2 * PATH_SIZE];
    leads_to("/api/auth/token", "/auth/token");
    leads_to("/api/vers/v3/ha/status", "/ha/status");
    leads_to("/apiauth/token", "/auth/token");
    leads_to("/apistatistics", "/statistics");
    leads_to("//api//node/", "/node");
    leads_to("/api/api/client/rest_rpc/log", "/client/rest_rpc/log");
    leads_to("/api/node//driver_letter" UUID, "/node/" UUID "/driver_letter");
    leads_to("/api/lic//download_lic_info" UUID, "/lic/" UUID "/download_lic_info");
    leads_to("/api/rep/recovery//orphan_list" UUID, "/rep/recovery/" UUID "/orphan_list");
    leads_to("/api/node/driver_letters", "/node/driver_letters");
    leads_to("/api/version.json", "/version");
    CU_ASSERT_FALSE(path_repair(path, "/api"));
    CU_ASSERT_FALSE(path_repair(path, "/elsewhere"));
    memset(endless, 'a', sizeof endless);
    memcpy(endless, "/api/", 5);
    endless[sizeof endless - 1] = '\0';
    CU_ASSERT_FALSE(path_repair(path, endless));
}

static void patterns_keep_what_stands_for_the_star(void)
{
    struct path_parts parts;
    CU_ASSERT_TRUE(path_match("/ha/group/" UUID "/task/status", "/ha/group/*/task/status", &parts));
    CU_ASSERT_EQUAL(parts.count, 1);
    CU_ASSERT_STRING_EQUAL(parts.part[0], UUID);
    CU_ASSERT_FALSE(path_match("/ha/group", "/ha/group/*", &parts));
    CU_ASSERT_FALSE(path_match("/ha/group/a/b", "/ha/group/*", &parts));
    CU_ASSERT_FALSE(path_match("/ha/groups", "/ha/group", &parts));
}

static void means(const char *query, const char *json)
{
    json_t *object = query_parse(query);
    char *text = json_dumps(object, JSON_COMPACT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    if (strcmp(text, json) != 0)
        printf("\n%s\n  is  %s\n not %s\n", query, text, json);
    CU_ASSERT_STRING_EQUAL(text, json);
    free(text);
    json_decref(object);
}

static void queries_of_every_client(void)
{
    char deep[200] = "a";
    means("", "{}");
    means("page=1&name=a+b%20c%3D&empty", "{\"page\":\"1\",\"name\":\"a b c=\",\"empty\":\"\"}");
    means("k%5B%5D=a&k%5B%5D=b", "{\"k\":[\"a\",\"b\"]}");
    means("k[1]=b&k[x]=c", "{\"k\":{\"1\":\"b\",\"x\":\"c\"}}");
    means("k%5B0%5D=a&k%5B1%5D=b", "{\"k\":[\"a\",\"b\"]}");
    means("w[status]=ready&w[ids][]=1", "{\"w\":{\"status\":\"ready\",\"ids\":[\"1\"]}}");
    means("k%5B%5D=", "{\"k\":[]}");
    means("100%&%zz=%4", "{\"100%\":\"\",\"%zz\":\"%4\"}");
    CU_ASSERT_PTR_NULL(query_parse("a=%ff"));
    for (unsigned i = 0; i < QUERY_DEPTH; i++)
        strcat(deep, "[x]");
    CU_ASSERT_PTR_NULL(query_parse(deep));
    CU_ASSERT_PTR_NULL(query_parse("a[b=1"));
}

/* The sums were made by a program of its own. */
static void signatures_are_those_of_the_contract(void)
{
    char hex[SIGN_HEX_SIZE];
    const struct sign_request request = {"PUT", "/api/node/1", "1f2e3d4c", "1600227196.123", "c0ffee"};
    CU_ASSERT_TRUE(sign_make(hex, "2018ea0ba1e2b959ed0de51f0caf343e9f5af00b", &request));
    CU_ASSERT_STRING_EQUAL(hex, "e1b62175aa9226f66f883106150407239f316223f29f56de863fa0396673e9d3");
    json_t *parameters =
        json_loads("{\"b\":1,\"a\":\"x\\\"y\",\"_\":\"1f\",\"n\":null,\"e\":\"\",\"o\":{\"k\":[],\"m\":{},"
                   "\"z\":[\"1\",2,true,0.5]},\"名\":\"值\"}",
                   0, NULL);
    CU_ASSERT_TRUE(sign_make_enhanced(hex, "", parameters));
    CU_ASSERT_STRING_EQUAL(hex, "1f3eaea4b92bc273ab1e21786c763ad2d860efe0a9f58fbfb3889bca570fe5b5");
    json_decref(parameters);
    CU_ASSERT_TRUE(sign_equal("ab", "ab"));
    CU_ASSERT_FALSE(sign_equal("ab", "abc"));
    CU_ASSERT_FALSE(sign_equal("ab", NULL));
}

struct inner {
    char name[8];
};
struct outer {
    char name[8];
    uint32_t port;
    bool on;
    struct inner inner[2];
    unsigned inners;
};
static const struct model_field inner_fields[] = {
    {.name = "name", .kind = MODEL_TEXT, MODEL_AT(struct inner, name), .required = true},
};
static const struct model_object inner_model = {
    .name = "inner", MODEL_FIELDS(inner_fields), .size = sizeof(struct inner)};
static const struct model_field outer_fields[] = {
    {.name = "name", .kind = MODEL_TEXT, MODEL_AT(struct outer, name), .required = true},
    {.name = "port", .kind = MODEL_NUMBER, MODEL_AT(struct outer, port), .standard = "7", .min = 1, .max = 99},
    {.name = "on", .kind = MODEL_SWITCH, MODEL_AT(struct outer, on), .standard = "on"},
    {.name = "inner",
     .kind = MODEL_LIST,
     MODEL_AT(struct outer, inner),
     .element = &inner_model,
     .max = 2,
     .count = offsetof(struct outer, inners)},
};
static const struct model_object outer_model = {
    .name = "outer", MODEL_FIELDS(outer_fields), .size = sizeof(struct outer)};

static bool reads(struct outer *outer, const char *text, char wrong[256])
{
    json_t *json = json_loads(text, 0, NULL);
    bool good = parameters_read(&outer_model, outer, json, wrong, 256, false);
    json_decref(json);
    return good;
}

static void parameters_come_as_any_client_writes_them(void)
{
    struct outer outer;
    char wrong[256];
    CU_ASSERT_TRUE(
        reads(&outer, "{\"name\":5,\"port\":\"42\",\"on\":0,\"inner\":[{\"name\":\"a\",\"other\":[]}]}", wrong));
    CU_ASSERT_STRING_EQUAL(outer.name, "5");
    CU_ASSERT_EQUAL(outer.port, 42);
    CU_ASSERT_FALSE(outer.on);
    CU_ASSERT_EQUAL(outer.inners, 1);
    CU_ASSERT_TRUE(reads(&outer, "{\"name\":\"n\",\"port\":\"\",\"on\":null,\"inner\":[\"a\",\"b\"]}", wrong));
    CU_ASSERT_EQUAL(outer.port, 7);
    CU_ASSERT_TRUE(outer.on);
    CU_ASSERT_STRING_EQUAL(outer.inner[1].name, "b");
}

static void every_wrong_parameter_is_named(void)
{
    struct outer outer;
    char wrong[256];
    CU_ASSERT_FALSE(reads(&outer, "{\"inner\":[{}]}", wrong));
    CU_ASSERT_STRING_EQUAL(wrong, "Lost: name;\nLost: inner[0][name];\n");
    CU_ASSERT_FALSE(reads(&outer, "{\"name\":\"n\",\"port\":100}", wrong));
    CU_ASSERT_PTR_NOT_NULL(strstr(wrong, "port"));
    CU_ASSERT_PTR_NOT_NULL(strstr(wrong, "99"));
    CU_ASSERT_FALSE(reads(&outer, "{\"name\":\"n\",\"inner\":{}}", wrong));
    CU_ASSERT_STRING_EQUAL(wrong, "Not array: inner;\n");
    CU_ASSERT_FALSE(reads(&outer, "{\"name\":\"n\",\"inner\":[\"a\",\"b\",\"c\"]}", wrong));
    CU_ASSERT_FALSE(reads(&outer, "{\"name\":{}}", wrong));
}

static void answered(const struct answer *answer, const char *json)
{
    char *text = answer_text(answer, false);
    CU_ASSERT_STRING_EQUAL(text, json);
    free(text);
}

static void answers_are_wrapped_as_the_contract_says(void)
{
    struct answer answer;
    answer_begin(&answer);
    answer_put_number(&answer, "total", 3);
    answered(&answer, "{\"ret\":200,\"msg\":\"\",\"data\":{\"code\":0,\"message\":\"[0] success\",\"total\":3}}");
    answer_fail(&answer, CODE_NO_ENTRY, "(%s)", "x");
    answered(&answer,
             "{\"ret\":200,\"msg\":\"\",\"data\":{\"code\":1010001011,\"message\":\"[1010001011] entry does not "
             "exist: refresh the page (x)\",\"total\":3}}");
    answer_refuse(&answer, 400, "Unknown method");
    answered(&answer, "{\"ret\":400,\"msg\":\"Unknown method\"}");
    answer_end(&answer);
}

int main(void)
{
    CU_TestInfo cases[] = {{"wrong paths are repaired", wrong_paths_are_repaired},
                           {"patterns keep what stands for the star", patterns_keep_what_stands_for_the_star},
                           {"queries of every client", queries_of_every_client},
                           {"signatures are those of the contract", signatures_are_those_of_the_contract},
                           {"parameters come as any client writes them", parameters_come_as_any_client_writes_them},
                           {"every wrong parameter is named", every_wrong_parameter_is_named},
                           {"answers are wrapped as the contract says", answers_are_wrapped_as_the_contract_says},
                           CU_TEST_INFO_NULL};
    return unit_run("http", cases);
}
