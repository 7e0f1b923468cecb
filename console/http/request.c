/* SPDX-License-Identifier: Apache-2.0 */
#include "console/http/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void request_end(struct request *request)
{
    struct request_headers *header = &request->header;
    char *owned[] = {header->authorization, header->access_key, header->timestamp, header->nonce,
                     header->signature,     header->enhanced,   header->language};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free(owned[i]);
    json_decref(request->parameters);
    *request = (struct request){0};
}

const char *request_text(const struct request *request, const char *name, char room[32])
{
    const json_t *value = json_object_get(request->parameters, name);
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value))
        snprintf(room, 32, "%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        snprintf(room, 32, "%d", json_is_true(value));
    else
        room[0] = '\0';
    return room;
}

bool request_is_chinese(const struct request *request)
{
    return request->header.language != NULL && strncmp(request->header.language, "zh", 2) == 0;
}
