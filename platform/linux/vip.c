/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/vip.c - addresses with a kernel lifetime, by rtnetlink.
 *
 * The kernel creates an address on any RTM_NEWADDR, NLM_F_CREATE or not (both inet_rtm_newaddr and inet6_rtm_newaddr
 * say why in a comment: user space relies on it). So a renewal looks first. Between the look and the command lie
 * microseconds, and the process that does it is killed by a kernel timer at the last safe instant (platform/process.h):
 * what could come back in between is an address that is still safe to hold. */
#include "platform/vip.h"
#include "platform/linux/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t address_size(const struct vip *vip)
{
    return vip->v6 ? 16 : 4;
}

static const char *text_of(const struct vip *vip, char *text, size_t size)
{
    char bare[INET6_ADDRSTRLEN];
    inet_ntop(vip->v6 ? AF_INET6 : AF_INET, vip->bytes, bare, sizeof bare);
    snprintf(text, size, "%s/%u on %s", bare, vip->prefix, vip->card);
    return text;
}

/* What a walk over the host's addresses looks for. */
struct search {
    const struct vip *vip;
    bool exact;        /* the address itself on its card; else another one of the same network */
    unsigned card;     /* 0 = any */
    unsigned found_on; /* card's index, 0 = not found */
};

static bool same_network(const uint8_t *a, const uint8_t *b, unsigned prefix)
{
    if (memcmp(a, b, prefix / 8) != 0)
        return false;
    unsigned rest = prefix % 8;
    return rest == 0 || ((a[prefix / 8] ^ b[prefix / 8]) >> (8 - rest)) == 0;
}

static bool compare(void *baton, const struct ifaddrmsg *address, const struct rtattr *const *attributes)
{
    struct search *search = baton;
    const struct vip *vip = search->vip;
    const struct rtattr *at = attributes[IFA_LOCAL] ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
    if (at == NULL || address->ifa_family != (vip->v6 ? AF_INET6 : AF_INET) ||
        (search->card != 0 && search->card != address->ifa_index))
        return true;
    bool same = memcmp(RTA_DATA(at), vip->bytes, address_size(vip)) == 0;
    bool hit = search->exact ? same : !same && same_network(RTA_DATA(at), vip->bytes, address->ifa_prefixlen);
    if (hit)
        search->found_on = address->ifa_index;
    return !hit;
}

static enum dr_code look(struct search *search, struct dr_error *err)
{
    int why = netlink_addresses(compare, search);
    if (why != 0)
        return dr_fail(err, DR_IO, "cannot list the addresses of this host: %s", strerror(why));
    return DR_OK;
}

static enum dr_code find_card(struct vip *vip, const char *address, struct dr_error *err)
{
    struct search search = {.vip = vip};
    enum dr_code code = look(&search, err);
    if (code != DR_OK)
        return code;
    if (search.found_on == 0 || if_indextoname(search.found_on, vip->card) == NULL)
        return dr_fail(err, DR_NOT_FOUND,
                       "virtual IP %s: no network card of this host has an address in the same network: name the card",
                       address);
    return DR_OK;
}

static bool parse_prefix(struct vip *vip, const char *text)
{
    unsigned most = vip->v6 ? 128 : 32;
    char *end = NULL;
    unsigned long value = text ? strtoul(text, &end, 10) : most;
    vip->prefix = (uint8_t)value;
    return value >= 1 && value <= most && (text == NULL || (end != text && *end == '\0'));
}

enum dr_code vip_parse(struct vip *vip, const char *address, const char *card, struct dr_error *err)
{
    memset(vip, 0, sizeof *vip);
    char bare[INET6_ADDRSTRLEN];
    const char *slash = strchr(address, '/');
    snprintf(bare, sizeof bare, "%.*s", slash ? (int)(slash - address) : (int)sizeof bare, address);
    vip->v6 = strchr(bare, ':') != NULL;
    if (inet_pton(vip->v6 ? AF_INET6 : AF_INET, bare, vip->bytes) != 1 || !parse_prefix(vip, slash ? slash + 1 : NULL))
        return dr_fail(err, DR_INVALID, "virtual IP '%s' is not an address like 192.0.2.10/24 or 2001:db8::10/64",
                       address);
    if (card == NULL || card[0] == '\0')
        return find_card(vip, address, err);
    if (strlen(card) >= sizeof vip->card || if_nametoindex(card) == 0)
        return dr_fail(err, DR_NOT_FOUND, "virtual IP %s: this host has no network card '%s': see `ip link`", address,
                       card);
    memcpy(vip->card, card, strlen(card) + 1);
    return DR_OK;
}

static enum dr_code card_index(const struct vip *vip, unsigned *card, struct dr_error *err)
{
    *card = if_nametoindex(vip->card);
    if (*card == 0)
        return dr_fail(err, DR_IO, "network card %s is gone: see `ip link`", vip->card);
    return DR_OK;
}

static void fill(struct netlink_request *request, const struct vip *vip, unsigned card, int type, int flags)
{
    netlink_begin(request, type, flags);
    request->address.ifa_family = vip->v6 ? AF_INET6 : AF_INET;
    request->address.ifa_prefixlen = vip->prefix;
    request->address.ifa_index = card;
    netlink_put(request, IFA_LOCAL, vip->bytes, address_size(vip));
    netlink_put(request, IFA_ADDRESS, vip->bytes, address_size(vip));
}

/* An IPv6 address brings a route for its network with the same lifetime; beside another address of that network this
 * route is there already and must not begin to expire. Duplicate address detection would delay it by a second or more,
 * and its former holder has let go: no NODAD, no take-over in time. */
static uint32_t flags_of(const struct vip *vip, bool network_known)
{
    if (!vip->v6)
        return 0;
    return IFA_F_NODAD | (network_known ? IFA_F_NOPREFIXROUTE : 0);
}

static enum dr_code put(const struct vip *vip, unsigned lifetime_s, struct dr_error *err)
{
    struct search beside = {.vip = vip};
    enum dr_code code = card_index(vip, &beside.card, err);
    if (code == DR_OK)
        code = look(&beside, err);
    if (code != DR_OK)
        return code;
    uint32_t life = lifetime_s == VIP_FOREVER ? UINT32_MAX : lifetime_s, flags = flags_of(vip, beside.found_on != 0);
    struct ifa_cacheinfo cache = {.ifa_prefered = life, .ifa_valid = life};
    struct netlink_request request;
    fill(&request, vip, beside.card, RTM_NEWADDR, NLM_F_REPLACE);
    netlink_put(&request, IFA_FLAGS, &flags, sizeof flags);
    netlink_put(&request, IFA_CACHEINFO, &cache, sizeof cache);
    int why = netlink_carry_out(&request);
    char text[80];
    if (why != 0)
        return dr_fail(err, DR_IO, "cannot add virtual IP %s: %s", text_of(vip, text, sizeof text), strerror(why));
    return DR_OK;
}

enum dr_code vip_add(const struct vip *vip, unsigned lifetime_s, struct dr_error *err)
{
    return put(vip, lifetime_s, err);
}

enum dr_code vip_renew(const struct vip *vip, unsigned lifetime_s, struct dr_error *err)
{
    bool held;
    enum dr_code code = vip_held(vip, &held, err);
    if (code != DR_OK)
        return code;
    char text[80];
    if (!held)
        return dr_fail(err, DR_NOT_FOUND, "virtual IP %s is gone: its time ran out, or somebody deleted it",
                       text_of(vip, text, sizeof text));
    return put(vip, lifetime_s, err);
}

enum dr_code vip_delete(const struct vip *vip, struct dr_error *err)
{
    unsigned card;
    enum dr_code code = card_index(vip, &card, err);
    if (code != DR_OK)
        return code;
    struct netlink_request request;
    fill(&request, vip, card, RTM_DELADDR, 0);
    int why = netlink_carry_out(&request);
    char text[80];
    if (why != 0 && why != EADDRNOTAVAIL)
        return dr_fail(err, DR_IO, "cannot delete virtual IP %s: %s", text_of(vip, text, sizeof text), strerror(why));
    return DR_OK;
}

enum dr_code vip_held(const struct vip *vip, bool *held, struct dr_error *err)
{
    struct search search = {.vip = vip, .exact = true};
    enum dr_code code = card_index(vip, &search.card, err);
    if (code == DR_OK)
        code = look(&search, err);
    *held = code == DR_OK && search.found_on != 0;
    return code;
}
