/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/netlink.h - just enough rtnetlink for addresses: one request and its answer. */
#ifndef DR_PLATFORM_LINUX_NETLINK_H
#define DR_PLATFORM_LINUX_NETLINK_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netlink_request {
    struct nlmsghdr head;
    struct ifaddrmsg address;
    char attributes[256];
};

void netlink_begin(struct netlink_request *request, int type, int flags);
void netlink_put(struct netlink_request *request, int type, const void *value, size_t size);

/* Sends it and waits for the kernel's verdict: 0, or an errno. */
int netlink_carry_out(struct netlink_request *request);

/* Calls `each` for every address of the host (in this network namespace) until it returns false: 0, or an errno. */
int netlink_addresses(bool (*each)(void *baton, const struct ifaddrmsg *address,
                                   const struct rtattr *const *attributes),
                      void *baton);

#endif
