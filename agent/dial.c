/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/dial.h"
#include "platform/clock.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define DIAL_LIMIT_MIN 1000 /* one lost SYN is repeated by the system after a second; a new attempt is as good */

struct dial {
    struct dial_config config;
    pthread_t thread;
    int stop;             /* eventfd: readable from dial_end() on */
    pthread_mutex_t lock; /* guards all below */
    bool ending;
    struct wire *wire; /* NULL: not connected */
    char why[256];
    struct kept {
        msec since;
        uint8_t type;
        size_t size; /* 0: nothing is kept */
        uint8_t bytes[DIAL_KEEP];
    } kept;
};

static bool is_ending(struct dial *dial)
{
    pthread_mutex_lock(&dial->lock);
    bool ending = dial->ending;
    pthread_mutex_unlock(&dial->lock);
    return ending;
}

static void note(struct dial *dial, const char *why)
{
    pthread_mutex_lock(&dial->lock);
    snprintf(dial->why, sizeof dial->why, "%s", why);
    pthread_mutex_unlock(&dial->lock);
}

/* Shows the connection to senders, or takes it away from them. False: the end was asked for meanwhile. */
static bool publish(struct dial *dial, struct wire *wire)
{
    pthread_mutex_lock(&dial->lock);
    bool go_on = !dial->ending;
    dial->wire = wire;
    pthread_mutex_unlock(&dial->lock);
    return go_on;
}

/* A beat that found no connection need not wait for the next one: a member that is back must be heard in time. */
static bool send_kept(struct dial *dial, struct wire *wire)
{
    struct dr_error err;
    pthread_mutex_lock(&dial->lock);
    struct kept kept = dial->kept;
    dial->kept.size = 0;
    pthread_mutex_unlock(&dial->lock);
    if (kept.size == 0 || clock_now() - kept.since > dial->config.silence)
        return true;
    return wire_send(wire, kept.type, kept.bytes, kept.size, &err) == DR_OK;
}

static struct wire *connect_once(struct dial *dial)
{
    const struct dial_config *c = &dial->config;
    struct dr_error err;
    struct conn *conn;
    msec limit = c->interval * 2 > DIAL_LIMIT_MIN ? c->interval * 2 : DIAL_LIMIT_MIN;
    struct conn_to to = {.address = c->address, .port = c->port, .peer = &c->peer, .limit = limit, .stop = &dial->stop};
    to.source = c->source[0] ? c->source : NULL;
    enum dr_code code = conn_dial(&conn, c->tls, c->lane, &to, &err);
    if (code != DR_OK) {
        note(dial, err.text);
        return NULL;
    }
    return wire_create(conn);
}

static void converse(struct dial *dial, struct wire *wire)
{
    struct dr_error err;
    struct frame frame;
    bool go_on = publish(dial, wire) && send_kept(dial, wire);
    if (go_on && dial->config.up != NULL)
        go_on = dial->config.up(dial->config.baton, wire);
    while (go_on) {
        if (wire_receive(wire, &frame, dial->config.silence, &err) != DR_OK) {
            note(dial, err.text);
            go_on = false;
        } else if (!dial->config.receive(dial->config.baton, &frame)) {
            note(dial, "the peer said something that this version does not understand: same version on both?");
            go_on = false;
        }
    }
    publish(dial, NULL);
    wire_shut(wire);
    wire_drop(wire);
}

static void rest(struct dial *dial, msec until)
{
    struct pollfd stop = {.fd = dial->stop, .events = POLLIN};
    msec left = until - clock_now();
    if (left > 0)
        (void)poll(&stop, 1, (int)left); /* one that is cut short only dials sooner */
}

static void *run(void *baton)
{
    struct dial *dial = baton;
    while (!is_ending(dial)) {
        msec began = clock_now();
        struct wire *wire = connect_once(dial);
        if (wire != NULL)
            converse(dial, wire);
        rest(dial, began + dial->config.interval);
    }
    return NULL;
}

static void dial_free(struct dial *dial)
{
    if (dial->stop >= 0)
        close(dial->stop);
    pthread_mutex_destroy(&dial->lock);
    free(dial);
}

enum dr_code dial_start(struct dial **out, const struct dial_config *config, struct dr_error *err)
{
    struct dial *dial = calloc(1, sizeof *dial);
    if (dial == NULL)
        return dr_fail(err, DR_FULL, "no memory to dial %s", config->address);
    dial->config = *config;
    snprintf(dial->why, sizeof dial->why, "not tried yet");
    dial->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&dial->lock, NULL);
    if (dial->stop < 0 || pthread_create(&dial->thread, NULL, run, dial) != 0) {
        dial_free(dial);
        return dr_fail(err, DR_FULL, "cannot start a thread to dial %s: raise the limits of tasks and open files",
                       config->address);
    }
    *out = dial;
    return DR_OK;
}

static void keep(struct dial *dial, uint8_t type, const void *bytes, size_t size)
{
    if (size > DIAL_KEEP)
        return;
    dial->kept.since = clock_now();
    dial->kept.type = type;
    dial->kept.size = size;
    memcpy(dial->kept.bytes, bytes, size);
}

/* The connection, held; or NULL, and the message is kept. */
static struct wire *current_or_keep(struct dial *dial, uint8_t type, const void *bytes, size_t size)
{
    pthread_mutex_lock(&dial->lock);
    struct wire *wire = dial->wire ? wire_hold(dial->wire) : NULL;
    if (wire == NULL)
        keep(dial, type, bytes, size);
    pthread_mutex_unlock(&dial->lock);
    return wire;
}

enum dr_code dial_send(struct dial *dial, struct outbox *outbox, uint8_t type, const void *bytes, size_t size,
                       struct dr_error *err)
{
    struct wire *wire = current_or_keep(dial, type, bytes, size);
    if (wire == NULL)
        return dr_fail(err, DR_CLOSED, "not connected to %s:%u", dial->config.address, dial->config.port);
    enum dr_code code = outbox_put(outbox, wire, type, bytes, size, err);
    wire_drop(wire);
    return code;
}

void dial_status(struct dial *dial, struct dial_status *status)
{
    pthread_mutex_lock(&dial->lock);
    status->up = dial->wire != NULL;
    snprintf(status->why, sizeof status->why, "%s", status->up ? "" : dial->why);
    pthread_mutex_unlock(&dial->lock);
}

void dial_end(struct dial *dial)
{
    pthread_mutex_lock(&dial->lock);
    dial->ending = true;
    if (dial->wire != NULL)
        wire_shut(dial->wire);
    pthread_mutex_unlock(&dial->lock);
    eventfd_write(dial->stop, 1);
}

void dial_destroy(struct dial *dial)
{
    dial_end(dial);
    pthread_join(dial->thread, NULL);
    dial_free(dial);
}
