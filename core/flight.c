/* SPDX-License-Identifier: Apache-2.0 */
#include "core/flight.h"

#include "core/coder.h"
#include "core/seal.h"

#include <string.h>

#define MAGIC   0x31465244u /* "DRF1" */
#define RUN_MAX 255u

/* ---- items ---- */

/* The last body of this kind, followed by zeros: a longer body differs from nothing there. */
static uint8_t kept(const struct flight_pack *pack, enum flight_kind kind, size_t at)
{
    return at < FLIGHT_KEPT ? pack->last[kind][at] : 0;
}

/* What differs, in place of the body. */
static void difference(const struct flight_pack *pack, enum flight_kind kind, uint8_t *other, const uint8_t *body,
                       size_t size)
{
    size_t common = size < FLIGHT_KEPT ? size : FLIGHT_KEPT;
    for (size_t i = 0; i < common; i++)
        other[i] = body[i] ^ pack->last[kind][i];
    memcpy(other + common, body + common, size - common);
}

/* How many zeros begin here. */
static size_t zeros(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *from = at;
    uint64_t eight;
    size_t most = (size_t)(end - at) < RUN_MAX ? (size_t)(end - at) : RUN_MAX;
    for (end = at + most; end - at >= 8 && (memcpy(&eight, at, 8), eight == 0); at += 8)
        continue;
    while (at < end && *at == 0)
        at++;
    return (size_t)(at - from);
}

/* How many bytes from here on are to be written: a single zero among them ends nothing. */
static size_t others(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *from = at;
    while (at < end && at - from < (ptrdiff_t)RUN_MAX && (at[0] != 0 || (at + 1 < end && at[1] != 0)))
        at++;
    return (size_t)(at - from);
}

static void keep(struct flight_pack *pack, enum flight_kind kind, const uint8_t *body, size_t size)
{
    memcpy(pack->last[kind], body, size < FLIGHT_KEPT ? size : FLIGHT_KEPT);
}

void flight_put(struct flight_pack *pack, struct cursor *out, enum flight_kind kind, const uint8_t *body, size_t size)
{
    uint8_t other[HA_RECORD_MAX];
    const uint8_t *at = other, *end = other + size;
    difference(pack, kind, other, body, size);
    cursor_put_u8(out, (uint8_t)kind);
    cursor_put_u16(out, (uint16_t)size);
    while (at < end) {
        size_t skipped = zeros(at, end), written = others(at + skipped, end);
        cursor_put_u8(out, (uint8_t)skipped);
        cursor_put_u8(out, (uint8_t)written);
        cursor_put_bytes(out, at + skipped, written);
        at += skipped + written;
    }
    keep(pack, kind, body, size);
}

/* One pair of runs; false: it does not fit into the body, or says nothing. */
static bool get_run(const struct flight_pack *pack, struct cursor *in, enum flight_kind kind, uint8_t *body, size_t *at,
                    size_t size)
{
    size_t same = cursor_get_u8(in), other = cursor_get_u8(in);
    const uint8_t *bytes = cursor_get_bytes(in, other);
    if (!cursor_ok(in) || same + other == 0 || same + other > size - *at)
        return false;
    for (size_t end = *at + same; *at < end; ++*at)
        body[*at] = kept(pack, kind, *at);
    for (size_t i = 0; i < other; i++, ++*at)
        body[*at] = bytes[i] ^ kept(pack, kind, *at);
    return true;
}

bool flight_get(struct flight_pack *pack, struct cursor *in, enum flight_kind *kind, uint8_t body[HA_RECORD_MAX],
                size_t *size)
{
    if (cursor_left(in) == 0)
        return false;
    *kind = cursor_get_u8(in);
    *size = cursor_get_u16(in);
    bool legal = cursor_ok(in) && *kind >= FLIGHT_HEAD && *kind < FLIGHT_KINDS && *size <= HA_RECORD_MAX;
    for (size_t at = 0; legal && at < *size;)
        legal = get_run(pack, in, *kind, body, &at, *size);
    if (!legal) {
        in->bad = true;
        return false;
    }
    keep(pack, *kind, body, *size);
    return true;
}

/* ---- chunks ---- */

size_t flight_chunk_close(uint8_t *chunk, size_t items)
{
    struct cursor c = cursor_over(chunk, FLIGHT_CHUNK_EXTRA + items);
    cursor_put_u32(&c, MAGIC);
    cursor_put_u32(&c, (uint32_t)items);
    c.at += items;
    return seal_put(&c, chunk);
}

bool flight_chunk_open(struct cursor *segment, struct cursor *items)
{
    struct cursor head = *segment;
    uint32_t magic = cursor_get_u32(&head), size = cursor_get_u32(&head);
    if (!cursor_ok(&head) || magic != MAGIC || size > cursor_left(segment) ||
        cursor_left(segment) - size < FLIGHT_CHUNK_EXTRA || !seal_check(items, segment->at, size + FLIGHT_CHUNK_EXTRA))
        return false;
    segment->at += size + FLIGHT_CHUNK_EXTRA;
    (void)cursor_get_bytes(items, FLIGHT_CHUNK_HEAD);
    return true;
}

/* ---- the head of a segment ---- */

static void code_head(struct coder *c, struct flight_head *head)
{
    uint64_t wall = (uint64_t)head->wall_ms;
    code_u32(c, &head->version, UINT32_MAX);
    if (head->version != HA_RECORD_VERSION)
        return;
    CODE_WORD(c, head->why, FLIGHT_GAP);
    code_u64(c, &head->life);
    code_u64(c, &head->step);
    code_u64(c, &wall);
    code_msec(c, &head->now);
    code_text(c, head->rule, sizeof head->rule);
    code_text(c, head->member[MEMBER_A], sizeof head->member[MEMBER_A]);
    code_text(c, head->member[MEMBER_B], sizeof head->member[MEMBER_B]);
    head->wall_ms = (int64_t)(wall % CODER_TIME_MAX);
}

void flight_head_encode(struct cursor *c, const struct flight_head *head)
{
    struct flight_head copy = *head;
    code_head(&(struct coder){.cursor = c}, &copy);
}

bool flight_head_decode(struct cursor *c, struct flight_head *head)
{
    memset(head, 0, sizeof *head);
    code_head(&(struct coder){.cursor = c, .reading = true}, head);
    return cursor_ok(c);
}

/* ---- whole steps ---- */

static void put(struct flight_pack *pack, struct cursor *out, enum flight_kind kind, const uint8_t *body,
                const struct cursor *c)
{
    if (!cursor_ok(c))
        out->bad = true;
    else
        flight_put(pack, out, kind, body, (size_t)(c->at - body));
}

/* Nothing of it stays if it does not fit. */
static bool settle(struct cursor *out, struct cursor before)
{
    if (cursor_ok(out))
        return true;
    *out = before;
    return false;
}

bool flight_put_begin(struct flight_pack *pack, struct cursor *out, const struct flight_head *head, const struct ha *h)
{
    uint8_t body[HA_RECORD_MAX];
    struct cursor before = *out, c = cursor_over(body, sizeof body);
    memset(pack, 0, sizeof *pack);
    flight_head_encode(&c, head);
    put(pack, out, FLIGHT_HEAD, body, &c);
    c = cursor_over(body, sizeof body);
    ha_record_state(&c, h);
    put(pack, out, FLIGHT_STATE, body, &c);
    return settle(out, before);
}

static enum flight_kind kind_of_event(const struct ha_event *event)
{
    if (event->kind != HA_RECEIVED)
        return FLIGHT_EVENT;
    if (event->message->from == MEMBER_NONE)
        return FLIGHT_HEARD_WITNESS;
    return event->message->kind == HA_BEAT ? FLIGHT_HEARD_BEAT : FLIGHT_HEARD_ANSWER;
}

bool flight_put_event(struct flight_pack *pack, struct cursor *out, const struct ha_event *event)
{
    uint8_t body[HA_RECORD_MAX];
    struct cursor before = *out, c = cursor_over(body, sizeof body);
    ha_record_event(&c, event);
    put(pack, out, kind_of_event(event), body, &c);
    return settle(out, before);
}

static enum flight_kind kind_of_action(const struct ha_action *action)
{
    if (action->kind == HA_SEND_WITNESS)
        return FLIGHT_SENT_WITNESS;
    if (action->kind != HA_SEND_PEER)
        return FLIGHT_ACTION;
    return action->u.send.message.kind == HA_BEAT ? FLIGHT_SENT_BEAT : FLIGHT_SENT_ANSWER;
}

bool flight_put_answer(struct flight_pack *pack, struct cursor *out, const struct ha_answer *answer)
{
    uint8_t body[HA_RECORD_MAX];
    struct cursor before = *out, c;
    for (uint32_t i = 0; i < answer->actions; i++) {
        c = cursor_over(body, sizeof body);
        ha_record_action(&c, &answer->action[i]);
        put(pack, out, kind_of_action(&answer->action[i]), body, &c);
    }
    c = cursor_over(body, sizeof body);
    ha_record_end(&c, answer);
    put(pack, out, FLIGHT_END, body, &c);
    return settle(out, before);
}
