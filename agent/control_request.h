/* SPDX-License-Identifier: Apache-2.0
 * agent/control_request.h - a request as it comes from the control socket; for control.c and its tests. */
#ifndef DR_AGENT_CONTROL_REQUEST_H
#define DR_AGENT_CONTROL_REQUEST_H

#include "agent/control.h"

#define CONTROL_REQUEST_MAX   8192
#define CONTROL_ARGUMENTS_MAX 16

struct control_request {
    char text[CONTROL_REQUEST_MAX]; /* what the pointers point into */
    const char *command;
    unsigned arguments;
    struct {
        const char *key, *value;
    } argument[CONTROL_ARGUMENTS_MAX];
};

/* Reads up to the empty line. DR_PROTOCOL: no such text; DR_CLOSED, DR_TIMEOUT. */
enum dr_code control_request_read(struct control_request *request, int socket, struct dr_error *err) DR_MUST_USE;
/* Takes request->text apart. */
enum dr_code control_request_parse(struct control_request *request, struct dr_error *err) DR_MUST_USE;

#endif
