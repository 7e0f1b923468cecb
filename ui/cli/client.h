/* SPDX-License-Identifier: Apache-2.0
 * ui/cli/client.h - one request to the drnode of this host (docs/developers/control.md). */
#ifndef DR_UI_CLIENT_H
#define DR_UI_CLIENT_H

#include "core/error.h"

#include <jansson.h>
#include <stdbool.h>

struct client_request {
    const char *root;
    const char *command;
    const char *rule; /* NULL: left out */
    const char *key;  /* one more argument, or NULL */
    unsigned long long value;
    const char *group, *what, *by; /* of a request for groups; or NULL */
    bool force;
    unsigned limit_s; /* how long the answer may take */
};

/* *answer is the whole object (the caller's to release) also when drnode declined: its error is in *err then.
 * DR_CLOSED: no drnode there. DR_REFUSED with a NULL answer: not allowed to talk to it. */
enum dr_code client_ask(json_t **answer, const struct client_request *request, struct dr_error *err) DR_MUST_USE;

#endif
