/* SPDX-License-Identifier: Apache-2.0
 * net/conn.h - one TLS connection that carries frames: {u32 size on the wire, u8 type, u8 flags, u16 zero, u32 size of
 * the body} and the body, LZ4-compressed if a flag says so. One thread may send while another receives. */
#ifndef DR_NET_CONN_H
#define DR_NET_CONN_H

#include "net/lane.h"
#include "net/tls.h"

struct conn;
struct limiter;

enum compress { COMPRESS_OFF, COMPRESS_ON, COMPRESS_AUTO }; /* AUTO: what does not shrink is sent as it is */

struct frame {
    uint8_t type;
    const uint8_t *body; /* valid until the next receive on this connection */
    size_t size;
};

struct piece { /* of a body to send, gathered */
    const void *bytes;
    size_t size;
};

struct conn_to {
    const char *address; /* an IP, or a name */
    uint16_t port;
    const char *source;       /* an address of ours, or NULL */
    const struct dr_id *peer; /* who must answer (DR_REFUSED otherwise), or NULL */
    msec limit;               /* of look-up, connect and handshake together */
    const int *stop;          /* a descriptor, or NULL: once it is readable the dial fails */
};

/* Dials, and shakes hands. */
enum dr_code conn_dial(struct conn **conn, struct tls *tls, enum lane lane, const struct conn_to *to,
                       struct dr_error *err) DR_MUST_USE;

/* Takes over an accepted socket (closed on failure) and shakes hands within `limit`. */
enum dr_code conn_accept(struct conn **conn, struct tls *tls, enum lane lane, int socket, msec limit,
                         struct dr_error *err) DR_MUST_USE;

/* Listens on address:port ("0.0.0.0", "::" or one address). Returns the socket in *listener. DR_BUSY names the port. */
enum dr_code conn_listen(int *listener, const char *address, uint16_t port, struct dr_error *err) DR_MUST_USE;

/* The CN of the peer's certificate, checked. */
const struct dr_id *conn_peer(const struct conn *conn);
/* "address:port" of the other end, for messages. */
const char *conn_name(const struct conn *conn);

void conn_compress(struct conn *conn, enum compress mode);
/* What sends may take on average, together with those of all other connections with this limiter. It stays the
 * caller's, and outlives the connection. Before the first send. */
void conn_limit(struct conn *conn, struct limiter *limiter);

/* Sends one frame, of a type from 1 on (0 is the acceptor's greeting, seen by conn_dial only); returns when the system
 * has it, or DR_TIMEOUT after `limit` without any progress. */
enum dr_code conn_send(struct conn *conn, uint8_t type, const struct piece *pieces, unsigned count, msec limit,
                       struct dr_error *err) DR_MUST_USE;
/* The same, but the frame may wait here until there is a window full, or conn_flush(): for many small ones. */
enum dr_code conn_put(struct conn *conn, uint8_t type, const struct piece *pieces, unsigned count, msec limit,
                      struct dr_error *err) DR_MUST_USE;
enum dr_code conn_flush(struct conn *conn, msec limit, struct dr_error *err) DR_MUST_USE;
/* Waits for one whole frame, at most `limit` without a byte of it (0 = only what is there already): DR_TIMEOUT,
 * DR_CLOSED, DR_PROTOCOL. After DR_TIMEOUT the next call goes on within the frame. */
enum dr_code conn_receive(struct conn *conn, struct frame *frame, msec limit, struct dr_error *err) DR_MUST_USE;

/* Bytes of bodies (before compression) and on the wire, since the start. */
void conn_counts(const struct conn *conn, uint64_t *sent, uint64_t *sent_wire, uint64_t *received);
/* For poll(): a frame may already wait inside although the socket is silent; conn_pending() tells. */
int conn_socket(const struct conn *conn);
bool conn_pending(const struct conn *conn);

/* Ends sends and receives that wait in other threads; they return DR_CLOSED. */
void conn_shut(struct conn *conn);
void conn_close(struct conn *conn); /* after the other threads have left it */

#endif
