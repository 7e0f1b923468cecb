/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/netlink.c - rtnetlink without a library: a socket a request, closed again, so that a forked or killed
 * child leaves nothing behind. */
#include "platform/linux/netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void netlink_begin(struct netlink_request *request, int type, int flags)
{
    memset(request, 0, sizeof *request);
    request->head.nlmsg_type = (uint16_t)type;
    request->head.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
    request->head.nlmsg_len = NLMSG_LENGTH(sizeof request->address);
}

void netlink_put(struct netlink_request *request, int type, const void *value, size_t size)
{
    struct rtattr *at = (struct rtattr *)((char *)request + NLMSG_ALIGN(request->head.nlmsg_len));
    at->rta_type = (uint16_t)type;
    at->rta_len = (uint16_t)RTA_LENGTH(size);
    memcpy(RTA_DATA(at), value, size);
    request->head.nlmsg_len = NLMSG_ALIGN(request->head.nlmsg_len) + RTA_ALIGN(at->rta_len);
}

static int open_and_send(const struct netlink_request *request, int *fd)
{
    *fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (*fd < 0)
        return errno;
    if (send(*fd, request, request->head.nlmsg_len, 0) >= 0)
        return 0;
    int why = errno;
    close(*fd);
    return why;
}

static ssize_t receive(int fd, void *buffer, size_t size)
{
    ssize_t got;
    do
        got = recv(fd, buffer, size, 0);
    while (got < 0 && errno == EINTR);
    return got;
}

static int verdict_of(const struct nlmsghdr *head)
{
    return -((const struct nlmsgerr *)NLMSG_DATA(head))->error;
}

int netlink_carry_out(struct netlink_request *request)
{
    request->head.nlmsg_flags |= NLM_F_ACK;
    int fd, why = open_and_send(request, &fd);
    if (why != 0)
        return why;
    _Alignas(struct nlmsghdr) char buffer[4096];
    ssize_t got = receive(fd, buffer, sizeof buffer);
    const struct nlmsghdr *head = (const struct nlmsghdr *)buffer;
    if (got < 0)
        why = errno;
    else
        why = NLMSG_OK(head, (size_t)got) && head->nlmsg_type == NLMSG_ERROR ? verdict_of(head) : EPROTO;
    close(fd);
    return why;
}

static void sort_attributes(const struct rtattr **table, const struct nlmsghdr *head)
{
    memset(table, 0, (IFA_MAX + 1) * sizeof *table);
    int left = (int)IFA_PAYLOAD(head);
    for (const struct rtattr *at = IFA_RTA(NLMSG_DATA(head)); RTA_OK(at, left); at = RTA_NEXT(at, left))
        if (at->rta_type <= IFA_MAX)
            table[at->rta_type] = at;
}

/* One datagram of a dump. Returns true when it was the last, with the verdict in *why. */
static bool read_part(char *buffer, size_t size, int *why, bool *wanted,
                      bool (*each)(void *, const struct ifaddrmsg *, const struct rtattr *const *), void *baton)
{
    for (const struct nlmsghdr *head = (const struct nlmsghdr *)buffer; NLMSG_OK(head, size);
         head = NLMSG_NEXT(head, size)) {
        if (head->nlmsg_type == NLMSG_DONE)
            return true;
        if (head->nlmsg_type == NLMSG_ERROR) {
            *why = verdict_of(head);
            return true;
        }
        const struct rtattr *attributes[IFA_MAX + 1];
        sort_attributes(attributes, head);
        if (*wanted && head->nlmsg_type == RTM_NEWADDR)
            *wanted = each(baton, NLMSG_DATA(head), attributes);
    }
    return false;
}

int netlink_addresses(bool (*each)(void *baton, const struct ifaddrmsg *address,
                                   const struct rtattr *const *attributes),
                      void *baton)
{
    struct netlink_request request;
    netlink_begin(&request, RTM_GETADDR, NLM_F_DUMP);
    int fd, why = open_and_send(&request, &fd);
    if (why != 0)
        return why;
    bool wanted = true, last = false;
    while (!last && why == 0) {
        _Alignas(struct nlmsghdr) char buffer[16384];
        ssize_t got = receive(fd, buffer, sizeof buffer);
        if (got <= 0)
            why = got < 0 ? errno : EPROTO;
        else
            last = read_part(buffer, (size_t)got, &why, &wanted, each, baton);
    }
    close(fd);
    return why;
}
