/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/announce.c - tells neighbours that an address lives at this card now: for IPv4 an ARP request and an
 * ARP reply to everybody (some systems heed only the one, some only the other), for IPv6 an unsolicited neighbour
 * advertisement with the override flag (RFC 4861, 7.2.6). */
#include "platform/linux/packet.h"

#include <net/if_arp.h>
#include <string.h>
#include <unistd.h>

static const uint8_t everybody[ETH_ALEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static enum dr_code announce_arp(int fd, const struct vip *vip, const uint8_t *mac, uint16_t operation,
                                 struct dr_error *err)
{
    struct ether_arp packet = packet_arp(operation, mac);
    memcpy(packet.arp_spa, vip->bytes, 4);
    memcpy(packet.arp_tha, everybody, ETH_ALEN);
    memcpy(packet.arp_tpa, vip->bytes, 4);
    return packet_send(fd, vip, ETHERTYPE_ARP, everybody, &packet, sizeof packet, err);
}

static enum dr_code announce_neighbour(int fd, const struct vip *vip, const uint8_t *mac, struct dr_error *err)
{
    static const uint8_t all_nodes[16] = {0xff, 0x02, [15] = 1}, all_nodes_mac[ETH_ALEN] = {0x33, 0x33, [5] = 1};
    struct packet_neighbour packet = packet_neighbour(ND_NEIGHBOR_ADVERT, ND_OPT_TARGET_LINKADDR, mac, vip);
    packet.head.nd_na_flags_reserved = ND_NA_FLAG_OVERRIDE;
    memcpy(&packet.ip.ip6_src, vip->bytes, 16);
    memcpy(&packet.ip.ip6_dst, all_nodes, 16);
    size_t size = packet_neighbour_finish(&packet);
    return packet_send(fd, vip, ETHERTYPE_IPV6, all_nodes_mac, &packet, size, err);
}

enum dr_code vip_announce(const struct vip *vip, struct dr_error *err)
{
    uint8_t mac[ETH_ALEN];
    int fd;
    enum dr_code code = packet_open(vip, 0, &fd, mac, err);
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
