/* SPDX-License-Identifier: Apache-2.0
 * drnode's side: one packet there, one back. */
#include "platform/clock.h"
#include "platform/linux/capture/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

struct capture_link {
    int fd;
    int memory;
    size_t size;
    void *mapped;
    struct capture_info info;
};

static enum dr_code connect_to(const char *path, int *out, struct dr_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval wait = {.tv_sec = WIRE_WAIT_S};
    if (strlen(path) >= sizeof address.sun_path)
        return dr_fail(err, DR_INVALID, "the socket's path is too long: %s", path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return dr_fail(err, DR_IO, "cannot make a socket: %s", strerror(errno));
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        enum dr_code code = errno == ENOENT || errno == ECONNREFUSED ? DR_NOT_FOUND : DR_IO;
        dr_fail(err, code, "no drcapture answers on %s: %s", path, strerror(errno));
        close(fd);
        return err->code;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    *out = fd;
    return DR_OK;
}

static enum dr_code receive(int fd, struct msghdr *message, struct wire_reply *reply, struct dr_error *err)
{
    struct iovec part = {reply, sizeof *reply};
    message->msg_iov = &part;
    message->msg_iovlen = 1;
    ssize_t n = recvmsg(fd, message, MSG_CMSG_CLOEXEC);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        shutdown(fd, SHUT_RDWR); /* a late answer must not pass for that to the next request */
        return dr_fail(err, DR_TIMEOUT, "drcapture did not answer for %d s: a lower file system hangs?", WIRE_WAIT_S);
    }
    if (n <= 0)
        return dr_fail(err, DR_CLOSED, "drcapture went away");
    if (wire_reply_check(reply, (size_t)n, err) != DR_OK)
        return dr_within(err, "drcapture is of another version than drnode: restart it");
    if (reply->code != DR_OK)
        return dr_fail(err, (enum dr_code)reply->code, "%s", reply->text);
    return DR_OK;
}

static enum dr_code ask(struct capture_link *l, struct wire_request *request, uint64_t *seq, struct dr_error *err)
{
    struct wire_reply reply;
    struct msghdr message = {0};
    request->version = WIRE_VERSION;
    if (send(l->fd, request, sizeof *request, MSG_NOSIGNAL) != (ssize_t)sizeof *request)
        return dr_fail(err, DR_CLOSED, "drcapture went away");
    if (receive(l->fd, &message, &reply, err) != DR_OK)
        return err->code;
    if (seq)
        *seq = reply.seq;
    return DR_OK;
}

/* ---- attaching ---- */

static void take_descriptors(struct capture_link *l, struct msghdr *message)
{
    int fds[WIRE_FDS_FIRST + CAPTURE_PATHS_MAX];
    const struct cmsghdr *c = CMSG_FIRSTHDR(message);
    if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || c->cmsg_len > CMSG_LEN(sizeof fds))
        return;
    unsigned count = (unsigned)((c->cmsg_len - CMSG_LEN(0)) / sizeof *fds);
    memcpy(fds, CMSG_DATA(c), count * sizeof *fds);
    if (count < WIRE_FDS_FIRST)
        return;
    l->memory = fds[0];
    l->info.wake = fds[1];
    l->info.paths = count - WIRE_FDS_FIRST;
    memcpy(l->info.root, fds + WIRE_FDS_FIRST, l->info.paths * sizeof *fds);
}

static enum dr_code map_ring(struct capture_link *l, struct dr_error *err)
{
    void *at = mmap(NULL, l->size, PROT_READ | PROT_WRITE, MAP_SHARED, l->memory, 0);
    if (at == MAP_FAILED)
        return dr_fail(err, DR_FULL, "cannot map the journal's %zu MiB: %s", l->size >> 20, strerror(errno));
    l->mapped = at;
    return ring_attach(&l->info.ring, at, l->size, err);
}

/* Who listened on the socket. */
static int64_t server_of(int fd)
{
    struct ucred server = {0};
    socklen_t size = sizeof server;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &server, &size) == 0 ? server.pid : 0;
}

static enum dr_code greet(struct capture_link *l, struct dr_error *err)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE((WIRE_FDS_FIRST + CAPTURE_PATHS_MAX) * sizeof(int))];
    } control = {0};
    struct msghdr message = {.msg_control = &control, .msg_controllen = sizeof control};
    struct wire_request request = {.version = WIRE_VERSION, .ask = WIRE_ATTACH};
    struct wire_reply reply;
    if (send(l->fd, &request, sizeof request, MSG_NOSIGNAL) != (ssize_t)sizeof request)
        return dr_fail(err, DR_CLOSED, "drcapture went away");
    if (receive(l->fd, &message, &reply, err) != DR_OK)
        return err->code;
    take_descriptors(l, &message);
    if (l->memory < 0 || l->info.paths != reply.paths)
        return dr_fail(err, DR_PROTOCOL, "drcapture did not hand over its descriptors: restart it");
    l->size = l->info.memory = reply.memory;
    snprintf(l->info.folders, sizeof l->info.folders, "%s", reply.text);
    l->info.mode = (enum capture_mode)reply.mode;
    l->info.term = reply.term;
    l->info.lease = reply.lease;
    l->info.pid = server_of(l->fd);
    return map_ring(l, err);
}

enum dr_code capture_attach(struct capture_link **link, const char *socket, struct dr_error *err)
{
    struct capture_link *l = calloc(1, sizeof *l);
    if (!l)
        return dr_fail(err, DR_FULL, "no memory");
    l->fd = l->memory = l->info.wake = -1;
    if (connect_to(socket, &l->fd, err) != DR_OK || greet(l, err) != DR_OK) {
        capture_detach(l);
        return dr_within(err, "cannot attach to capture");
    }
    *link = l;
    return DR_OK;
}

void capture_detach(struct capture_link *l)
{
    if (l->mapped)
        munmap(l->mapped, l->size);
    for (unsigned i = 0; i < l->info.paths; i++)
        close(l->info.root[i]);
    const int fds[] = {l->info.wake, l->memory, l->fd};
    for (unsigned i = 0; i < sizeof fds / sizeof *fds; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
    free(l);
}

const struct capture_info *capture_info(const struct capture_link *l)
{
    return &l->info;
}

bool capture_lives(const struct capture_link *l)
{
    struct pollfd fd = {.fd = l->fd};
    return poll(&fd, 1, 0) == 0; /* only its end is reported unasked */
}

/* ---- commands ---- */

enum dr_code capture_flip(struct capture_link *l, enum capture_mode mode, term_no term, uint64_t *seq,
                          struct dr_error *err)
{
    return ask(l, &(struct wire_request){.ask = WIRE_FLIP, .what = mode, .term = term}, seq, err);
}

enum dr_code capture_lease(struct capture_link *l, msec until, struct dr_error *err)
{
    return ask(l, &(struct wire_request){.ask = WIRE_LEASE, .limit = until}, NULL, err);
}

enum dr_code capture_renew(const struct capture_link *l, msec until, struct dr_error *err)
{
    if (ring_lease_move(l->info.ring, until, clock_now()))
        return DR_OK;
    return dr_fail(err, DR_REFUSED, "the lease of term %llu is over: the folders are read-only",
                   (unsigned long long)ring_term(l->info.ring));
}

enum dr_code capture_append(struct capture_link *l, enum record_op op, const char *text, uint64_t *seq,
                            struct dr_error *err)
{
    struct wire_request request = {.ask = WIRE_APPEND, .what = op};
    snprintf(request.text, sizeof request.text, "%s", text ? text : "");
    return ask(l, &request, seq, err);
}

enum dr_code capture_freeze(struct capture_link *l, msec limit, uint64_t *seq, struct dr_error *err)
{
    return ask(l, &(struct wire_request){.ask = WIRE_FREEZE, .limit = limit}, seq, err);
}

enum dr_code capture_thaw(struct capture_link *l, struct dr_error *err)
{
    return ask(l, &(struct wire_request){.ask = WIRE_THAW}, NULL, err);
}

enum dr_code capture_restart(struct capture_link *l, uint64_t stream, struct dr_error *err)
{
    return ask(l, &(struct wire_request){.ask = WIRE_RESTART, .stream = stream}, NULL, err);
}

enum dr_code capture_stop(struct capture_link *l, struct dr_error *err)
{
    return ask(l, &(struct wire_request){.ask = WIRE_STOP}, NULL, err);
}
