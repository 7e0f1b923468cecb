/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/watch.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define AT_ONCE 64

struct watch {
    int epoll, bell;
};

void watch_close(struct watch *watch)
{
    if (watch == NULL)
        return;
    if (watch->epoll >= 0)
        close(watch->epoll);
    if (watch->bell >= 0)
        close(watch->bell);
    free(watch);
}

enum dr_code watch_open(struct watch **out, struct dr_error *err)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return dr_fail(err, DR_FULL, "no memory to wait for descriptors");
    watch->epoll = epoll_create1(EPOLL_CLOEXEC);
    watch->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event bell = {.events = EPOLLIN, .data.ptr = watch};
    if (watch->epoll < 0 || watch->bell < 0 || epoll_ctl(watch->epoll, EPOLL_CTL_ADD, watch->bell, &bell) != 0) {
        dr_fail(err, DR_FULL, "cannot wait for descriptors: %s: raise the limit of open files", strerror(errno));
        watch_close(watch);
        return DR_FULL;
    }
    *out = watch;
    return DR_OK;
}

enum dr_code watch_add(struct watch *watch, int descriptor, void *owner, struct dr_error *err)
{
    struct epoll_event event = {.events = EPOLLONESHOT, .data.ptr = owner};
    if (epoll_ctl(watch->epoll, EPOLL_CTL_ADD, descriptor, &event) == 0)
        return DR_OK;
    return dr_fail(err, DR_FULL, "cannot wait for descriptor %d: %s: raise fs.epoll.max_user_watches", descriptor,
                   strerror(errno));
}

void watch_arm(struct watch *watch, int descriptor, void *owner)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.ptr = owner};
    (void)epoll_ctl(watch->epoll, EPOLL_CTL_MOD, descriptor, &event);
}

void watch_remove(struct watch *watch, int descriptor)
{
    (void)epoll_ctl(watch->epoll, EPOLL_CTL_DEL, descriptor, NULL);
}

void watch_ring(struct watch *watch)
{
    (void)eventfd_write(watch->bell, 1); /* full is as good as rung */
}

static int timeout(msec limit)
{
    if (limit < 0)
        return 0;
    return limit > INT_MAX ? INT_MAX : (int)limit;
}

unsigned watch_wait(struct watch *watch, void **owners, unsigned most, msec limit)
{
    struct epoll_event events[AT_ONCE];
    eventfd_t rung;
    int count = epoll_wait(watch->epoll, events, most < AT_ONCE ? (int)most : AT_ONCE, timeout(limit));
    unsigned told = 0;
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr == watch)
            (void)eventfd_read(watch->bell, &rung);
        else
            owners[told++] = events[i].data.ptr;
    }
    return told;
}
