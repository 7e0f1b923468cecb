/* SPDX-License-Identifier: Apache-2.0 */
#include "console/http/sign.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EMPTY_KEY "token" /* what clients sign their parameters with before they have a key */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void replace_empty_objects(char *text)
{
    for (char *found = text; (found = strstr(found, "{}")) != NULL; found += 2)
        memcpy(found, "[]", 2);
}

/* A text as it is, everything else as compact JSON; NULL: to be left out. The caller frees it. */
static char *piece_of(const json_t *value)
{
    if (json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0))
        return NULL;
    if (json_is_string(value))
        return strdup(json_string_value(value));
    /* 15 digits come back as they were written; clients print the shortest text of a number. */
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    if (text != NULL)
        replace_empty_objects(text);
    return text;
}

static void without_quotes(char *text)
{
    char *out = text;
    for (; *text != '\0'; text++)
        if (*text != '"')
            *out++ = *text;
    *out = '\0';
}

static void join(FILE *out, const json_t *parameters, const char *const *name, size_t names)
{
    const char *between = "";
    for (size_t i = 0; i < names; i++) {
        char *piece = piece_of(json_object_get(parameters, name[i]));
        if (piece == NULL)
            continue;
        fprintf(out, "%s%s=%s", between, name[i], piece);
        between = "&";
        free(piece);
    }
}

static char *text_of(const json_t *parameters)
{
    char *text = NULL;
    size_t size, names = 0;
    const char *key;
    json_t *value;
    const char **name = calloc(json_object_size(parameters) + 1, sizeof *name);
    FILE *out = open_memstream(&text, &size);
    if (name != NULL && out != NULL) {
        json_object_foreach((json_t *)parameters, key, value)
        {
            name[names++] = key;
        }
        qsort(name, names, sizeof *name, by_name);
        join(out, parameters, name, names);
    }
    if (out != NULL)
        fclose(out);
    free(name);
    return text;
}

bool sign_make_enhanced(char hex[SIGN_HEX_SIZE], const char *key, const json_t *parameters)
{
    char *text = text_of(parameters);
    if (text == NULL)
        return false;
    without_quotes(text);
    bool made = sign_text(hex, key[0] != '\0' ? key : EMPTY_KEY, text, strlen(text));
    free(text);
    return made;
}

bool sign_equal(const char *ours, const char *theirs)
{
    size_t length = strlen(ours);
    return theirs != NULL && strlen(theirs) == length && CRYPTO_memcmp(ours, theirs, length) == 0;
}
