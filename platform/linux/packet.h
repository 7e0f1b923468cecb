/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/packet.h - packets of our own making on the card of a virtual IP: what announce.c and probe.c share.
 */
#ifndef DR_PLATFORM_LINUX_PACKET_H
#define DR_PLATFORM_LINUX_PACKET_H

#include "platform/vip.h"

#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>

/* A socket for packets of `protocol` (ETHERTYPE_...; 0: it receives none) on the address' card, and the card's own
 * hardware address. */
enum dr_code packet_open(const struct vip *vip, uint16_t protocol, int *fd, uint8_t mac[ETH_ALEN],
                         struct dr_error *err) DR_MUST_USE;
enum dr_code packet_send(int fd, const struct vip *vip, uint16_t protocol, const uint8_t *mac, const void *packet,
                         size_t size, struct dr_error *err) DR_MUST_USE;

/* An ARP packet to everybody, from `mac`; the addresses in it are the caller's to fill. */
struct ether_arp packet_arp(uint16_t operation, const uint8_t mac[ETH_ALEN]);

/* Neighbour solicitations and advertisements have the same form (RFC 4861, 4.3 and 4.4). */
struct packet_neighbour {
    struct ip6_hdr ip;
    struct nd_neighbor_advert head; /* nd_neighbor_solicit has the same fields */
    uint8_t option_type, option_units, mac[ETH_ALEN];
};
/* Without the option of its end where `option` is 0: it is that much shorter. The checksum comes last. */
struct packet_neighbour packet_neighbour(uint8_t type, uint8_t option, const uint8_t mac[ETH_ALEN],
                                         const struct vip *target);
size_t packet_neighbour_finish(struct packet_neighbour *packet);

/* Does a packet from the network (ARP for IPv4, else IPv6) say that its sender has the address? */
bool packet_claims(const struct vip *vip, const uint8_t *packet, size_t size);

#endif
