/* SPDX-License-Identifier: Apache-2.0
 * core/json_write.h - writes JSON into a buffer of the caller's; what does not fit makes it `full` for good (check once
 * at the end). `key` is NULL inside arrays and for the outermost value. */
#ifndef DR_CORE_JSON_WRITE_H
#define DR_CORE_JSON_WRITE_H

#include "core/model.h"

struct json_writer {
    char *at, *start, *end; /* the text is always terminated */
    bool full;
    bool comma; /* the next value is not the first of its object or array */
};

struct json_writer json_write_over(char *buffer, size_t size);
bool json_write_ok(const struct json_writer *w);

void json_write_begin(struct json_writer *w, const char *key); /* { */
void json_write_end(struct json_writer *w);                    /* } */
void json_write_array(struct json_writer *w, const char *key); /* [ */
void json_write_array_end(struct json_writer *w);              /* ] */
/* Bytes that are not UTF-8 become U+FFFD. */
void json_write_text(struct json_writer *w, const char *key, const char *text);
void json_write_number(struct json_writer *w, const char *key, int64_t value);
void json_write_unsigned(struct json_writer *w, const char *key, uint64_t value);
void json_write_bool(struct json_writer *w, const char *key, bool value);

/* Every field of the object, lists as arrays, spans as numbers of milliseconds. */
void json_write_model(struct json_writer *w, const char *key, const struct model_object *type, const void *object);

#endif
