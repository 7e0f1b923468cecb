/* SPDX-License-Identifier: Apache-2.0
 * Parameters of a call, from its line of the table and the words that were typed. */
#include "net/base64.h"
#include "ui/cli/remote/remote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX_BYTES (1u << 20)
#define SECRET_SIZE    256
#define PART_SIZE      128

/* NULL: it was told. */
static json_t *file_as_base64(const char *path)
{
    FILE *file = fopen(path, "re");
    char *bytes = file != NULL ? malloc(FILE_MAX_BYTES) : NULL;
    size_t size = bytes != NULL ? fread(bytes, 1, FILE_MAX_BYTES, file) : 0;
    char *text = size > 0 ? base64_encode((const unsigned char *)bytes, size) : NULL;
    json_t *value = text != NULL ? json_string(text) : NULL;
    if (value == NULL)
        cli_usage("cannot read %.200s: %s", path, file == NULL ? strerror(errno) : "it is empty, or not readable");
    if (file != NULL)
        fclose(file);
    free(bytes);
    free(text);
    return value;
}

static json_t *secret(const char *question)
{
    char text[SECRET_SIZE];
    if (remote_ask_secret(text, sizeof text, question))
        return json_string(text);
    cli_usage("no %s was given", question);
    return NULL;
}

static json_t *list_of(int from, bool rest, int words, const char *const *word)
{
    json_t *list = json_array();
    for (int i = from; i < words && (rest || i == from); i++)
        json_array_append_new(list, json_string(word[i]));
    return list;
}

static json_t *value_of(const char *source, int words, const char *const *word)
{
    const char *mark = strchr(source, '$');
    int index = mark != NULL ? (int)strtol(mark + 1, NULL, 10) - 1 : -1;
    if (source[0] == '?')
        return secret(source + 1);
    if (source[0] == '[')
        return list_of(index, strchr(source, '*') != NULL, words, word);
    if (mark == NULL)
        return json_string(source);
    if (index >= words)
        return json_null(); /* one that may be left out */
    return source[0] == '@' ? file_as_base64(word[index]) : json_string(word[index]);
}

json_t *remote_parameters(const struct remote_command *command, int words, const char *const *word)
{
    json_t *parameters = json_object();
    char part[PART_SIZE];
    for (const char *at = command->body; at != NULL && *at != '\0'; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        snprintf(part, sizeof part, "%.*s", (int)length, at);
        at += length;
        char *source = strchr(part, '=');
        *source++ = '\0';
        json_t *value = value_of(source, words, word);
        if (value == NULL) {
            json_decref(parameters);
            return NULL;
        }
        if (!json_is_null(value))
            json_object_set(parameters, part, value);
        json_decref(value);
    }
    return parameters;
}
