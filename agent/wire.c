/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/wire.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct wire {
    struct conn *conn;
    atomic_uint holders;
    pthread_mutex_t sending;
};

struct wire *wire_create(struct conn *conn)
{
    struct wire *wire = malloc(sizeof *wire);
    if (wire == NULL) {
        conn_close(conn);
        return NULL;
    }
    wire->conn = conn;
    atomic_init(&wire->holders, 1);
    pthread_mutex_init(&wire->sending, NULL);
    return wire;
}

struct wire *wire_hold(struct wire *wire)
{
    atomic_fetch_add(&wire->holders, 1);
    return wire;
}

void wire_drop(struct wire *wire)
{
    if (wire == NULL || atomic_fetch_sub(&wire->holders, 1) > 1)
        return;
    conn_close(wire->conn);
    pthread_mutex_destroy(&wire->sending);
    free(wire);
}

static enum dr_code put(struct wire *wire, uint8_t type, const struct piece *piece, bool flush, struct dr_error *err)
{
    pthread_mutex_lock(&wire->sending);
    enum dr_code code =
        flush ? conn_send(wire->conn, type, piece, 1, 0, err) : conn_put(wire->conn, type, piece, 1, 0, err);
    pthread_mutex_unlock(&wire->sending);
    if (code != DR_OK)
        conn_shut(wire->conn);
    return code;
}

enum dr_code wire_send(struct wire *wire, uint8_t type, const void *bytes, size_t size, struct dr_error *err)
{
    return put(wire, type, &(struct piece){.bytes = bytes, .size = size}, true, err);
}

enum dr_code wire_put(struct wire *wire, uint8_t type, const void *bytes, size_t size, struct dr_error *err)
{
    return put(wire, type, &(struct piece){.bytes = bytes, .size = size}, false, err);
}

void wire_flush(struct wire *wire)
{
    struct dr_error err;
    pthread_mutex_lock(&wire->sending);
    enum dr_code code = conn_flush(wire->conn, 0, &err);
    pthread_mutex_unlock(&wire->sending);
    if (code != DR_OK)
        conn_shut(wire->conn);
}

enum dr_code wire_receive(struct wire *wire, struct frame *frame, msec limit, struct dr_error *err)
{
    return conn_receive(wire->conn, frame, limit, err);
}

void wire_shut(struct wire *wire)
{
    conn_shut(wire->conn);
}

struct conn *wire_conn(struct wire *wire)
{
    return wire->conn;
}

const struct dr_id *wire_peer(const struct wire *wire)
{
    return conn_peer(wire->conn);
}

const char *wire_name(const struct wire *wire)
{
    return conn_name(wire->conn);
}
