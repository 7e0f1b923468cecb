/* SPDX-License-Identifier: Apache-2.0
 * platform/vip.h - a virtual IP that the kernel takes away by itself unless it is renewed, so that a daemon that is
 * killed, stopped or hung loses it with no code of ours running. */
#ifndef DR_PLATFORM_VIP_H
#define DR_PLATFORM_VIP_H

#include "core/error.h"
#include "core/types.h"

#define VIP_FOREVER 0u /* a lifetime: only where a rule does without the guard */

struct vip {
    bool v6;
    uint8_t bytes[16]; /* network order; the first 4 for IPv4 */
    uint8_t prefix;
    char card[16]; /* the network card, never empty after vip_parse() */
};

/* "10.0.0.9/24" or "fd00::9/64" (no prefix: one address alone), and a card; card "" finds the one that has an address
 * in the same network: DR_NOT_FOUND names what to set. */
enum dr_code vip_parse(struct vip *vip, const char *address, const char *card, struct dr_error *err) DR_MUST_USE;

/* Adds it for `lifetime_s` seconds, or sets that anew if it is there. */
enum dr_code vip_add(const struct vip *vip, unsigned lifetime_s, struct dr_error *err) DR_MUST_USE;
/* Sets the lifetime anew: DR_NOT_FOUND if the address was lost already; a late renewal must not bring it back. */
enum dr_code vip_renew(const struct vip *vip, unsigned lifetime_s, struct dr_error *err) DR_MUST_USE;
/* Not being there is success. */
enum dr_code vip_delete(const struct vip *vip, struct dr_error *err) DR_MUST_USE;
enum dr_code vip_held(const struct vip *vip, bool *held, struct dr_error *err) DR_MUST_USE;

/* Asks the network for `window` whether another host has it (three times, as an answer may be lost). `holder`: its
 * hardware address, or "": nobody answered. For an address that this host does not have itself. */
#define VIP_MAC 18
enum dr_code vip_probe(const struct vip *vip, msec window, char holder[VIP_MAC], struct dr_error *err) DR_MUST_USE;

/* Tells the network who has it now: gratuitous ARP (request and reply), or an unsolicited neighbour advertisement. */
enum dr_code vip_announce(const struct vip *vip, struct dr_error *err) DR_MUST_USE;

#endif
