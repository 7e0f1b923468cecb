/* SPDX-License-Identifier: Apache-2.0
 * net/channel.h - a stream of bytes through TLS over a non-blocking socket. One thread may write while another reads:
 * OpenSSL's session is not thread safe, so each of its calls runs under a lock; sockets are waited for outside it. */
#ifndef DR_NET_CHANNEL_H
#define DR_NET_CHANNEL_H

#include "net/tls.h"

struct channel;

/* Shakes hands over `socket`, which stays the caller's; `name` is the peer's, for messages, and stays there too.
 * `window`: how many bytes go to and come from the system at a time. `stop`: as channel_heed() does. */
enum dr_code channel_open(struct channel **channel, struct tls *tls, int socket, const char *name, bool dialling,
                          size_t window, msec deadline, int stop, struct dr_error *err) DR_MUST_USE;
/* From now on waits end with DR_CLOSED when `stop`, a descriptor, is readable; -1: only as channel_shut() ends them. */
void channel_heed(struct channel *channel, int stop);
void channel_close(struct channel *channel);

/* AES-GCM keys wear out (RFC 8446, 5.5): the writer's is changed after so many bytes. The default is right; tests want
 * to see it happen. */
void channel_rekey_after(struct channel *channel, uint64_t bytes);
unsigned channel_rekeys(const struct channel *channel);

const struct dr_id *channel_peer(const struct channel *channel);

/* The system has all of it only after channel_flush(). DR_TIMEOUT: nothing was taken for `limit`; the stream is cut off
 * somewhere then, and later writes fail. */
enum dr_code channel_write(struct channel *channel, const void *bytes, size_t size, msec limit,
                           struct dr_error *err) DR_MUST_USE;
enum dr_code channel_flush(struct channel *channel, msec limit, struct dr_error *err) DR_MUST_USE;

/* 1..size bytes, waiting until `deadline` for the first. */
enum dr_code channel_read(struct channel *channel, void *bytes, size_t size, size_t *got, msec deadline,
                          struct dr_error *err) DR_MUST_USE;
/* Bytes may be there although the socket is silent; false only after a read that ended in DR_TIMEOUT. */
bool channel_pending(const struct channel *channel);

/* Waits `time`; false, and at once, if the channel is shut or its peer gone. */
bool channel_rest(struct channel *channel, msec time);
/* From any thread: reads and writes end with DR_CLOSED. */
void channel_shut(struct channel *channel);

#endif
