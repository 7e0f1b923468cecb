/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/nfset.c - a socket a request, closed again, as in netlink.c. The kernel works off a batch while we
 * send it: its verdicts wait in the socket when send() returns. */
#include "platform/linux/nfset.h"

#include <endian.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct nlmsghdr *begin_message(struct nfset_batch *batch, int type, int flags, uint8_t family, uint16_t resource)
{
    struct nlmsghdr *head = (struct nlmsghdr *)(batch->bytes + batch->used);
    struct nfgenmsg *general = (struct nfgenmsg *)(head + 1);
    *head = (struct nlmsghdr){.nlmsg_len = NLMSG_LENGTH(sizeof *general),
                              .nlmsg_type = (uint16_t)type,
                              .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
                              .nlmsg_seq = batch->messages++};
    *general = (struct nfgenmsg){.nfgen_family = family, .version = NFNETLINK_V0, .res_id = htobe16(resource)};
    return head;
}

static void end_message(struct nfset_batch *batch, const struct nlmsghdr *head)
{
    batch->used += NLMSG_ALIGN(head->nlmsg_len);
}

static struct nlattr *put(struct nlmsghdr *head, int type, const void *value, size_t size)
{
    struct nlattr *at = (struct nlattr *)((char *)head + head->nlmsg_len);
    at->nla_type = (uint16_t)type;
    at->nla_len = (uint16_t)(NLA_HDRLEN + size);
    memset(at + 1, 0, NLA_ALIGN(size));
    if (size > 0)
        memcpy(at + 1, value, size);
    head->nlmsg_len += (uint32_t)(NLA_HDRLEN + NLA_ALIGN(size));
    return at;
}

static struct nlattr *nest(struct nlmsghdr *head, int type)
{
    return put(head, type | NLA_F_NESTED, NULL, 0);
}

static void end_nest(const struct nlmsghdr *head, struct nlattr *at)
{
    at->nla_len = (uint16_t)((const char *)head + head->nlmsg_len - (const char *)at);
}

static void put_element(struct nlmsghdr *head, const struct nfset_element *element, bool timed)
{
    put(head, NFTA_SET_ELEM_LIST_TABLE, element->table, strlen(element->table) + 1);
    put(head, NFTA_SET_ELEM_LIST_SET, element->set, strlen(element->set) + 1);
    if (element->key == NULL)
        return;
    struct nlattr *list = nest(head, NFTA_SET_ELEM_LIST_ELEMENTS), *one = nest(head, NFTA_LIST_ELEM);
    struct nlattr *key = nest(head, NFTA_SET_ELEM_KEY);
    put(head, NFTA_DATA_VALUE, element->key, element->size);
    end_nest(head, key);
    uint64_t timeout = htobe64((uint64_t)element->timeout);
    if (timed)
        put(head, NFTA_SET_ELEM_TIMEOUT, &timeout, sizeof timeout);
    end_nest(head, one);
    end_nest(head, list);
}

static int type_of(int message)
{
    return NFNL_SUBSYS_NFTABLES << 8 | message;
}

void nfset_begin(struct nfset_batch *batch)
{
    batch->used = batch->messages = 0;
    end_message(batch, begin_message(batch, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
}

void nfset_put(struct nfset_batch *batch, bool add, const struct nfset_element *element)
{
    int flags = NLM_F_ACK | (add ? NLM_F_CREATE : 0);
    struct nlmsghdr *head =
        begin_message(batch, type_of(add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM), flags, element->family, 0);
    put_element(head, element, add);
    end_message(batch, head);
}

static int open_and_send(const void *bytes, size_t size, int *fd)
{
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    *fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    if (*fd < 0)
        return errno;
    if (sendto(*fd, bytes, size, 0, (struct sockaddr *)&kernel, sizeof kernel) == (ssize_t)size)
        return 0;
    int why = errno;
    close(*fd);
    return why;
}

/* The first failure; 0 only if something was said, and nothing but that it is done. */
static int read_verdicts(int fd)
{
    _Alignas(struct nlmsghdr) char buffer[8192];
    int why = EPROTO;
    ssize_t got;
    while ((got = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT)) > 0 || (got < 0 && errno == EINTR)) {
        size_t left = got > 0 ? (size_t)got : 0;
        for (const struct nlmsghdr *head = (struct nlmsghdr *)buffer; NLMSG_OK(head, left);
             head = NLMSG_NEXT(head, left)) {
            if (head->nlmsg_type != NLMSG_ERROR)
                continue;
            why = -((const struct nlmsgerr *)NLMSG_DATA(head))->error;
            if (why != 0)
                return why;
        }
    }
    return why;
}

static int send_and_read(const void *bytes, size_t size)
{
    int fd, why = open_and_send(bytes, size, &fd);
    if (why != 0)
        return why;
    why = read_verdicts(fd);
    close(fd);
    return why;
}

int nfset_commit(struct nfset_batch *batch)
{
    end_message(batch, begin_message(batch, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
    return send_and_read(batch->bytes, batch->used);
}

int nfset_has(const struct nfset_element *element)
{
    struct nfset_batch request = {.used = 0};
    struct nlmsghdr *head = begin_message(&request, type_of(NFT_MSG_GETSETELEM), NLM_F_ACK, element->family, 0);
    put_element(head, element, false);
    return send_and_read(request.bytes, head->nlmsg_len);
}
