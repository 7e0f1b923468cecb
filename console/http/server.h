/* SPDX-License-Identifier: Apache-2.0
 * console/http/server.h - connections of clients: one thread with libevent's evhttp. A request becomes a struct request
 * that has nothing of the connection; workers make its answer; this thread sends it. */
#ifndef DR_CONSOLE_HTTP_SERVER_H
#define DR_CONSOLE_HTTP_SERVER_H

#include "console/http/answer.h"
#include "console/http/request.h"
#include "core/error.h"

#include <openssl/ssl.h>

#define SERVER_BODY_MAX    (8u << 20)
#define SERVER_HEADERS_MAX (64u << 10)
#define SERVER_IDLE_S      60

struct server;

/* In a worker. `own`: what that worker has to itself. */
typedef void server_handler(void *own, struct request *request, struct answer *answer);

/* `own`: one for each worker. */
enum dr_code server_create(struct server **server, server_handler *handler, void *const *own, unsigned workers,
                           struct dr_error *err) DR_MUST_USE;
/* `tls` NULL: plain HTTP. DR_BUSY: the port is in use. */
enum dr_code server_listen(struct server *server, const char *address, unsigned port, SSL_CTX *tls,
                           struct dr_error *err) DR_MUST_USE;
/* Until server_stop(). */
void server_run(struct server *server);
/* Any thread, or a signal handler's thread. */
void server_stop(struct server *server);
/* After server_run() has returned. */
void server_destroy(struct server *server);

#endif
