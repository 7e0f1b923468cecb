/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/packet.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_ll card_of(const struct vip *vip, uint16_t protocol)
{
    return (struct sockaddr_ll){.sll_family = AF_PACKET,
                                .sll_protocol = htons(protocol),
                                .sll_ifindex = (int)if_nametoindex(vip->card),
                                .sll_halen = ETH_ALEN};
}

enum dr_code packet_open(const struct vip *vip, uint16_t protocol, int *fd, uint8_t mac[ETH_ALEN], struct dr_error *err)
{
    struct ifreq ask = {0};
    struct sockaddr_ll card = card_of(vip, protocol);
    memcpy(ask.ifr_name, vip->card, sizeof vip->card);
    *fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (*fd < 0)
        return dr_fail(err, DR_IO, "cannot open a packet socket for a virtual IP: %s: run as root", strerror(errno));
    if (ioctl(*fd, SIOCGIFHWADDR, &ask) < 0 ||
        (protocol != 0 && bind(*fd, (struct sockaddr *)&card, sizeof card) < 0)) {
        enum dr_code code = dr_fail(err, DR_IO, "cannot use the card %s: %s", vip->card, strerror(errno));
        close(*fd);
        return code;
    }
    memcpy(mac, ask.ifr_hwaddr.sa_data, ETH_ALEN);
    return DR_OK;
}

enum dr_code packet_send(int fd, const struct vip *vip, uint16_t protocol, const uint8_t *mac, const void *packet,
                         size_t size, struct dr_error *err)
{
    struct sockaddr_ll to = card_of(vip, protocol);
    memcpy(to.sll_addr, mac, ETH_ALEN);
    if (sendto(fd, packet, size, 0, (struct sockaddr *)&to, sizeof to) < 0)
        return dr_fail(err, DR_IO, "cannot send a packet on %s: %s", vip->card, strerror(errno));
    return DR_OK;
}

struct ether_arp packet_arp(uint16_t operation, const uint8_t mac[ETH_ALEN])
{
    struct ether_arp packet = {.ea_hdr = {.ar_hrd = htons(ARPHRD_ETHER),
                                          .ar_pro = htons(ETHERTYPE_IP),
                                          .ar_hln = ETH_ALEN,
                                          .ar_pln = 4,
                                          .ar_op = htons(operation)}};
    memcpy(packet.arp_sha, mac, ETH_ALEN);
    return packet;
}

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

struct packet_neighbour packet_neighbour(uint8_t type, uint8_t option, const uint8_t mac[ETH_ALEN],
                                         const struct vip *target)
{
    struct packet_neighbour packet = {.ip = {.ip6_ctlun.ip6_un1 = {.ip6_un1_flow = htonl(6u << 28),
                                                                   .ip6_un1_nxt = IPPROTO_ICMPV6,
                                                                   .ip6_un1_hlim = 255}},
                                      .option_type = option,
                                      .option_units = 1};
    packet.head.nd_na_type = type;
    memcpy(&packet.head.nd_na_target, target->bytes, sizeof packet.head.nd_na_target);
    memcpy(packet.mac, mac, ETH_ALEN);
    return packet;
}

size_t packet_neighbour_finish(struct packet_neighbour *packet)
{
    size_t body = sizeof packet->head + (packet->option_type ? 8u : 0u);
    packet->ip.ip6_plen = htons((uint16_t)body);
    packet->head.nd_na_cksum = 0;
    packet->head.nd_na_cksum = checksum(&packet->ip, &packet->head, body);
    return sizeof packet->ip + body;
}

/* The hop limit says that no router has passed it on (RFC 4861, 7.1.2). */
bool packet_claims(const struct vip *vip, const uint8_t *packet, size_t size)
{
    struct ether_arp arp;
    struct packet_neighbour neighbour;
    if (size < (vip->v6 ? offsetof(struct packet_neighbour, option_type) : sizeof arp))
        return false;
    if (!vip->v6) {
        memcpy(&arp, packet, sizeof arp);
        return arp.ea_hdr.ar_pro == htons(ETHERTYPE_IP) && memcmp(arp.arp_spa, vip->bytes, 4) == 0;
    }
    memcpy(&neighbour, packet, offsetof(struct packet_neighbour, option_type));
    return neighbour.ip.ip6_nxt == IPPROTO_ICMPV6 && neighbour.ip.ip6_hlim == 255 &&
           neighbour.head.nd_na_type == ND_NEIGHBOR_ADVERT && memcmp(&neighbour.head.nd_na_target, vip->bytes, 16) == 0;
}
