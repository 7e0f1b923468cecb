/* SPDX-License-Identifier: Apache-2.0
 * net/channel_state.h - what channel.c, channel_write.c and channel_read.c share. Nobody else's.
 *
 *   writer: bytes -> [record] -> SSL_write -> [sealed] =swap= [sending] -> send()
 *   reader: recv() -> [arrived] -> SSL_read -> bytes
 *
 * SSL_read and SSL_write meet only memory, so that they never wait, and the lock is held for as long as the cipher
 * takes for one window. `arrived` is the reader's, `record` and `sending` are the writer's, `sealed` is the lock's:
 * a read may put an alert there too. */
#ifndef DR_NET_CHANNEL_STATE_H
#define DR_NET_CHANNEL_STATE_H

#include "net/channel.h"
#include "net/tls_session.h"

#include <pthread.h>
#include <stdatomic.h>

#define CHANNEL_RECORD ((size_t)SSL3_RT_MAX_PLAIN_LENGTH)

struct bytes {
    uint8_t *at;
    size_t size, room;
};

struct channel {
    int socket;
    const char *name;
    size_t window;
    struct dr_id peer;
    BIO_METHOD *method;
    SSL *session;
    pthread_mutex_t next, lock; /* see channel_take_turn() */
    atomic_bool shut;
    int stop; /* see channel_heed(); -1: none */

    struct bytes sealed, sending; /* cipher text on its way out */
    size_t held;                  /* bytes in `record` */
    uint8_t record[SSL3_RT_MAX_PLAIN_LENGTH];
    uint64_t rekey_after, since_rekey;
    unsigned rekeys;
    bool cut; /* a write ended half-way */

    uint8_t *arrived; /* cipher text on its way in: [from, to) */
    size_t from, to;
    bool quiet; /* the last look found nothing */
};

/* A fair lock for two threads: who waits holds `next`, so that the other cannot come first again. */
void channel_take_turn(struct channel *ch);
void channel_give_turn(struct channel *ch);

/* Waits until the socket is ready for poll()'s `events`. DR_CLOSED: it was shut meanwhile. */
enum dr_code channel_wait(struct channel *ch, short events, msec deadline, struct dr_error *err) DR_MUST_USE;
/* The ways a connection ends, in words. Both return DR_CLOSED. */
enum dr_code channel_closed_here(const struct channel *ch, struct dr_error *err);
enum dr_code channel_lost(const struct channel *ch, const char *why, struct dr_error *err);

/* The writer's: sends what is sealed; `limit` counts anew with every byte that the system takes. */
enum dr_code channel_drain(struct channel *ch, msec limit, struct dr_error *err) DR_MUST_USE;
/* The reader's: waits until something has arrived. */
enum dr_code channel_arrive(struct channel *ch, msec deadline, struct dr_error *err) DR_MUST_USE;

#endif
