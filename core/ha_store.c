/* SPDX-License-Identifier: Apache-2.0
 * core/ha_store.c - the durable record of a member: what a crash must not make it forget. */
#include "core/ha.h"
#include "core/seal.h"

#define HA_MAGIC 0x32534148u /* "HAS2" */

void ha_store_create(struct ha_store *store, const struct ha_config *config, uint64_t identity)
{
    *store = (struct ha_store){.voter = {.identity = identity, .candidate = MEMBER_NONE}};
    store->set.count = 1;
    struct configuration *c = &store->set.of[0];
    c->kind = config->witnesses == 0 ? QUORUM_ANY : config->majority ? QUORUM_MAJORITY : QUORUM_TRIO;
    c->witnesses = config->majority || config->witnesses == 0 ? config->witnesses : 1;
    c->release_grace = config->release_grace;
    c->voter[config->self] = identity;
}

size_t ha_store_encode(uint8_t bytes[HA_STORE_BYTES], const struct ha_store *store)
{
    struct cursor c = cursor_over(bytes, HA_STORE_BYTES);
    cursor_put_u32(&c, HA_MAGIC);
    cursor_put_u64(&c, store->start);
    voter_store_encode(&c, &store->voter);
    cursor_put_u64(&c, store->seen);
    cursor_put_u64(&c, store->acted);
    cursor_put_u64(&c, store->synced);
    cursor_put_u64(&c, store->handed);
    cursor_put_u64(&c, store->forced);
    cursor_put_u64(&c, store->split[MEMBER_A]);
    cursor_put_u64(&c, store->split[MEMBER_B]);
    cursor_put_u8(&c, (uint8_t)(store->stopped | store->rejoins << 1));
    cursor_put_u8(&c, (uint8_t)store->set.count);
    for (unsigned i = 0; i < store->set.count; i++)
        configuration_encode(&c, &store->set.of[i]);
    return seal_put(&c, bytes);
}

static bool get_set(struct cursor *c, struct configuration_set *set)
{
    set->count = cursor_get_u8(c);
    if (set->count < 1 || set->count > CONFIGURATIONS_MAX)
        return false;
    for (unsigned i = 0; i < set->count; i++)
        if (!configuration_decode(c, &set->of[i]))
            return false;
    return true;
}

static bool terms_fit(const struct ha_store *s)
{
    return s->seen <= TERM_MAX && s->acted <= TERM_MAX && s->synced <= TERM_MAX && s->handed <= TERM_MAX &&
           s->forced <= TERM_MAX && s->split[MEMBER_A] <= TERM_MAX && s->split[MEMBER_B] <= TERM_MAX;
}

static bool get_store(struct cursor *c, struct ha_store *store)
{
    if (cursor_get_u32(c) != HA_MAGIC)
        return false;
    store->start = cursor_get_u64(c);
    bool legal = voter_store_decode(c, &store->voter);
    store->seen = cursor_get_u64(c);
    store->acted = cursor_get_u64(c);
    store->synced = cursor_get_u64(c);
    store->handed = cursor_get_u64(c);
    store->forced = cursor_get_u64(c);
    store->split[MEMBER_A] = cursor_get_u64(c);
    store->split[MEMBER_B] = cursor_get_u64(c);
    uint8_t flags = cursor_get_u8(c);
    store->stopped = flags & 1;
    store->rejoins = flags >> 1 & 1;
    return legal && flags <= 3 && terms_fit(store) && get_set(c, &store->set) && cursor_left(c) == 0;
}

enum dr_code ha_store_decode(struct ha_store *store, const uint8_t *bytes, size_t size, struct dr_error *err)
{
    struct cursor c;
    *store = (struct ha_store){0};
    if (seal_check(&c, bytes, size) && get_store(&c, store))
        return DR_OK;
    return dr_fail(err, DR_CORRUPT,
                   "the member's record of terms and promises is damaged (%zu bytes): the rule does not start here, as "
                   "it could make a second master: `drctl --local rejoin` puts it aside and takes this member into the "
                   "rule again",
                   size);
}
