/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/announce.c - tells neighbours that an address lives at this card now: for IPv4 an ARP request and an
 * ARP reply to everybody (some systems heed only the one, some only the other), for IPv6 an unsolicited neighbour
 * advertisement with the override flag (RFC 4861, 7.2.6). */
#include "platform/vip.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static enum dr_code open_card(const struct vip *vip, int *fd, uint8_t mac[ETH_ALEN], struct dr_error *err)
{
    struct ifreq ask = {0};
    memcpy(ask.ifr_name, vip->card, sizeof vip->card);
    *fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (*fd < 0)
        return dr_fail(err, DR_IO, "cannot open a packet socket to announce a virtual IP: %s: run as root",
                       strerror(errno));
    if (ioctl(*fd, SIOCGIFHWADDR, &ask) < 0) {
        close(*fd);
        return dr_fail(err, DR_IO, "cannot read the hardware address of %s: %s", vip->card, strerror(errno));
    }
    memcpy(mac, ask.ifr_hwaddr.sa_data, ETH_ALEN);
    return DR_OK;
}

static enum dr_code send_to(int fd, const struct vip *vip, uint16_t protocol, const uint8_t *mac, const void *packet,
                            size_t size, struct dr_error *err)
{
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(protocol),
                             .sll_ifindex = (int)if_nametoindex(vip->card),
                             .sll_halen = ETH_ALEN};
    memcpy(to.sll_addr, mac, ETH_ALEN);
    if (sendto(fd, packet, size, 0, (struct sockaddr *)&to, sizeof to) < 0)
        return dr_fail(err, DR_IO, "cannot announce a virtual IP on %s: %s", vip->card, strerror(errno));
    return DR_OK;
}

static enum dr_code announce_arp(int fd, const struct vip *vip, const uint8_t *mac, uint16_t operation,
                                 struct dr_error *err)
{
    static const uint8_t everybody[ETH_ALEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct ether_arp packet = {.ea_hdr = {.ar_hrd = htons(ARPHRD_ETHER),
                                          .ar_pro = htons(ETHERTYPE_IP),
                                          .ar_hln = ETH_ALEN,
                                          .ar_pln = 4,
                                          .ar_op = htons(operation)}};
    memcpy(packet.arp_sha, mac, ETH_ALEN);
    memcpy(packet.arp_spa, vip->bytes, 4);
    memcpy(packet.arp_tha, everybody, ETH_ALEN);
    memcpy(packet.arp_tpa, vip->bytes, 4);
    return send_to(fd, vip, ETHERTYPE_ARP, everybody, &packet, sizeof packet, err);
}

struct advertisement { /* as it goes on the wire behind the IPv6 header */
    struct nd_neighbor_advert head;
    uint8_t option_type, option_units, mac[ETH_ALEN];
};

static uint16_t checksum(const struct ip6_hdr *ip, const void *body, size_t size)
{
    uint32_t sum = IPPROTO_ICMPV6 + (uint32_t)size;
    const uint8_t *parts[] = {(const uint8_t *)&ip->ip6_src, body};
    const size_t sizes[] = {2 * sizeof ip->ip6_src, size};
    for (int part = 0; part < 2; part++)
        for (size_t i = 0; i + 1 < sizes[part]; i += 2)
            sum += (uint32_t)(parts[part][i] << 8 | parts[part][i + 1]);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t)~sum);
}

static enum dr_code announce_neighbour(int fd, const struct vip *vip, const uint8_t *mac, struct dr_error *err)
{
    static const uint8_t all_nodes[16] = {0xff, 0x02, [15] = 1}, all_nodes_mac[ETH_ALEN] = {0x33, 0x33, [5] = 1};
    struct {
        struct ip6_hdr ip;
        struct advertisement body;
    } packet = {.ip = {.ip6_ctlun.ip6_un1 = {.ip6_un1_flow = htonl(6u << 28),
                                             .ip6_un1_plen = htons(sizeof packet.body),
                                             .ip6_un1_nxt = IPPROTO_ICMPV6,
                                             .ip6_un1_hlim = 255}}};
    memcpy(&packet.ip.ip6_src, vip->bytes, 16);
    memcpy(&packet.ip.ip6_dst, all_nodes, 16);
    packet.body.head.nd_na_type = ND_NEIGHBOR_ADVERT;
    packet.body.head.nd_na_flags_reserved = ND_NA_FLAG_OVERRIDE;
    memcpy(&packet.body.head.nd_na_target, vip->bytes, 16);
    packet.body.option_type = ND_OPT_TARGET_LINKADDR;
    packet.body.option_units = 1;
    memcpy(packet.body.mac, mac, ETH_ALEN);
    packet.body.head.nd_na_cksum = checksum(&packet.ip, &packet.body, sizeof packet.body);
    return send_to(fd, vip, ETHERTYPE_IPV6, all_nodes_mac, &packet, sizeof packet, err);
}

enum dr_code vip_announce(const struct vip *vip, struct dr_error *err)
{
    uint8_t mac[ETH_ALEN];
    int fd;
    enum dr_code code = open_card(vip, &fd, mac, err);
    if (code != DR_OK)
        return code;
    if (vip->v6) {
        code = announce_neighbour(fd, vip, mac, err);
    } else {
        code = announce_arp(fd, vip, mac, ARPOP_REQUEST, err);
        if (code == DR_OK)
            code = announce_arp(fd, vip, mac, ARPOP_REPLY, err);
    }
    close(fd);
    return code;
}
