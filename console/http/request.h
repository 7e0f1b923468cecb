/* SPDX-License-Identifier: Apache-2.0
 * console/http/request.h - one call, with nothing of the connection left in it: handlers and tests see the same. */
#ifndef DR_CONSOLE_HTTP_REQUEST_H
#define DR_CONSOLE_HTTP_REQUEST_H

#include "console/http/path.h"

#include <jansson.h>

#define REQUEST_USER_SIZE   65
#define REQUEST_REMOTE_SIZE 64

/* Headers that count; an empty one is an absent one (NULL). */
struct request_headers {
    char *authorization, *access_key, *timestamp, *nonce, *signature, *enhanced, *language;
};

/* Who calls, once that is known. */
struct request_user {
    long long id;      /* 0: nobody */
    long long session; /* 0: came with an access key */
    char name[REQUEST_USER_SIZE];
    char role[16];
};

struct request {
    char method[8];
    char sent_path[PATH_SIZE]; /* without the query */
    char path[PATH_SIZE];      /* path_repair() */
    struct path_parts parts;   /* what stands for the * of its route */
    struct request_headers header;
    json_t *parameters; /* of the query for GET, else of the body; an object */
    bool has_rand;      /* the parameter `_` is there */
    char remote[REQUEST_REMOTE_SIZE];
    struct request_user user;
};

void request_end(struct request *request);

/* A parameter as text: "" if there is none, or it is no scalar. Numbers are written into `room`. */
const char *request_text(const struct request *request, const char *name, char room[32]);
bool request_is_chinese(const struct request *request);

#endif
