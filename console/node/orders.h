/* SPDX-License-Identifier: Apache-2.0
 * console/node/orders.h - what the console asks of a node over its channel: the commands of docs/developers/control.md,
 * and what the channel adds to them. */
#ifndef DR_CONSOLE_NODE_ORDERS_H
#define DR_CONSOLE_NODE_ORDERS_H

#include "console/http/codes.h"
#include "console/store/store.h"

#include <jansson.h>

struct console;

struct order_field {
    const char *key, *value; /* at most CHANNEL_VALUE_SIZE - 1 bytes; empty values are not sent */
};

/* Any worker's thread; waits at most `limit_ms` (the order goes on at the node afterwards). *answer is the node's
 * object if it answered, also where it refused (the caller's to free), else NULL: DR_OK         done DR_NOT_FOUND
 * without an answer: there is no such node DR_CLOSED     without an answer: it is not connected, or went away before it
 * answered DR_TIMEOUT    without an answer: it has not answered in time others, or with an answer: the node refused, in
 * its own words. */
enum dr_code orders_ask(struct console *console, struct store *store, const char *node_uuid, const char *command,
                        const struct order_field *field, unsigned fields, long limit_ms, json_t **answer,
                        struct dr_error *err) DR_MUST_USE;

/* What a failed order is to a client. */
enum code orders_code(enum dr_code code, const json_t *answer);

#endif
