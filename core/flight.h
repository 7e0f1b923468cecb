/* SPDX-License-Identifier: Apache-2.0
 * core/flight.h - the file form of a flight recorder. A segment is a file of sealed chunks; its items begin with one
 * FLIGHT_HEAD and one FLIGHT_STATE, from which a replay starts, then come steps: an event, the actions of the answer,
 * an end. Beats repeat themselves, so an item is written as what differs from the last one of its kind in the segment:
 * its XOR with that, with runs of zeros left out. What an item's body is: core/ha_record.h.
 *
 *   chunk: u32 magic, u32 size of the items, items, seal (core/seal.h)
 *   item:  u8 kind, u16 length of the body, then until the body is complete: u8 bytes that are as before, u8 n, n bytes
 */
#ifndef DR_CORE_FLIGHT_H
#define DR_CORE_FLIGHT_H

#include "core/ha_record.h"

enum flight_kind {
    FLIGHT_HEAD = 1,
    FLIGHT_STATE,
    FLIGHT_EVENT, /* that is no message */
    FLIGHT_HEARD_BEAT,
    FLIGHT_HEARD_ANSWER,
    FLIGHT_HEARD_WITNESS,
    FLIGHT_ACTION, /* that is no message */
    FLIGHT_SENT_BEAT,
    FLIGHT_SENT_ANSWER,
    FLIGHT_SENT_WITNESS,
    FLIGHT_END,
    FLIGHT_KINDS
};

#define FLIGHT_KEPT 640u /* bytes of a body that the next one is compared with */

/* What the last item of each kind was. One for a writer, one for a reader; both begin a segment empty. */
struct flight_pack {
    uint8_t last[FLIGHT_KINDS][FLIGHT_KEPT];
};

/* Appends an item; `out` is bad if it does not fit. At most HA_RECORD_MAX bytes. */
void flight_put(struct flight_pack *pack, struct cursor *out, enum flight_kind kind, const uint8_t *body, size_t size);
/* The next item; false: there is none, or (`in` is bad) what is there is damaged. */
bool flight_get(struct flight_pack *pack, struct cursor *in, enum flight_kind *kind, uint8_t body[HA_RECORD_MAX],
                size_t *size);

/* The chunk whose items begin at chunk + FLIGHT_CHUNK_HEAD; there is room for FLIGHT_CHUNK_EXTRA bytes besides them.
 * Returns its whole size. */
#define FLIGHT_CHUNK_HEAD  8u
#define FLIGHT_CHUNK_EXTRA 16u
size_t flight_chunk_close(uint8_t *chunk, size_t items);
/* The items of the next chunk; false: the segment ends here, also in a chunk that was not written whole. */
bool flight_chunk_open(struct cursor *segment, struct cursor *items);

/* Why a segment begins. After FLIGHT_FULL the first step follows the last one of the segment before. */
enum flight_begin { FLIGHT_START = 0, FLIGHT_FULL, FLIGHT_GAP };

struct flight_head {
    uint32_t version; /* HA_RECORD_VERSION of the writer; of another one only this field is read */
    enum flight_begin why;
    uint64_t life, step; /* random number of the drnode's life; number of the first step in it */
    int64_t wall_ms;     /* since 1970, UTC, when the member's clock showed: */
    msec now;
    char rule[128], member[2][128]; /* names */
};
void flight_head_encode(struct cursor *c, const struct flight_head *head);
bool flight_head_decode(struct cursor *c, struct flight_head *head);

/* Whole steps, for the writer. False: no room; *out is as it was, but `pack` is not: a new segment has to begin. */
bool flight_put_begin(struct flight_pack *pack, struct cursor *out, const struct flight_head *head, const struct ha *h);
bool flight_put_event(struct flight_pack *pack, struct cursor *out, const struct ha_event *event);
bool flight_put_answer(struct flight_pack *pack, struct cursor *out, const struct ha_answer *answer);

#endif
