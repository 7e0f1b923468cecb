/* SPDX-License-Identifier: Apache-2.0
 * platform/fake/vip.c - addresses with a lifetime in whole seconds of their host's clock. What has expired is not taken
 * away by anybody: it is no more. */
#include "core/model_text.h"
#include "platform/fake/fake.h"

#include <string.h>

static bool read_text(struct vip *vip, const char *text)
{
    uint8_t bytes[MODEL_ADDRESS_BYTES];
    bool v4 = true;
    unsigned length = 0;
    if (strchr(text, '/') ? !model_text_prefix(text, bytes, &v4, &length) : !model_text_address(text, bytes, &v4))
        return false;
    *vip = (struct vip){.v6 = !v4, .prefix = (uint8_t)(length ? length : v4 ? 32 : 128)};
    memcpy(vip->bytes, v4 ? bytes + 12 : bytes, v4 ? 4 : 16);
    return true;
}

static bool same_bits(const struct vip *a, const struct vip *b, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    return a->v6 == b->v6 && memcmp(a->bytes, b->bytes, whole) == 0 &&
           (rest == 0 || ((a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest)) == 0);
}

bool fake_same_address(const struct vip *a, const struct vip *b)
{
    return same_bits(a, b, a->v6 ? 128 : 32) && strcmp(a->card, b->card) == 0;
}

void fake_card(struct fake_host *h, const char *address, const char *card)
{
    for (unsigned i = 0; i < FAKE_MANY; i++)
        if (h->card[i].prefix == 0 && read_text(&h->card[i], address)) {
            memcpy(h->card[i].card, card, strlen(card) + 1);
            return;
        }
}

enum dr_code vip_parse(struct vip *vip, const char *address, const char *card, struct dr_error *err)
{
    const struct fake_host *h = fake_here();
    if (!read_text(vip, address))
        return dr_fail(err, DR_INVALID, "virtual IP '%s' is not an address", address);
    bool any = card == NULL || card[0] == '\0';
    for (unsigned i = 0; i < FAKE_MANY && h->card[i].prefix != 0; i++)
        if (any ? same_bits(vip, &h->card[i], h->card[i].prefix) : strcmp(card, h->card[i].card) == 0) {
            memcpy(vip->card, h->card[i].card, sizeof vip->card);
            return DR_OK;
        }
    return dr_fail(err, DR_NOT_FOUND, "virtual IP %s: this host has no card '%s' for it", address, any ? "" : card);
}

static struct fake_address *find(struct fake_host *h, const struct vip *vip)
{
    for (unsigned i = 0; i < FAKE_MANY; i++)
        if (*h->now < h->address[i].until && fake_same_address(&h->address[i].vip, vip))
            return &h->address[i];
    return NULL;
}

static struct fake_address *place(struct fake_host *h, const struct vip *vip)
{
    struct fake_address *found = find(h, vip);
    for (unsigned i = 0; found == NULL && i < FAKE_MANY; i++)
        if (*h->now >= h->address[i].until)
            found = &h->address[i];
    return found;
}

bool fake_has_address(const struct fake_host *h)
{
    bool has = false;
    for (unsigned i = 0; i < FAKE_MANY; i++)
        has |= *h->now < h->address[i].until && !fake_fenced(h, &h->address[i].vip);
    return has;
}

enum dr_code vip_add(const struct vip *vip, unsigned lifetime_s, struct dr_error *err)
{
    struct fake_host *h = fake_here();
    enum dr_code code = fake_lives("add a virtual IP", err);
    if (code != DR_OK)
        return code;
    struct fake_address *at = place(h, vip);
    if (at == NULL)
        return dr_fail(err, DR_FULL, "cannot add a virtual IP: this host has %d already", FAKE_MANY);
    fake_usec ticks = (fake_usec)lifetime_s * FAKE_SECOND + h->late;
    at->vip = *vip;
    at->until = lifetime_s == VIP_FOREVER ? FAKE_FOREVER : *h->now + ticks * 1000000 / h->rate;
    return DR_OK;
}

enum dr_code vip_renew(const struct vip *vip, unsigned lifetime_s, struct dr_error *err)
{
    if (find(fake_here(), vip) == NULL)
        return dr_fail(err, DR_NOT_FOUND, "virtual IP on %s is gone", vip->card);
    return vip_add(vip, lifetime_s, err);
}

enum dr_code vip_delete(const struct vip *vip, struct dr_error *err)
{
    struct fake_address *at = find(fake_here(), vip);
    enum dr_code code = fake_lives("delete a virtual IP", err);
    if (code == DR_OK && at != NULL)
        at->until = 0;
    return code;
}

enum dr_code vip_held(const struct vip *vip, bool *held, struct dr_error *err)
{
    *held = find(fake_here(), vip) != NULL;
    return fake_lives("list the addresses", err);
}

enum dr_code vip_announce(const struct vip *vip, struct dr_error *err)
{
    enum dr_code code = fake_lives("announce a virtual IP", err);
    fake_here()->announced += code == DR_OK && vip->prefix != 0;
    return code;
}

/* There is nobody on this network but hosts of the test's, and who may have an address is what they test. */
enum dr_code vip_probe(const struct vip *vip, msec window, char holder[VIP_MAC], struct dr_error *err)
{
    (void)vip, (void)window;
    holder[0] = '\0';
    return fake_lives("asking for an address", err);
}
