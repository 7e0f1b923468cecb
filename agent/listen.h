/* SPDX-License-Identifier: Apache-2.0
 * agent/listen.h - the ports of a node. Each connection that comes in shakes hands, and is served, in a thread of its
 * own, so that garbage or a slow client blocks nobody; how many there may be is bounded. One that is known and mostly
 * silent may give its thread back. */
#ifndef DR_AGENT_LISTEN_H
#define DR_AGENT_LISTEN_H

#include "agent/wire.h"

#define LISTEN_CONNECTIONS_MAX 4096 /* served at a time */
#define LISTEN_STRANGERS_MAX   64   /* of them: have not shaken hands yet */
#define LISTEN_HANDSHAKE       5000

struct guest; /* one connection */
struct listen;

struct listen_config {
    struct tls *tls;
    /* Serves one connection until it ends; whoever answers later holds the wire. True: it goes on without the thread
     * that this was called in, until listen_leave(guest). */
    bool (*serve)(void *baton, enum lane lane, struct wire *wire, struct guest *guest);
    /* One line about a client that was turned away; called at most once a second. */
    void (*say)(void *baton, const char *line);
    void *baton;
};

enum dr_code listen_create(struct listen **listen, const struct listen_config *config,
                           struct dr_error *err) DR_MUST_USE;
/* Listens for one lane. DR_BUSY names the port and what to do. */
enum dr_code listen_open(struct listen *listen, enum lane lane, const char *address, uint16_t port,
                         struct dr_error *err) DR_MUST_USE;
/* Of a connection that went on without a thread: it has ended, and is closed if nobody else holds it. */
void listen_leave(struct guest *guest);
/* Ends accepting, shuts every connection and waits until all have left. */
void listen_destroy(struct listen *listen);

#endif
