/* SPDX-License-Identifier: Apache-2.0 */
#include "console/http/server.h"

#include "console/http/query.h"
#include "console/http/workers.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/thread.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTENERS_MAX 4

/* One request from its arrival to its answer. The connection may end meanwhile: evhttp then parts the two, and frees
 * the request when it is answered. */
struct exchange {
    struct server *server;
    struct evhttp_request *from;
    struct request request;
    struct answer answer;
    struct exchange *next;
};

struct server {
    struct event_base *base;
    struct evhttp *listener[LISTENERS_MAX];
    unsigned listeners;
    struct workers *workers;
    server_handler *handler;
    struct event *done_event, *stop_event;
    pthread_mutex_t lock;
    struct exchange *done; /* answered, not sent yet */
};

/* Of libevent's names: what may come, and as what it is signed. */
static const struct {
    enum evhttp_cmd_type command;
    const char *name;
} methods[] = {
    {EVHTTP_REQ_GET, "GET"}, {EVHTTP_REQ_POST, "POST"}, {EVHTTP_REQ_PUT, "PUT"}, {EVHTTP_REQ_DELETE, "DELETE"}};

static void exchange_free(struct exchange *exchange)
{
    request_end(&exchange->request);
    answer_end(&exchange->answer);
    free(exchange);
}

static void send_bytes(struct evhttp_request *to, int status, const char *type, const char *bytes, size_t size)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(to);
    struct evbuffer *body = evbuffer_new();
    evhttp_add_header(headers, "Content-Type", type);
    evhttp_add_header(headers, "Cache-Control", "no-store");
    evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
    if (body != NULL)
        evbuffer_add(body, bytes, size);
    evhttp_send_reply(to, status, NULL, body);
    if (body != NULL)
        evbuffer_free(body);
}

static void name_file(struct evhttp_request *to, const char *name)
{
    char disposition[128];
    snprintf(disposition, sizeof disposition, "attachment; filename=\"%s\"", name);
    evhttp_add_header(evhttp_request_get_output_headers(to), "Content-Disposition", disposition);
}

static void send_answer(const struct exchange *exchange)
{
    const struct answer *answer = &exchange->answer;
    char *text = answer->plain == NULL ? answer_text(answer, request_is_chinese(&exchange->request)) : NULL;
    if (answer->file_name[0] != '\0')
        name_file(exchange->from, answer->file_name);
    if (answer->plain != NULL)
        send_bytes(exchange->from, answer->status, answer->type, answer->plain, answer->plain_size);
    else
        send_bytes(exchange->from, text != NULL ? answer->status : 500, answer->type, text != NULL ? text : "",
                   text != NULL ? strlen(text) : 0);
    free(text);
}

static void send_answers(evutil_socket_t fd, short what, void *baton)
{
    struct server *server = baton;
    struct exchange *exchange, *next;
    (void)fd, (void)what;
    pthread_mutex_lock(&server->lock);
    exchange = server->done;
    server->done = NULL;
    pthread_mutex_unlock(&server->lock);
    for (; exchange != NULL; exchange = next) {
        next = exchange->next;
        send_answer(exchange);
        exchange_free(exchange);
    }
}

/* In a worker. */
static void work(void *own, void *job)
{
    struct exchange *exchange = job;
    struct server *server = exchange->server;
    server->handler(own, &exchange->request, &exchange->answer);
    pthread_mutex_lock(&server->lock);
    exchange->next = server->done;
    server->done = exchange;
    pthread_mutex_unlock(&server->lock);
    event_active(server->done_event, EV_READ, 0);
}

/* An empty header is an absent one: a client always sends both kinds of authorization, one of them empty. */
static char *header(const struct evkeyvalq *headers, const char *name)
{
    const char *value = evhttp_find_header(headers, name);
    return value != NULL && value[0] != '\0' ? strdup(value) : NULL;
}

static void take_headers(struct request_headers *to, struct evhttp_request *from)
{
    struct evkeyvalq *headers = evhttp_request_get_input_headers(from);
    to->authorization = header(headers, "Authorization");
    to->access_key = header(headers, "ACCESS-KEY");
    to->timestamp = header(headers, "timestamp");
    to->nonce = header(headers, "nonce");
    to->signature = header(headers, "Signature");
    to->enhanced = header(headers, "enhanceStr");
    to->language = header(headers, "User-Lang");
    if (to->language == NULL)
        to->language = header(headers, "Accept-Language");
}

static json_t *body_of(struct evhttp_request *from)
{
    struct evbuffer *body = evhttp_request_get_input_buffer(from);
    size_t size = evbuffer_get_length(body);
    const char *bytes = (const char *)evbuffer_pullup(body, -1);
    return size > 0 ? json_loadb(bytes, size, JSON_REJECT_DUPLICATES, NULL) : json_object();
}

/* NULL: fine; else why this is no request. */
static const char *take(struct request *to, struct evhttp_request *from)
{
    const char *uri = evhttp_request_get_uri(from);
    size_t path = strcspn(uri, "?");
    char *remote = NULL;
    uint16_t port;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (evhttp_request_get_command(from) == methods[i].command)
            snprintf(to->method, sizeof to->method, "%s", methods[i].name);
    if (path >= sizeof to->sent_path)
        return "the path is too long";
    memcpy(to->sent_path, uri, path);
    if (!path_repair(to->path, to->sent_path))
        return "Unknown method";
    to->parameters =
        strcmp(to->method, "GET") == 0 ? query_parse(uri[path] == '?' ? uri + path + 1 : "") : body_of(from);
    if (!json_is_object(to->parameters))
        return "the parameters are no JSON object";
    to->has_rand = json_object_get(to->parameters, "_") != NULL;
    take_headers(&to->header, from);
    evhttp_connection_get_peer(evhttp_request_get_connection(from), &remote, &port);
    snprintf(to->remote, sizeof to->remote, "%s", remote != NULL ? remote : "");
    return NULL;
}

static void refuse(struct evhttp_request *from, int status, const char *why)
{
    char text[256];
    snprintf(text, sizeof text, "{\"ret\":%d,\"msg\":\"%s\"}", status, why);
    send_bytes(from, status, "application/json; charset=utf-8", text, strlen(text));
}

static void arrived(struct evhttp_request *from, void *baton)
{
    struct server *server = baton;
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL) {
        refuse(from, HTTP_SERVUNAVAIL, "no memory");
        return;
    }
    exchange->server = server;
    exchange->from = from;
    answer_begin(&exchange->answer);
    const char *wrong = take(&exchange->request, from);
    if (wrong == NULL && workers_give(server->workers, exchange))
        return;
    refuse(from, wrong != NULL ? HTTP_BADREQUEST : HTTP_SERVUNAVAIL, wrong != NULL ? wrong : "busy: try again");
    exchange_free(exchange);
}

static void leave_loop(evutil_socket_t fd, short what, void *baton)
{
    (void)fd, (void)what;
    event_base_loopbreak(baton);
}

enum dr_code server_create(struct server **made, server_handler *handler, void *const *own, unsigned workers,
                           struct dr_error *err)
{
    struct server *server = *made = calloc(1, sizeof *server);
    if (server == NULL)
        return dr_fail(err, DR_FULL, "no memory for the server");
    pthread_mutex_init(&server->lock, NULL);
    server->handler = handler;
    if (evthread_use_pthreads() == 0 && (server->base = event_base_new()) != NULL) {
        server->done_event = event_new(server->base, -1, EV_PERSIST, send_answers, server);
        server->stop_event = event_new(server->base, -1, EV_PERSIST, leave_loop, server->base);
    }
    if (server->done_event == NULL || server->stop_event == NULL || event_add(server->done_event, NULL) != 0)
        dr_fail(err, DR_IO, "libevent does not start: %s", strerror(errno));
    else if (workers_start(&server->workers, work, own, workers, err) == DR_OK)
        return DR_OK;
    server_destroy(server);
    *made = NULL;
    return err->code;
}

static struct bufferevent *with_tls(struct event_base *base, void *baton)
{
    return bufferevent_openssl_socket_new(base, -1, SSL_new(baton), BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
}

enum dr_code server_listen(struct server *server, const char *address, unsigned port, SSL_CTX *tls,
                           struct dr_error *err)
{
    struct evhttp *listener = server->listeners < LISTENERS_MAX ? evhttp_new(server->base) : NULL;
    if (listener == NULL)
        return dr_fail(err, DR_FULL, "no room for another listener");
    server->listener[server->listeners++] = listener;
    evhttp_set_max_body_size(listener, SERVER_BODY_MAX);
    evhttp_set_max_headers_size(listener, SERVER_HEADERS_MAX);
    evhttp_set_timeout(listener, SERVER_IDLE_S);
    evhttp_set_allowed_methods(listener, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE);
    evhttp_set_gencb(listener, arrived, server);
    if (tls != NULL)
        evhttp_set_bevcb(listener, with_tls, tls);
    if (evhttp_bind_socket(listener, address, (uint16_t)port) == 0)
        return DR_OK;
    return dr_fail(err, errno == EADDRINUSE ? DR_BUSY : DR_IO,
                   "cannot listen on %s port %u: %s: end the program that has it (ss -ltnp), or set another port",
                   address, port, strerror(errno));
}

void server_run(struct server *server)
{
    event_base_dispatch(server->base);
}

void server_stop(struct server *server)
{
    event_active(server->stop_event, EV_READ, 0); /* also counts if the loop has not begun yet */
}

/* Workers first: their last answers are sent as far as the connections take them at once. */
void server_destroy(struct server *server)
{
    if (server == NULL)
        return;
    workers_stop(server->workers);
    if (server->done_event != NULL) {
        send_answers(-1, 0, server);
        event_base_loop(server->base, EVLOOP_NONBLOCK);
        event_free(server->done_event);
    }
    if (server->stop_event != NULL)
        event_free(server->stop_event);
    for (unsigned i = 0; i < server->listeners; i++)
        evhttp_free(server->listener[i]);
    if (server->base != NULL)
        event_base_free(server->base);
    pthread_mutex_destroy(&server->lock);
    free(server);
}
