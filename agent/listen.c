/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/listen.h"
#include "platform/clock.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORTS_MAX 8
#define NAP       100 /* how late an end may be noticed */

struct port {
    struct listen *listen;
    enum lane lane;
    int socket;
    pthread_t thread;
};

struct guest { /* one connection */
    struct listen *listen;
    enum lane lane;
    int socket;
    struct wire *wire; /* NULL: has not shaken hands */
    struct guest *next;
};

struct listen {
    struct listen_config config;
    struct port port[PORTS_MAX];
    unsigned ports;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t left;
    bool ending;
    struct guest *guests;
    unsigned count, strangers;
    msec said;
};

static bool is_ending(struct listen *listen)
{
    pthread_mutex_lock(&listen->lock);
    bool ending = listen->ending;
    pthread_mutex_unlock(&listen->lock);
    return ending;
}

static void say(struct listen *listen, const char *line)
{
    pthread_mutex_lock(&listen->lock);
    bool now = clock_now() - listen->said >= 1000;
    if (now)
        listen->said = clock_now();
    pthread_mutex_unlock(&listen->lock);
    if (now)
        listen->config.say(listen->config.baton, line);
}

static bool enter(struct listen *listen, struct guest *guest)
{
    pthread_mutex_lock(&listen->lock);
    bool room = !listen->ending && listen->count < LISTEN_CONNECTIONS_MAX && listen->strangers < LISTEN_STRANGERS_MAX;
    if (room) {
        guest->next = listen->guests;
        listen->guests = guest;
        listen->count++;
        listen->strangers++;
    }
    pthread_mutex_unlock(&listen->lock);
    return room;
}

/* It is no stranger any more. False: we are ending. */
static bool introduce(struct guest *guest, struct wire *wire)
{
    struct listen *listen = guest->listen;
    pthread_mutex_lock(&listen->lock);
    listen->strangers--;
    guest->wire = wire;
    bool go_on = !listen->ending;
    pthread_mutex_unlock(&listen->lock);
    return go_on;
}

void listen_leave(struct guest *guest)
{
    struct listen *listen = guest->listen;
    pthread_mutex_lock(&listen->lock);
    struct guest **at = &listen->guests;
    while (*at != guest)
        at = &(*at)->next;
    *at = guest->next;
    listen->count--;
    pthread_cond_broadcast(&listen->left);
    pthread_mutex_unlock(&listen->lock);
    wire_drop(guest->wire);
    free(guest);
}

static void *receive_guest(void *baton)
{
    struct guest *guest = baton;
    struct listen *listen = guest->listen;
    struct dr_error err;
    struct conn *conn;
    struct wire *wire = NULL;
    if (conn_accept(&conn, listen->config.tls, guest->lane, guest->socket, LISTEN_HANDSHAKE, &err) != DR_OK)
        say(listen, err.text);
    else
        wire = wire_create(conn);
    bool stays =
        introduce(guest, wire) && wire != NULL && listen->config.serve(listen->config.baton, guest->lane, wire, guest);
    if (!stays) /* else it may have left by now */
        listen_leave(guest);
    return NULL;
}

static void welcome(struct port *port, int socket)
{
    struct listen *listen = port->listen;
    struct guest *guest = calloc(1, sizeof *guest);
    pthread_attr_t detached;
    pthread_t thread;
    if (guest != NULL)
        *guest = (struct guest){.listen = listen, .lane = port->lane, .socket = socket};
    if (guest == NULL || !enter(listen, guest)) {
        if (!is_ending(listen))
            say(listen, "too many connections at once: one was turned away");
        close(socket);
        free(guest);
        return;
    }
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &detached, receive_guest, guest) != 0) {
        say(listen, "no thread for a connection: raise the limit of tasks");
        close(socket);
        introduce(guest, NULL);
        listen_leave(guest);
    }
    pthread_attr_destroy(&detached);
}

static void *accept_all(void *baton)
{
    struct port *port = baton;
    struct pollfd wait = {.fd = port->socket, .events = POLLIN};
    while (!is_ending(port->listen)) {
        if (poll(&wait, 1, NAP) <= 0)
            continue;
        int socket = accept4(port->socket, NULL, NULL, SOCK_CLOEXEC);
        if (socket >= 0)
            welcome(port, socket);
        else if (errno == EMFILE || errno == ENFILE)
            clock_sleep(NAP); /* the queue waits in the kernel meanwhile */
    }
    return NULL;
}

enum dr_code listen_create(struct listen **out, const struct listen_config *config, struct dr_error *err)
{
    struct listen *listen = calloc(1, sizeof *listen);
    if (listen == NULL)
        return dr_fail(err, DR_FULL, "no memory to listen");
    listen->config = *config;
    pthread_mutex_init(&listen->lock, NULL);
    pthread_cond_init(&listen->left, NULL);
    *out = listen;
    return DR_OK;
}

enum dr_code listen_open(struct listen *listen, enum lane lane, const char *address, uint16_t number,
                         struct dr_error *err)
{
    if (listen->ports == PORTS_MAX)
        return dr_fail(err, DR_FULL, "cannot listen on port %u: %d ports are the most", number, PORTS_MAX);
    struct port *port = &listen->port[listen->ports];
    enum dr_code code = conn_listen(&port->socket, address, number, err);
    if (code != DR_OK)
        return code;
    port->listen = listen;
    port->lane = lane;
    if (pthread_create(&port->thread, NULL, accept_all, port) != 0) {
        close(port->socket);
        return dr_fail(err, DR_FULL, "cannot start a thread for port %u: raise the limit of tasks", number);
    }
    listen->ports++;
    return DR_OK;
}

static void shut_guests(struct listen *listen)
{
    pthread_mutex_lock(&listen->lock);
    listen->ending = true;
    for (struct guest *guest = listen->guests; guest != NULL; guest = guest->next)
        if (guest->wire != NULL)
            wire_shut(guest->wire);
    while (listen->count > 0)
        pthread_cond_wait(&listen->left, &listen->lock);
    pthread_mutex_unlock(&listen->lock);
}

void listen_destroy(struct listen *listen)
{
    shut_guests(listen);
    for (unsigned i = 0; i < listen->ports; i++) {
        pthread_join(listen->port[i].thread, NULL);
        close(listen->port[i].socket);
    }
    pthread_cond_destroy(&listen->left);
    pthread_mutex_destroy(&listen->lock);
    free(listen);
}
