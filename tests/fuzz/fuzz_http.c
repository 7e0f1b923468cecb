/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_http.c - any bytes as path, query and body of a call to the console: nothing but JSON objects come
 * out of them, routes begin with a slash, and a signature can be made of whatever was understood. */
#include "console/http/path.h"
#include "console/http/query.h"
#include "console/http/sign.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void sign(json_t *parameters)
{
    char hex[SIGN_HEX_SIZE];
    FUZZ_HOLDS(json_is_object(parameters));
    FUZZ_HOLDS(sign_make_enhanced(hex, "key", parameters));
    FUZZ_HOLDS(strlen(hex) == SIGN_HEX_SIZE - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[PATH_SIZE], *text = calloc(1, size + 1);
    struct path_parts parts;
    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    if (path_repair(path, text)) {
        FUZZ_HOLDS(path[0] == '/');
        path_match(path, "/ha/group/*/task", &parts);
    }
    json_t *query = query_parse(text);
    if (query != NULL)
        sign(query);
    json_decref(query);
    json_t *body = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(body))
        sign(body);
    json_decref(body);
    free(text);
    return 0;
}
