/* SPDX-License-Identifier: Apache-2.0
 * console/node/hub.h - the node channel: every node dials in and stays. One thread with libevent owns the connections
 * and never waits; a desk, one thread with a data base connection of its own, does what messages ask for, in the order
 * in which they came. */
#ifndef DR_CONSOLE_NODE_HUB_H
#define DR_CONSOLE_NODE_HUB_H

#include "console/store/store.h"
#include "core/types.h"

#include <stdbool.h>

struct console;
struct hub;
struct statuses;

struct hub_config {
    struct console *console;
    const char *folder; /* of the authority that signs nodes: made if it is not there */
    const char *listen;
    unsigned port;
};

enum dr_code hub_start(struct hub **hub, const struct hub_config *config, struct dr_error *err) DR_MUST_USE;
void hub_stop(struct hub *hub);

/* Any thread, all of these. NULL as a hub: a console without one (tests); nothing is online. */
bool hub_online(struct hub *hub, const struct dr_id *node);
/* Of those known to the data base as active. */
unsigned hub_count(struct hub *hub);
/* Documents may have changed. */
void hub_look(struct hub *hub);
/* The node was deleted: it is not spoken with any more. */
void hub_expel(struct hub *hub, const struct dr_id *node);

/* What codes carry so that a host knows this console: the SHA-256 of the authority's certificate. */
const char *hub_fingerprint(const struct hub *hub);
unsigned hub_port(const struct hub *hub);
struct statuses *hub_statuses(struct hub *hub);
/* Milliseconds of a clock that is never set. */
msec hub_clock(void);

#endif
