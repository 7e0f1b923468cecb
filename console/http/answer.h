/* SPDX-License-Identifier: Apache-2.0
 * console/http/answer.h - what a call answers: {ret, msg, data: {code, message, ...}}. What a person did wrong is HTTP
 * 200 with a code; only what existing clients react to by logging in again (403), or what is no call at all (400), has
 * another status. */
#ifndef DR_CONSOLE_HTTP_ANSWER_H
#define DR_CONSOLE_HTTP_ANSWER_H

#include "console/http/codes.h"

#include <jansson.h>

#define ANSWER_DETAIL 512

struct answer {
    int status; /* HTTP's, and `ret` */
    enum code code;
    char detail[ANSWER_DETAIL]; /* behind the text of the code */
    json_t *data;               /* members beside code and message; owned */
    const char *refusal;        /* not NULL: `msg`, and no data */
    char *plain;                /* not NULL: the whole body, without the envelope; owned */
    size_t plain_size;
    const char *type;   /* of the body */
    char file_name[64]; /* of a body that is to be kept as a file; else empty */
};

void answer_begin(struct answer *answer);
void answer_end(struct answer *answer);

/* A failure that the caller can do something about. */
void answer_fail(struct answer *answer, enum code code, const char *detail, ...) __attribute__((format(printf, 3, 4)));
/* 403: the token is gone or was never there; clients log in again. 400: no such call. */
void answer_refuse(struct answer *answer, int status, const char *msg);

/* A body that is no envelope (a page of numbers), and its media type; takes the text over. NULL: no memory. */
void answer_plain(struct answer *answer, int status, const char *type, char *text);
/* The same for bytes that are to be kept as a file; its name has no quotes. */
void answer_file(struct answer *answer, char *bytes, size_t size, const char *type, const char *name);

/* Adds to the data; takes over the value. */
void answer_put(struct answer *answer, const char *key, json_t *value);
void answer_put_text(struct answer *answer, const char *key, const char *text);
void answer_put_number(struct answer *answer, const char *key, long long number);

/* The whole text; the caller frees it. NULL: no memory. */
char *answer_text(const struct answer *answer, bool zh);

#endif
