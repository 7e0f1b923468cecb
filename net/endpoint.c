/* SPDX-License-Identifier: Apache-2.0 */
#include "net/endpoint.h"

#include "net/conn.h"
#include "net/deadline.h"
#include "net/lookup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A dead peer of a silent connection is noticed after 30 s. Who needs to know sooner, or waits for an answer, has
 * limits of his own; this only keeps dead connections from staying for hours. No TCP_USER_TIMEOUT: it would also end
 * the connection to a peer that is alive and only takes long, such as a target that syncs its disk. */
#define KEEP_IDLE_S     10
#define KEEP_INTERVAL_S 5
#define KEEP_COUNT      4

#define BACKLOG 64

static bool option(int socket, int level, int name, int value)
{
    return setsockopt(socket, level, name, &value, sizeof value) == 0;
}

enum dr_code endpoint_tune(int socket, struct dr_error *err)
{
    int flags = fcntl(socket, F_GETFL);
    bool tuned = flags >= 0 && fcntl(socket, F_SETFL, flags | O_NONBLOCK) == 0 &&
                 fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 && option(socket, IPPROTO_TCP, TCP_NODELAY, 1) &&
                 option(socket, SOL_SOCKET, SO_KEEPALIVE, 1) &&
                 option(socket, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S) &&
                 option(socket, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL_S) &&
                 option(socket, IPPROTO_TCP, TCP_KEEPCNT, KEEP_COUNT);
    return tuned ? DR_OK : dr_fail(err, DR_IO, "cannot set the options of a TCP socket: %s", strerror(errno));
}

void endpoint_name(char name[ENDPOINT_NAME], int socket)
{
    struct sockaddr_storage at;
    socklen_t size = sizeof at;
    char text[INET6_ADDRSTRLEN] = "";
    if (getpeername(socket, (struct sockaddr *)&at, &size) != 0) {
        snprintf(name, ENDPOINT_NAME, "a peer that has gone");
    } else if (at.ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&at;
        inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text);
        snprintf(name, ENDPOINT_NAME, "[%s]:%u", text, ntohs(six->sin6_port));
    } else {
        const struct sockaddr_in *four = (const struct sockaddr_in *)&at;
        inet_ntop(AF_INET, &four->sin_addr, text, sizeof text);
        snprintf(name, ENDPOINT_NAME, "%s:%u", text, ntohs(four->sin_port));
    }
}

static enum dr_code bind_source(int socket, const char *source, int family, struct dr_error *err)
{
    struct addrinfo *own;
    if (lookup_address(&own, source, 0, false, err) != DR_OK)
        return dr_within(err, "source address");
    int bound = -1;
    errno = EAFNOSUPPORT;
    if (own->ai_family == family)
        bound = bind(socket, own->ai_addr, own->ai_addrlen);
    freeaddrinfo(own);
    if (bound == 0)
        return DR_OK;
    return dr_fail(err, DR_INVALID, "cannot dial from source address %s: %s: name an address of this host", source,
                   strerror(errno));
}

/* Waits for a connect() under way; errno says why it failed. */
static bool connected(int socket, msec deadline, int stop)
{
    struct pollfd ready[2] = {{.fd = socket, .events = POLLOUT}, {.fd = stop, .events = POLLIN}};
    int count;
    do
        count = poll(ready, 2, deadline_left(deadline));
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return false;
    int error = count > 0 ? ECANCELED : ETIMEDOUT;
    socklen_t size = sizeof error;
    if (ready[0].revents && getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        return false;
    errno = error;
    return error == 0;
}

static enum dr_code dial_one(int *made, const struct addrinfo *to, const char *source, msec deadline, int stop,
                             struct dr_error *err)
{
    int s = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return dr_fail(err, DR_IO, "cannot make a socket: %s", strerror(errno));
    enum dr_code code = endpoint_tune(s, err);
    if (code == DR_OK && source)
        code = bind_source(s, source, to->ai_family, err);
    if (code == DR_OK && connect(s, to->ai_addr, to->ai_addrlen) != 0 &&
        (errno != EINPROGRESS || !connected(s, deadline, stop)))
        code = dr_fail(err, errno == ETIMEDOUT ? DR_TIMEOUT : DR_CLOSED, "%s", strerror(errno));
    if (code == DR_OK)
        *made = s;
    else
        close(s);
    return code;
}

/* One address after the other; each may use an equal share of what time is left. */
enum dr_code endpoint_dial(int *socket, const char *address, uint16_t port, const char *source, msec deadline, int stop,
                           struct dr_error *err)
{
    struct addrinfo *found;
    if (lookup_host(&found, address, port, deadline, stop, err) != DR_OK)
        return err->code;
    int left = 0;
    for (const struct addrinfo *to = found; to; to = to->ai_next)
        left++;
    enum dr_code code = DR_NOT_FOUND;
    for (const struct addrinfo *to = found; to && code != DR_OK; to = to->ai_next, left--)
        code = dial_one(socket, to, source, deadline_after(deadline_left(deadline) / left), stop, err);
    freeaddrinfo(found);
    if (code == DR_OK)
        return DR_OK;
    return dr_within(err, "cannot reach %s port %u (is drnode running there, and no firewall between?)", address, port);
}

static enum dr_code bind_listener(int s, const struct addrinfo *at, const char *address, uint16_t port,
                                  struct dr_error *err)
{
    /* "::" takes IPv4 too, whatever the system's default is. */
    if (at->ai_family == AF_INET6 && !option(s, IPPROTO_IPV6, IPV6_V6ONLY, 0))
        return dr_fail(err, DR_IO, "cannot open IPv6 to IPv4: %s", strerror(errno));
    if (option(s, SOL_SOCKET, SO_REUSEADDR, 1) && bind(s, at->ai_addr, at->ai_addrlen) == 0 && listen(s, BACKLOG) == 0)
        return DR_OK;
    if (errno == EADDRINUSE)
        return dr_fail(err, DR_BUSY, "port %u of %s is in use: 'ss -ltnp sport = :%u' tells by whom", port, address,
                       port);
    return dr_fail(err, DR_IO, "cannot listen on %s port %u: %s", address, port, strerror(errno));
}

enum dr_code conn_listen(int *listener, const char *address, uint16_t port, struct dr_error *err)
{
    struct addrinfo *at;
    if (lookup_address(&at, address, port, true, err) != DR_OK)
        return dr_within(err, "cannot listen");
    int s = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    enum dr_code code = s < 0 ? dr_fail(err, DR_IO, "cannot make a socket: %s", strerror(errno))
                              : bind_listener(s, at, address, port, err);
    freeaddrinfo(at);
    if (code == DR_OK)
        *listener = s;
    else if (s >= 0)
        close(s);
    return code;
}
