/* SPDX-License-Identifier: Apache-2.0 */
#include "net/lookup.h"

#include "net/deadline.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int resolve(struct addrinfo **found, const char *address, uint16_t port, int flags)
{
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    return getaddrinfo(address, service, &hints, found);
}

/* A look-up in a thread of its own, as it may take many seconds; who leaves last frees it. */
struct lookup {
    int bell; /* readable when it is done */
    pthread_mutex_t lock;
    bool done, abandoned;
    int result, saved_errno;
    struct addrinfo *found;
    uint16_t port;
    char host[];
};

static void lookup_free(struct lookup *l)
{
    pthread_mutex_destroy(&l->lock);
    close(l->bell);
    free(l);
}

static void *lookup_run(void *argument)
{
    struct lookup *l = argument;
    struct addrinfo *found = NULL;
    int result = resolve(&found, l->host, l->port, 0), saved_errno = errno;
    pthread_mutex_lock(&l->lock);
    l->result = result;
    l->saved_errno = saved_errno;
    l->found = found;
    l->done = true;
    bool abandoned = l->abandoned;
    eventfd_write(l->bell, 1);
    pthread_mutex_unlock(&l->lock);
    if (abandoned) {
        if (result == 0)
            freeaddrinfo(found);
        lookup_free(l);
    }
    return NULL;
}

static struct lookup *lookup_start(const char *host, uint16_t port)
{
    size_t length = strlen(host) + 1;
    struct lookup *l = calloc(1, sizeof *l + length);
    if (!l)
        return NULL;
    memcpy(l->host, host, length);
    l->port = port;
    l->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&l->lock, NULL);
    pthread_t thread;
    if (l->bell < 0 || pthread_create(&thread, NULL, lookup_run, l) != 0) {
        lookup_free(l);
        return NULL;
    }
    pthread_detach(thread);
    return l;
}

/* Waits; true if it is done, and then it is the caller's to free. */
static bool lookup_wait(struct lookup *l, msec deadline, int stop)
{
    struct pollfd bells[2] = {{.fd = l->bell, .events = POLLIN}, {.fd = stop, .events = POLLIN}};
    while (poll(bells, 2, deadline_left(deadline)) < 0 && errno == EINTR)
        continue;
    pthread_mutex_lock(&l->lock);
    l->abandoned = !l->done;
    bool done = l->done;
    pthread_mutex_unlock(&l->lock);
    return done;
}

enum dr_code lookup_host(struct addrinfo **found, const char *address, uint16_t port, msec deadline, int stop,
                         struct dr_error *err)
{
    if (resolve(found, address, port, AI_NUMERICHOST) == 0)
        return DR_OK;
    struct lookup *l = lookup_start(address, port);
    if (!l)
        return dr_fail(err, DR_FULL, "cannot look up %s: no memory or thread left", address);
    if (!lookup_wait(l, deadline, stop))
        return dr_fail(err, DR_TIMEOUT, "no answer to the look-up of %s: check the name servers, or use an IP address",
                       address);
    int result = l->result, saved_errno = l->saved_errno;
    *found = l->found;
    lookup_free(l);
    if (result == 0)
        return DR_OK;
    return dr_fail(err, DR_NOT_FOUND, "cannot look up %s: %s: check the name, or use an IP address", address,
                   result == EAI_SYSTEM ? strerror(saved_errno) : gai_strerror(result));
}

enum dr_code lookup_address(struct addrinfo **found, const char *address, uint16_t port, bool passive,
                            struct dr_error *err)
{
    if (resolve(found, address, port, AI_NUMERICHOST | (passive ? AI_PASSIVE : 0)) == 0)
        return DR_OK;
    return dr_fail(err, DR_INVALID, "%s is no IP address", address);
}
