/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/control_request.h"

#include "core/model_text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static enum dr_code take_argument(struct control_request *request, char *line, struct dr_error *err)
{
    char *value = strchr(line, '=');
    if (!value || value == line)
        return dr_fail(err, DR_PROTOCOL, "control request: a line is not key=value");
    if (request->arguments == CONTROL_ARGUMENTS_MAX)
        return dr_fail(err, DR_PROTOCOL, "control request: more than %d arguments", CONTROL_ARGUMENTS_MAX);
    *value++ = '\0';
    request->argument[request->arguments].key = line;
    request->argument[request->arguments++].value = value;
    return DR_OK;
}

enum dr_code control_request_parse(struct control_request *request, struct dr_error *err)
{
    char *line = request->text;
    request->command = line;
    request->arguments = 0;
    for (bool first = true; *line; first = false) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        if (!model_text_is_clean(line))
            return dr_fail(err, DR_PROTOCOL, "control request: not clean UTF-8 text");
        if (!first && *line && take_argument(request, line, err) != DR_OK)
            return err->code;
        if (!end || *line == '\0')
            break;
        line = end + 1;
    }
    return *request->command ? DR_OK : dr_fail(err, DR_PROTOCOL, "control request: no command in it");
}

enum dr_code control_request_read(struct control_request *request, int socket, struct dr_error *err)
{
    size_t length = 0;
    request->text[0] = '\0';
    while (!strstr(request->text, "\n\n")) {
        if (length == sizeof request->text - 1)
            return dr_fail(err, DR_PROTOCOL, "control request: longer than %zu bytes", sizeof request->text - 1);
        ssize_t n = read(socket, request->text + length, sizeof request->text - 1 - length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return dr_fail(err, errno == EAGAIN ? DR_TIMEOUT : DR_IO, "control request: %s", strerror(errno));
        if (n == 0)
            return dr_fail(err, DR_CLOSED, "control request: ended before its empty line");
        length += (size_t)n;
        request->text[length] = '\0';
        if (strlen(request->text) != length)
            return dr_fail(err, DR_PROTOCOL, "control request: holds a zero byte");
    }
    return control_request_parse(request, err);
}

const char *control_argument(const struct control_request *request, const char *key)
{
    for (unsigned i = 0; i < request->arguments; i++)
        if (strcmp(request->argument[i].key, key) == 0)
            return request->argument[i].value;
    return NULL;
}

enum dr_code control_number(uint64_t *value, const struct control_request *request, const char *key, uint64_t standard,
                            uint64_t max, struct dr_error *err)
{
    const char *text = control_argument(request, key);
    *value = standard;
    if (text && (!model_text_number(text, value) || *value > max))
        return dr_fail(err, DR_INVALID, "%s: \"%.32s\" is not a number of 0..%llu", key, text, (unsigned long long)max);
    return DR_OK;
}
