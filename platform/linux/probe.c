/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/probe.c - does another host answer for an address? For IPv4 an ARP probe, from nobody (RFC
 * 5227, 2.1.1); for IPv6 the neighbour solicitation of duplicate address detection (RFC 4862, 5.4.2). Those let seconds
 * pass between probes, for links that are only coming up; this is for an address that is missed, on a link that works.
 */
#include "platform/clock.h"
#include "platform/linux/packet.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROBES 3

struct probe {
    const struct vip *vip;
    int fd;
    uint8_t mac[ETH_ALEN]; /* our own */
};

static enum dr_code ask_arp(const struct probe *p, struct dr_error *err)
{
    static const uint8_t everybody[ETH_ALEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct ether_arp packet = packet_arp(ARPOP_REQUEST, p->mac);
    memcpy(packet.arp_tpa, p->vip->bytes, 4);
    return packet_send(p->fd, p->vip, ETHERTYPE_ARP, everybody, &packet, sizeof packet, err);
}

static enum dr_code ask_neighbour(const struct probe *p, struct dr_error *err)
{
    const uint8_t *last = p->vip->bytes + 13; /* of the group that every holder of the address is in */
    const uint8_t mac[ETH_ALEN] = {0x33, 0x33, 0xff, last[0], last[1], last[2]};
    const uint8_t group[16] = {0xff, 0x02, [11] = 1, [12] = 0xff, [13] = last[0], [14] = last[1], [15] = last[2]};
    struct packet_neighbour packet = packet_neighbour(ND_NEIGHBOR_SOLICIT, 0, p->mac, p->vip);
    memcpy(&packet.ip.ip6_dst, group, 16);
    size_t size = packet_neighbour_finish(&packet);
    return packet_send(p->fd, p->vip, ETHERTYPE_IPV6, mac, &packet, size, err);
}

/* On a busy card nothing but neighbour advertisements is to fill the socket. */
static int filter_advertisements(int fd)
{
    struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, offsetof(struct ip6_hdr, ip6_nxt)),
                                 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 3),
                                 BPF_STMT(BPF_LD | BPF_B | BPF_ABS, sizeof(struct ip6_hdr)),
                                 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_NEIGHBOR_ADVERT, 0, 1),
                                 BPF_STMT(BPF_RET | BPF_K, 0xffff),
                                 BPF_STMT(BPF_RET | BPF_K, 0)};
    struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static bool read_answer(const struct probe *p, char holder[VIP_MAC])
{
    _Alignas(8) uint8_t packet[256];
    struct sockaddr_ll from = {0};
    socklen_t length = sizeof from;
    ssize_t got = recvfrom(p->fd, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&from, &length);
    const uint8_t *mac = from.sll_addr;
    if (got < 0 || from.sll_pkttype == PACKET_OUTGOING || memcmp(mac, p->mac, ETH_ALEN) == 0 ||
        !packet_claims(p->vip, packet, (size_t)got))
        return false;
    snprintf(holder, VIP_MAC, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    return true;
}

static bool answered_by(const struct probe *p, msec until, char holder[VIP_MAC])
{
    struct pollfd wait = {.fd = p->fd, .events = POLLIN};
    for (msec left; (left = until - clock_now()) > 0;)
        if (poll(&wait, 1, (int)left) == 1 && read_answer(p, holder))
            return true;
    return false;
}

enum dr_code vip_probe(const struct vip *vip, msec window, char holder[VIP_MAC], struct dr_error *err)
{
    struct probe p = {.vip = vip};
    holder[0] = '\0';
    enum dr_code code = packet_open(vip, vip->v6 ? ETHERTYPE_IPV6 : ETHERTYPE_ARP, &p.fd, p.mac, err);
    if (code != DR_OK)
        return code;
    if (vip->v6 && filter_advertisements(p.fd) != 0)
        code = dr_fail(err, DR_IO, "cannot filter the packets of %s: %s", vip->card, strerror(errno));
    msec began = clock_now();
    for (msec i = 1; code == DR_OK && i <= PROBES && holder[0] == '\0'; i++) {
        code = vip->v6 ? ask_neighbour(&p, err) : ask_arp(&p, err);
        if (code == DR_OK)
            (void)answered_by(&p, began + window * i / PROBES, holder);
    }
    close(p.fd);
    return code;
}
