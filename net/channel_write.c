/* SPDX-License-Identifier: Apache-2.0
 * net/channel_write.c - the writer's side of a channel. */
#include "net/channel_state.h"

#include "net/deadline.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

void channel_rekey_after(struct channel *ch, uint64_t bytes)
{
    ch->rekey_after = bytes;
}

unsigned channel_rekeys(const struct channel *ch)
{
    return ch->rekeys;
}

enum dr_code channel_drain(struct channel *ch, msec limit, struct dr_error *err)
{
    channel_take_turn(ch);
    struct bytes full = ch->sealed;
    ch->sealed = ch->sending;
    ch->sending = full;
    channel_give_turn(ch);
    enum dr_code code = DR_OK;
    for (size_t done = 0; code == DR_OK && done < ch->sending.size;) {
        ssize_t sent = send(ch->socket, ch->sending.at + done, ch->sending.size - done, MSG_NOSIGNAL);
        if (sent >= 0)
            done += (size_t)sent;
        else if (errno == EAGAIN)
            code = channel_wait(ch, POLLOUT, deadline_after(limit), err);
        else if (errno != EINTR)
            code = channel_lost(ch, strerror(errno), err);
    }
    ch->sending.size = 0;
    ch->cut = code != DR_OK;
    return code;
}

static bool rekey_due(struct channel *ch, size_t size)
{
    ch->since_rekey += size;
    if (ch->since_rekey < ch->rekey_after)
        return false;
    ch->since_rekey = size;
    ch->rekeys++;
    return true;
}

/* Encrypts `size` bytes; sends when a window is full. */
static enum dr_code seal(struct channel *ch, const void *bytes, size_t size, msec limit, struct dr_error *err)
{
    size_t written;
    channel_take_turn(ch);
    ERR_clear_error();
    bool sealed = !rekey_due(ch, size) || SSL_key_update(ch->session, SSL_KEY_UPDATE_NOT_REQUESTED) == 1;
    sealed = sealed && SSL_write_ex(ch->session, bytes, size, &written) == 1;
    if (!sealed)
        tls_explain(err, ch->session, ch->name);
    bool full = ch->sealed.size >= ch->window;
    channel_give_turn(ch);
    if (!sealed) {
        ch->cut = true;
        return atomic_load(&ch->shut) ? channel_closed_here(ch, err) : err->code;
    }
    return full ? channel_drain(ch, limit, err) : DR_OK;
}

/* Small pieces are gathered into whole records; what is large is encrypted from where it lies. */
static size_t gather(struct channel *ch, const void *bytes, size_t size)
{
    size_t part = CHANNEL_RECORD - ch->held < size ? CHANNEL_RECORD - ch->held : size;
    memcpy(ch->record + ch->held, bytes, part);
    ch->held += part;
    return part;
}

enum dr_code channel_write(struct channel *ch, const void *bytes, size_t size, msec limit, struct dr_error *err)
{
    const uint8_t *at = bytes;
    enum dr_code code = DR_OK;
    if (ch->cut)
        return channel_lost(ch, "an earlier write to it was cut off", err);
    while (size > 0 && code == DR_OK) {
        size_t part;
        if (ch->held == 0 && size >= CHANNEL_RECORD) {
            part = size < ch->window ? size - size % CHANNEL_RECORD : ch->window;
            code = seal(ch, at, part, limit, err);
        } else {
            part = gather(ch, at, size);
            if (ch->held == CHANNEL_RECORD) {
                ch->held = 0;
                code = seal(ch, ch->record, CHANNEL_RECORD, limit, err);
            }
        }
        at += part;
        size -= part;
    }
    return code;
}

enum dr_code channel_flush(struct channel *ch, msec limit, struct dr_error *err)
{
    size_t held = ch->held;
    ch->held = 0;
    if (ch->cut)
        return channel_lost(ch, "an earlier write to it was cut off", err);
    if (held > 0 && seal(ch, ch->record, held, limit, err) != DR_OK)
        return err->code;
    return channel_drain(ch, limit, err);
}
