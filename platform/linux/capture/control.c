/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/control.h"

#include "platform/linux/capture/flip.h"
#include "platform/linux/capture/settle.h"
#include "platform/linux/capture/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LINKS_MAX 16

struct control {
    struct session *session;
    int listener;
    int link[LINKS_MAX]; /* -1: free */
    int stopper;         /* the link that asked for the stop, or -1 */
};

enum dr_code control_open(struct control **control, struct session *s, struct dr_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = s->config->socket;
    if (strlen(path) >= sizeof address.sun_path)
        return dr_fail(err, DR_INVALID, "the socket's path is too long: %s", path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    struct control *c = calloc(1, sizeof *c);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (c && fd >= 0) {
        unlink(path);
        if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, LINKS_MAX) == 0) {
            *c = (struct control){.session = s, .listener = fd, .stopper = -1};
            memset(c->link, -1, sizeof c->link);
            *control = c;
            return DR_OK;
        }
    }
    dr_fail(err, DR_IO, "cannot listen on %s: %s", path, strerror(errno));
    free(c);
    if (fd >= 0)
        close(fd);
    return err->code;
}

/* ---- answers ---- */

static void send_reply(int link, const struct wire_reply *reply)
{
    /* Whoever hung up, or was stopped with its answers unread, does not hear it: nobody is waited for. */
    (void)!send(link, reply, sizeof *reply, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void send_attached(const struct session *s, int link, const struct wire_reply *reply)
{
    int fds[WIRE_FDS_FIRST + CAPTURE_PATHS_MAX] = {s->journal.memory, s->journal.wake};
    for (unsigned i = 0; i < s->paths; i++)
        fds[WIRE_FDS_FIRST + i] = s->mount[i].lower;
    size_t bytes = (WIRE_FDS_FIRST + s->paths) * sizeof *fds;
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof fds)];
    } control = {0};
    struct iovec part = {(void *)(uintptr_t)reply, sizeof *reply};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(bytes)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(bytes);
    memcpy(CMSG_DATA(c), fds, bytes);
    (void)!sendmsg(link, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static enum dr_code carry_out(struct session *s, const struct wire_request *ask, uint64_t *seq, struct dr_error *err)
{
    switch (ask->ask) {
    case WIRE_FLIP: return flip_to(s, (enum capture_mode)ask->what, ask->term, seq, err);
    case WIRE_APPEND: return flip_append(s, (enum record_op)ask->what, ask->text, seq, err);
    case WIRE_FREEZE: *seq = flip_freeze(s, ask->limit); return DR_OK;
    case WIRE_THAW: gate_thaw(&s->gate); return DR_OK;
    case WIRE_RESTART: flip_restart(s, ask->stream); return DR_OK;
    case WIRE_LEASE: return flip_lease(s, ask->limit, err);
    case WIRE_ATTACH: return DR_OK;
    default: return dr_fail(err, DR_PROTOCOL, "drcapture does not know request %u: it is older than drnode", ask->ask);
    }
}

/* "" if they do not fit. */
static void list_folders(const struct capture_config *config, char text[CAPTURE_FOLDERS])
{
    size_t used = 0;
    for (unsigned i = 0; i < config->paths && used < CAPTURE_FOLDERS; i++)
        used += (size_t)snprintf(text + used, CAPTURE_FOLDERS - used, "%s\n", config->folder[i]);
    if (used >= CAPTURE_FOLDERS)
        text[0] = '\0';
}

static void answer(struct control *c, int link, const struct wire_request *ask)
{
    const struct session *s = c->session;
    struct wire_reply reply = {0};
    struct dr_error err = {0};
    reply.code = carry_out(c->session, ask, &reply.seq, &err);
    reply.mode = gate_is_open(&s->gate) ? CAPTURE_READ_WRITE : CAPTURE_READ_ONLY;
    reply.paths = s->paths;
    reply.memory = s->journal.size;
    reply.lease = gate_lapses(&c->session->gate);
    reply.term = ring_term(s->journal.ring);
    snprintf(reply.text, sizeof reply.text, "%s", err.text);
    if (ask->ask != WIRE_ATTACH) {
        send_reply(link, &reply);
        return;
    }
    list_folders(s->config, reply.text);
    send_attached(s, link, &reply);
}

/* ---- links ---- */

static void link_accept(struct control *c)
{
    struct ucred peer;
    socklen_t length = sizeof peer;
    int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);
    bool known = fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && peer.uid == geteuid();
    for (unsigned i = 0; known && i < LINKS_MAX; i++) {
        if (c->link[i] < 0) {
            c->link[i] = fd;
            return;
        }
    }
    if (fd >= 0)
        close(fd);
}

static void link_drop(struct control *c, unsigned i)
{
    close(c->link[i]);
    c->link[i] = -1;
}

static void link_read(struct control *c, unsigned i)
{
    struct wire_request ask;
    struct dr_error err;
    ssize_t n = recv(c->link[i], &ask, sizeof ask, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        link_drop(c, i);
        return;
    }
    if (wire_request_check(&ask, (size_t)n, &err) != DR_OK) {
        dr_within(&err, "whoever asks on %s is no drnode of this version: it is hung up on",
                  c->session->config->socket);
        c->session->config->say(NULL, err.text);
        link_drop(c, i);
        return;
    }
    if (ask.ask == WIRE_STOP)
        c->stopper = (int)i;
    else
        answer(c, c->link[i], &ask);
}

/* What is due by itself; returns until when there is nothing, -1 = for ever. */
static int act(struct session *s)
{
    int lapse = flip_lapse(s), settle = settle_idle(s);
    return lapse < 0 || (settle >= 0 && settle < lapse) ? settle : lapse;
}

void control_serve(struct control *c, int signals)
{
    while (c->stopper < 0) {
        struct pollfd fds[LINKS_MAX + 3] = {{.fd = signals, .events = POLLIN}, {.fd = c->listener, .events = POLLIN}};
        fds[LINKS_MAX + 2] = (struct pollfd){.fd = c->session->settling.wake, .events = POLLIN};
        for (unsigned i = 0; i < LINKS_MAX; i++)
            fds[i + 2] = (struct pollfd){.fd = c->link[i], .events = POLLIN};
        if (poll(fds, LINKS_MAX + 3, act(c->session)) <= 0)
            continue;
        if (fds[0].revents)
            return;
        if (fds[1].revents)
            link_accept(c);
        for (unsigned i = 0; i < LINKS_MAX; i++) {
            if (fds[i + 2].revents)
                link_read(c, i);
        }
    }
}

void control_close(struct control *c)
{
    if (c->stopper >= 0)
        send_reply(c->link[c->stopper], &(struct wire_reply){.code = DR_OK});
    for (unsigned i = 0; i < LINKS_MAX; i++) {
        if (c->link[i] >= 0)
            close(c->link[i]);
    }
    unlink(c->session->config->socket);
    close(c->listener);
    free(c);
}
