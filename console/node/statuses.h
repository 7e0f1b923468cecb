/* SPDX-License-Identifier: Apache-2.0
 * console/node/statuses.h - the last word of each member about its rules, in memory: nodes say it when it changes, and
 * every five seconds. */
#ifndef DR_CONSOLE_NODE_STATUSES_H
#define DR_CONSOLE_NODE_STATUSES_H

#include "core/error.h"
#include "core/types.h"

#include <jansson.h>

struct console;
struct statuses;

/* Array of {"node_uuid", "online", "age_ms", "status": as `drctl --local status --json` has it for the rule}, one for
 * each member that has said anything since the console started. The `status` objects are shared: not to be changed. The
 * caller's to free. */
json_t *rule_status(struct console *console, const char *rule_uuid);

/* Called after each that came, in the thread of the node channel's desk: for whoever tells others. `changed`: something
 * else than ages and counters. */
typedef void statuses_listener(void *baton, const struct dr_id *node, const struct dr_id *rule, const json_t *status,
                               bool changed);
void statuses_listen(struct statuses *statuses, statuses_listener *listener, void *baton);

/* For the channel. */
enum dr_code statuses_create(struct statuses **statuses, struct dr_error *err) DR_MUST_USE;
void statuses_destroy(struct statuses *statuses);
/* Takes over `status`. */
void statuses_note(struct statuses *statuses, const struct dr_id *node, const struct dr_id *rule, json_t *status,
                   bool changed, msec now);
/* A node that does not have the rule any more, or (`rule` NULL) is gone itself. */
void statuses_forget(struct statuses *statuses, const struct dr_id *node, const struct dr_id *rule);

#endif
