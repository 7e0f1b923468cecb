/* SPDX-License-Identifier: Apache-2.0
 * agent/control.h - local control of a running drnode: run/drnode.sock, 0600, for root and the daemon's own user.
 * A request is lines: the command, then `key=value` each, then an empty line. The answer is one JSON object:
 * {"ok":true, ...} or {"ok":false,"code":"refused","error":"one line"}; then drnode closes. */
#ifndef DR_AGENT_CONTROL_H
#define DR_AGENT_CONTROL_H

#include "core/error.h"
#include "core/json_write.h"

struct control;

struct control_request;
/* NULL: not given. */
const char *control_argument(const struct control_request *request, const char *key);
/* The number in it, or `standard` if it is not given; DR_INVALID names the bounds. */
enum dr_code control_number(uint64_t *value, const struct control_request *request, const char *key, uint64_t standard,
                            uint64_t max, struct dr_error *err) DR_MUST_USE;

/* Runs in a thread of the connection, so it may take its time; several at once. Adds fields to the answer's object. On
 * failure what it added is dropped and *err is answered. */
struct control_command {
    const char *name;
    enum dr_code (*run)(void *baton, const struct control_request *request, struct json_writer *answer,
                        struct dr_error *err);
};

/* `command` ends with a NULL name and stays the caller's. A socket file that nobody serves is replaced; one that
 * somebody serves is DR_BUSY: another drnode runs with this root. */
enum dr_code control_start(struct control **control, const char *socket, const struct control_command *command,
                           void *baton, struct dr_error *err) DR_MUST_USE;
/* True if a daemon answers on the socket file: it is not a left-over of one that was killed. */
bool control_is_served(const char *socket);
/* Waits for requests in hand. */
void control_stop(struct control *control);

#endif
