/* SPDX-License-Identifier: Apache-2.0
 * tests/explore/pack.c - the bytes of a host and of a message. The core has its own list (core/ha_record.h), which the
 * simulator proves to be complete; here are the driver, the kernel, and what the checks remember. */
#include "tests/explore/pack.h"

#include "core/coder.h"
#include "core/ha_record.h"

#include <stdlib.h>
#include <string.h>

/* What no child looks at says nothing. */
static bool has_deadline(enum ha_command_kind kind)
{
    return kind == HA_FLIP_RW || kind == HA_VIP_TAKE || kind == HA_VIP_RENEW;
}

static void code_command(struct coder *c, struct command *command)
{
    if (!has_deadline(command->kind))
        command->deadline = 0;
    CODE_WORD(c, command->kind, UINT8_MAX);
    code_u64(c, &command->id);
    code_u64(c, &command->term);
    code_msec(c, &command->lifetime);
    code_msec(c, &command->deadline);
    code_msec(c, &command->limit);
}

static void code_lane(struct coder *c, struct lane *lane, uint64_t token)
{
    code_u32(c, &lane->length, sizeof lane->queue / sizeof lane->queue[0]);
    for (unsigned i = 0; i < lane->length; i++)
        code_command(c, &lane->queue[i]);
    code_bool(c, &lane->running);
    if (!lane->running) {
        lane->ok = false;
        lane->child.dies_at = 0;
    }
    code_bool(c, &lane->ok);
    code_u64(c, (uint64_t *)&lane->child.dies_at);
    lane->token = token;
}

static void code_lanes(struct coder *c, struct host *h, struct driver *d)
{
    for (unsigned i = 0; i < 2; i++) {
        struct lane *orphan = &h->orphan[i];
        if (!c->reading) {
            *orphan = d->orphaned[i] ? *orphan : (struct lane){0};
            orphan->queue[0].id = 0; /* nobody waits for its end */
            orphan->length = orphan->running;
            d->effected[i] |= !h->lane[i].running;
        }
        code_lane(c, &h->lane[i], 1 + i);
        code_lane(c, orphan, 3 + i);
        code_bool(c, &d->effected[i]);
        code_bool(c, &d->orphaned[i]);
    }
}

static void code_disk(struct coder *c, struct host *h)
{
    uint32_t size = (uint32_t)h->disk_size;
    code_u32(c, &size, HA_STORE_BYTES);
    h->disk_size = size;
    if (c->reading)
        memcpy(h->disk, cursor_get_bytes(c->cursor, size), size);
    else
        cursor_put_bytes(c->cursor, h->disk, size);
}

/* One address and one capture process are all that these hosts have. */
static void code_kernel(struct coder *c, struct fake_host *os, struct vip *vip)
{
    struct capture_link *folders = &os->capture[0];
    uint64_t until = 0;
    for (unsigned i = 0; i < FAKE_MANY; i++)
        if (os->address[i].until > (fake_usec)until && os->address[i].until > *os->now)
            until = (uint64_t)os->address[i].until;
    code_u64(c, &until);
    memset(os->address, 0, sizeof os->address);
    os->address[0] = (struct fake_address){.vip = *vip, .until = (fake_usec)until};
    code_bool(c, &folders->open);
    code_bool(c, &folders->lapsed);
    code_u64(c, &folders->info.term);
    code_msec(c, &folders->info.lease);
    CODE_WORD(c, folders->info.mode, CAPTURE_READ_WRITE);
}

static void code_core(struct coder *c, struct host *h)
{
    uint8_t bytes[HA_RECORD_MAX];
    if (!c->reading) {
        struct cursor out = cursor_over(bytes, sizeof bytes);
        ha_record_state(&out, &h->ha);
        size_t size = sizeof bytes - cursor_left(&out);
        cursor_put_u16(c->cursor, (uint16_t)size);
        cursor_put_bytes(c->cursor, bytes, size);
        return;
    }
    size_t size = cursor_get_u16(c->cursor);
    struct cursor in = cursor_reading(cursor_get_bytes(c->cursor, size), size);
    if (!ha_record_get_state(&in, &h->ha))
        abort();
}

static void code_member(struct coder *c, struct host *h, struct driver *d)
{
    struct dr_error err;
    code_core(c, h);
    code_lanes(c, h, d);
    code_kernel(c, &h->os, &h->vip);
    code_u64(c, &h->fence);
    code_u64(c, &h->source);
    code_u64(c, &h->target);
    code_bool(c, &h->taken);
    code_msec(c, &d->wake);
    h->answer.wake = d->wake;
    if (c->reading && ha_store_decode(&h->durable, h->disk, h->disk_size, &err) != DR_OK)
        abort();
}

static void code_voter(struct coder *c, struct voter *v)
{
    if (!c->reading)
        voter_store_encode(c->cursor, &v->store);
    else if (!voter_store_decode(c->cursor, &v->store))
        abort();
    code_msec(c, &v->until);
    for (unsigned i = 0; i < 2; i++) {
        code_u64(c, &v->asker[i].identity);
        code_u64(c, &v->asker[i].replaced);
        code_u64(c, &v->asker[i].last.start);
        code_u64(c, &v->asker[i].last.number);
    }
    code_bool(c, &v->unsaved);
}

static void code_host(struct coder *c, struct live *w, unsigned host)
{
    struct host *h = &w->sim.host[host];
    code_disk(c, h);
    if (host < WITNESS)
        code_member(c, h, &w->driver[host]);
    else
        code_voter(c, &h->voter);
    code_bool(c, &w->driver[host].disk_bad);
    if (w->sim.promised[host].identity == 0) { /* nobody has seen a vote of this life */
        w->sim.promised[host].candidate = MEMBER_A;
        w->sim.promised[host].until = 0;
    }
    code_u64(c, &w->sim.promised[host].identity);
    CODE_WORD(c, w->sim.promised[host].candidate, MEMBER_NONE);
    code_msec(c, &w->sim.promised[host].until);
    if (!cursor_ok(c->cursor))
        abort();
}

size_t pack_host(uint8_t bytes[PACK_MAX], struct live *w, unsigned host)
{
    struct cursor out = cursor_over(bytes, PACK_MAX);
    code_host(&(struct coder){.cursor = &out}, w, host);
    return PACK_MAX - cursor_left(&out);
}

void unpack_host(struct live *w, unsigned host, const uint8_t *bytes, size_t size)
{
    struct cursor in = cursor_reading(bytes, size);
    code_host(&(struct coder){.cursor = &in, .reading = true}, w, host);
}

size_t pack_flight(uint8_t bytes[PACK_MAX], const struct flight *f)
{
    struct cursor out = cursor_over(bytes, PACK_MAX);
    cursor_put_u8(&out, f->from);
    cursor_put_u8(&out, f->to);
    cursor_put_u8(&out, f->line);
    cursor_put_u8(&out, f->age);
    ha_message_encode(&out, &f->message);
    if (!cursor_ok(&out))
        abort();
    return PACK_MAX - cursor_left(&out);
}

void unpack_flight(struct flight *f, const uint8_t *bytes, size_t size)
{
    struct cursor in = cursor_reading(bytes, size);
    f->from = cursor_get_u8(&in);
    f->to = cursor_get_u8(&in);
    f->line = cursor_get_u8(&in);
    f->age = cursor_get_u8(&in);
    if (!ha_message_decode(&in, &f->message))
        abort();
}

void pack_counters(struct counters *c, const struct live *w, unsigned host)
{
    const struct ha *h = &w->sim.host[host].ha;
    c->round[host] = h->mastership.round.number - PACK_COUNTER;
    c->stamp[host] = h->stamps - PACK_COUNTER;
}
