/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/control.h"

#include "agent/control_request.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNECTIONS_MAX 16
#define ANSWER_MAX      (8u << 20) /* the status of a thousand rules, with much to say */
/* A client that does not read or write for so long is dropped. */
#define CLIENT_TIMEOUT_S 5

struct control {
    int listener;
    int stop[2]; /* a pipe: a byte in it ends the listener */
    char path[sizeof((struct sockaddr_un *)0)->sun_path];
    const struct control_command *command;
    void *baton;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    unsigned busy; /* connections in hand */
};

struct connection {
    struct control *control;
    int socket;
};

static const char *code_name(enum dr_code code)
{
    static const char *const names[] = {"ok",   "invalid", "not_found", "io",   "protocol", "refused",
                                        "busy", "timeout", "closed",    "full", "corrupt"};
    return (unsigned)code < sizeof names / sizeof *names ? names[code] : "io";
}

static void send_all(int socket, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t n = send(socket, text, length, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* the client went away: nobody to tell */
        text += n;
        length -= (size_t)n;
    }
}

/* Only root, or who runs this daemon: the socket's mode says so too, but descriptors can be handed on. */
static enum dr_code check_peer(int socket, struct dr_error *err)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return dr_fail(err, DR_IO, "cannot tell who asks: %s", strerror(errno));
    if (peer.uid != 0 && peer.uid != geteuid())
        return dr_fail(err, DR_REFUSED, "user %u may not control drnode: use root", (unsigned)peer.uid);
    return DR_OK;
}

static enum dr_code run_command(struct control *control, const struct control_request *request,
                                struct json_writer *answer, struct dr_error *err)
{
    const struct control_command *command = control->command;
    while (command->name && strcmp(command->name, request->command) != 0)
        command++;
    if (!command->name)
        return dr_fail(err, DR_INVALID, "drnode does not know the command \"%.64s\": is drctl of the same version?",
                       request->command);
    return command->run(control->baton, request, answer, err);
}

static void write_failure(struct json_writer *w, const struct dr_error *err)
{
    json_write_begin(w, NULL);
    json_write_bool(w, "ok", false);
    json_write_text(w, "code", code_name(err->code));
    json_write_text(w, "error", err->text);
    json_write_end(w);
}

static void answer_request(const struct connection *c, char *answer)
{
    struct control_request *request = malloc(sizeof *request);
    struct json_writer w = json_write_over(answer, ANSWER_MAX);
    struct dr_error err;
    enum dr_code code = request ? check_peer(c->socket, &err) : dr_fail(&err, DR_FULL, "drnode has no memory");
    if (code == DR_OK)
        code = control_request_read(request, c->socket, &err);
    if (code == DR_OK) {
        json_write_begin(&w, NULL);
        json_write_bool(&w, "ok", true);
        code = run_command(c->control, request, &w, &err);
        json_write_end(&w);
    }
    if (code == DR_OK && !json_write_ok(&w))
        code = dr_fail(&err, DR_FULL, "the answer is larger than %u bytes: ask for less", ANSWER_MAX);
    if (code != DR_OK) {
        w = json_write_over(answer, ANSWER_MAX);
        write_failure(&w, &err);
    }
    send_all(c->socket, answer, strlen(answer));
    send_all(c->socket, "\n", 1);
    free(request);
}

static void leave(struct control *control)
{
    pthread_mutex_lock(&control->lock);
    control->busy--;
    pthread_cond_broadcast(&control->idle);
    pthread_mutex_unlock(&control->lock);
}

static void *serve_connection(void *baton)
{
    struct connection *c = baton;
    struct control *control = c->control;
    char *answer = malloc(ANSWER_MAX);
    if (answer)
        answer_request(c, answer);
    free(answer);
    close(c->socket);
    free(c);
    leave(control);
    return NULL;
}

/* Takes the socket over. More than CONNECTIONS_MAX at once wait in the listen queue. */
static void start_connection(struct control *control, int socket)
{
    struct timeval limit = {.tv_sec = CLIENT_TIMEOUT_S};
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    struct connection *c = malloc(sizeof *c);
    pthread_attr_t detached;
    pthread_t thread;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    pthread_mutex_lock(&control->lock);
    control->busy++;
    pthread_mutex_unlock(&control->lock);
    if (c)
        *c = (struct connection){.control = control, .socket = socket};
    if (!c || pthread_create(&thread, &detached, serve_connection, c) != 0) {
        free(c);
        close(socket);
        leave(control);
    }
    pthread_attr_destroy(&detached);
}

static void wait_for_room(struct control *control, unsigned most)
{
    pthread_mutex_lock(&control->lock);
    while (control->busy > most)
        pthread_cond_wait(&control->idle, &control->lock);
    pthread_mutex_unlock(&control->lock);
}

static void *listen_on(void *baton)
{
    struct control *control = baton;
    struct pollfd wait[2] = {{.fd = control->listener, .events = POLLIN}, {.fd = control->stop[0], .events = POLLIN}};
    for (;;) {
        wait_for_room(control, CONNECTIONS_MAX - 1);
        if (poll(wait, 2, -1) < 0 && errno != EINTR)
            return NULL;
        if (wait[1].revents)
            return NULL;
        int socket = wait[0].revents ? accept4(control->listener, NULL, NULL, SOCK_CLOEXEC) : -1;
        if (socket >= 0)
            start_connection(control, socket);
    }
}

bool control_is_served(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (snprintf(address.sun_path, sizeof address.sun_path, "%s", path) >= (int)sizeof address.sun_path)
        return false;
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool served = probe >= 0 && connect(probe, (const struct sockaddr *)&address, sizeof address) == 0;
    if (probe >= 0)
        close(probe);
    return served;
}

static enum dr_code open_listener(struct control *control, struct dr_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, control->path, sizeof address.sun_path);
    if (control_is_served(control->path))
        return dr_fail(err, DR_BUSY, "%s is in use: another drnode runs with this root; stop it first", control->path);
    unlink(control->path);
    control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (control->listener < 0)
        return dr_fail(err, DR_IO, "cannot make a socket: %s", strerror(errno));
    /* Before it listens nobody can connect, so the mode is right before anybody can use it. */
    if (bind(control->listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
        chmod(control->path, 0600) != 0 || listen(control->listener, CONNECTIONS_MAX) != 0) {
        enum dr_code code = dr_fail(err, DR_IO, "cannot listen on %s: %s", control->path, strerror(errno));
        close(control->listener);
        return code;
    }
    return DR_OK;
}

static enum dr_code start_thread(struct control *control, struct dr_error *err)
{
    if (pipe2(control->stop, O_CLOEXEC) != 0)
        return dr_fail(err, DR_IO, "cannot make a pipe: %s", strerror(errno));
    pthread_mutex_init(&control->lock, NULL);
    pthread_cond_init(&control->idle, NULL);
    int failure = pthread_create(&control->thread, NULL, listen_on, control);
    if (failure == 0)
        return DR_OK;
    close(control->stop[0]);
    close(control->stop[1]);
    return dr_fail(err, DR_FULL, "cannot start the control thread: %s", strerror(failure));
}

enum dr_code control_start(struct control **control, const char *socket, const struct control_command *command,
                           void *baton, struct dr_error *err)
{
    struct control *c = calloc(1, sizeof *c);
    *control = NULL;
    if (!c)
        return dr_fail(err, DR_FULL, "no memory for local control");
    *c = (struct control){.command = command, .baton = baton};
    if (snprintf(c->path, sizeof c->path, "%s", socket) >= (int)sizeof c->path) {
        free(c);
        return dr_fail(err, DR_INVALID,
                       "%.160s: longer than the %zu bytes that a socket's path may have: choose a "
                       "shorter root",
                       socket, sizeof c->path - 1);
    }
    enum dr_code code = open_listener(c, err);
    if (code == DR_OK) {
        code = start_thread(c, err);
        if (code != DR_OK)
            close(c->listener);
    }
    if (code == DR_OK)
        *control = c;
    else
        free(c);
    return code;
}

void control_stop(struct control *control)
{
    /* Closing alone would not do: a child that was just forked may hold the other end too. */
    while (write(control->stop[1], "", 1) < 0 && errno == EINTR)
        continue;
    pthread_join(control->thread, NULL);
    close(control->stop[1]);
    close(control->listener);
    unlink(control->path);
    wait_for_room(control, 0);
    close(control->stop[0]);
    pthread_cond_destroy(&control->idle);
    pthread_mutex_destroy(&control->lock);
    free(control);
}
