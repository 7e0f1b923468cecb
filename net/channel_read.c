/* SPDX-License-Identifier: Apache-2.0
 * net/channel_read.c - the reader's side of a channel. */
#include "net/channel_state.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

enum dr_code channel_arrive(struct channel *ch, msec deadline, struct dr_error *err)
{
    for (;;) {
        ssize_t got = recv(ch->socket, ch->arrived, ch->window, 0);
        if (got > 0) {
            ch->from = 0;
            ch->to = (size_t)got;
            ch->quiet = false;
            return DR_OK;
        }
        if (got == 0)
            return channel_lost(ch, "the other side closed it", err);
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return channel_lost(ch, strerror(errno), err);
        ch->quiet = true;
        if (channel_wait(ch, POLLIN, deadline, err) != DR_OK)
            return err->code;
    }
}

/* Decrypts what has arrived, one window at most in one turn; DR_TIMEOUT here means: more has to arrive. */
static enum dr_code unseal(struct channel *ch, uint8_t *bytes, size_t size, size_t *got, struct dr_error *err)
{
    enum dr_code code = DR_OK;
    *got = 0;
    if (size > ch->window)
        size = ch->window;
    channel_take_turn(ch);
    ERR_clear_error();
    for (size_t part; code == DR_OK && *got < size; *got += part) {
        part = 0;
        if (SSL_read_ex(ch->session, bytes + *got, size - *got, &part) == 1)
            continue;
        switch (SSL_get_error(ch->session, 0)) {
        case SSL_ERROR_WANT_READ: code = DR_TIMEOUT; break;
        case SSL_ERROR_ZERO_RETURN: code = channel_lost(ch, "the other side closed it", err); break;
        default: code = tls_explain(err, ch->session, ch->name);
        }
    }
    channel_give_turn(ch);
    return *got > 0 ? DR_OK : code;
}

enum dr_code channel_read(struct channel *ch, void *bytes, size_t size, size_t *got, msec deadline,
                          struct dr_error *err)
{
    for (;;) {
        enum dr_code code = unseal(ch, bytes, size, got, err);
        if (code == DR_OK)
            return DR_OK;
        if (code != DR_TIMEOUT)
            return atomic_load(&ch->shut) ? channel_closed_here(ch, err) : code;
        if (channel_arrive(ch, deadline, err) != DR_OK)
            return err->code;
    }
}

bool channel_pending(const struct channel *ch)
{
    return !ch->quiet;
}
