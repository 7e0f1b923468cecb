/* SPDX-License-Identifier: Apache-2.0 */
#include "net/channel_state.h"

#include "net/deadline.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* AES-GCM keys are good for 2^24.5 records (RFC 8446, 5.5); we change them long before. */
#define REKEY_BYTES (64ull << 30)

void channel_take_turn(struct channel *ch)
{
    pthread_mutex_lock(&ch->next);
    pthread_mutex_lock(&ch->lock);
    pthread_mutex_unlock(&ch->next);
}

void channel_give_turn(struct channel *ch)
{
    pthread_mutex_unlock(&ch->lock);
}

enum dr_code channel_closed_here(const struct channel *ch, struct dr_error *err)
{
    return dr_fail(err, DR_CLOSED, "the connection to %s was ended on this side", ch->name);
}

enum dr_code channel_lost(const struct channel *ch, const char *why, struct dr_error *err)
{
    if (atomic_load(&ch->shut))
        return channel_closed_here(ch, err);
    return dr_fail(err, DR_CLOSED, "lost the connection to %s: %s", ch->name, why);
}

enum dr_code channel_wait(struct channel *ch, short events, msec deadline, struct dr_error *err)
{
    struct pollfd ready[2] = {{.fd = ch->socket, .events = events}, {.fd = ch->stop, .events = POLLIN}};
    int count;
    do
        count = poll(ready, 2, deadline_left(deadline));
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return dr_fail(err, DR_IO, "cannot wait for %s: %s", ch->name, strerror(errno));
    if (atomic_load(&ch->shut) || ready[1].revents)
        return channel_closed_here(ch, err);
    return count > 0 ? DR_OK : dr_fail(err, DR_TIMEOUT, "nothing moved between us and %s in time", ch->name);
}

static bool bytes_room(struct bytes *b, size_t more)
{
    if (b->room - b->size >= more)
        return true;
    size_t room = (b->size + more) * 2;
    uint8_t *at = realloc(b->at, room);
    if (!at)
        return false;
    b->at = at;
    b->room = room;
    return true;
}

/* OpenSSL's view of the two buffers. */
static int memory_write(BIO *bio, const char *bytes, size_t size, size_t *written)
{
    struct channel *ch = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (!bytes_room(&ch->sealed, size))
        return 0;
    memcpy(ch->sealed.at + ch->sealed.size, bytes, size);
    ch->sealed.size += size;
    *written = size;
    return 1;
}

static int memory_read(BIO *bio, char *bytes, size_t size, size_t *got)
{
    struct channel *ch = BIO_get_data(bio);
    size_t there = ch->to - ch->from;
    BIO_clear_retry_flags(bio);
    if (there == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    *got = there < size ? there : size;
    memcpy(bytes, ch->arrived + ch->from, *got);
    ch->from += *got;
    return 1;
}

static long memory_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH; /* nothing to do, and no reason to fail */
}

/* What the handshake or a failed one leaves to say; nobody waits for it, so its failure changes nothing. */
static void drain_last_words(struct channel *ch)
{
    struct dr_error ignored;
    (void)!channel_drain(ch, 0, &ignored);
}

static enum dr_code handshake(struct channel *ch, msec deadline, struct dr_error *err)
{
    for (;;) {
        ERR_clear_error();
        int result = SSL_do_handshake(ch->session);
        int why = SSL_get_error(ch->session, result);
        if (result != 1 && why != SSL_ERROR_WANT_READ) {
            tls_explain(err, ch->session, ch->name);
            drain_last_words(ch);
            return err->code;
        }
        if (channel_drain(ch, deadline_left(deadline), err) != DR_OK)
            return err->code;
        if (result == 1)
            return tls_peer(&ch->peer, ch->session, ch->name, err);
        if (channel_arrive(ch, deadline, err) != DR_OK)
            return dr_within(err, "during the TLS handshake");
    }
}

/* Both ends of OpenSSL are our buffers. */
static bool attach(struct channel *ch, struct tls *tls, bool dialling)
{
    ch->method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "channel");
    if (!ch->method || !BIO_meth_set_write_ex(ch->method, memory_write) ||
        !BIO_meth_set_read_ex(ch->method, memory_read) || !BIO_meth_set_ctrl(ch->method, memory_control))
        return false;
    BIO *bio = BIO_new(ch->method);
    ch->session = bio ? tls_session(tls, dialling) : NULL;
    if (!ch->session) {
        BIO_free(bio);
        return false;
    }
    BIO_set_data(bio, ch);
    BIO_set_init(bio, 1);
    SSL_set_bio(ch->session, bio, bio);
    return true;
}

enum dr_code channel_open(struct channel **channel, struct tls *tls, int socket, const char *name, bool dialling,
                          size_t window, msec deadline, int stop, struct dr_error *err)
{
    struct channel *ch = calloc(1, sizeof *ch);
    if (!ch)
        return dr_fail(err, DR_FULL, "no memory for a connection to %s", name);
    ch->socket = socket;
    ch->name = name;
    ch->window = window;
    ch->stop = stop;
    ch->rekey_after = REKEY_BYTES;
    pthread_mutex_init(&ch->next, NULL);
    pthread_mutex_init(&ch->lock, NULL);
    ch->arrived = malloc(window);
    enum dr_code code = ch->arrived && attach(ch, tls, dialling)
                            ? handshake(ch, deadline, err)
                            : dr_fail(err, DR_FULL, "no memory for a connection to %s", name);
    if (code == DR_OK)
        *channel = ch;
    else
        channel_close(ch);
    return code;
}

void channel_close(struct channel *ch)
{
    SSL_free(ch->session);
    BIO_meth_free(ch->method);
    pthread_mutex_destroy(&ch->lock);
    pthread_mutex_destroy(&ch->next);
    free(ch->sealed.at);
    free(ch->sending.at);
    free(ch->arrived);
    free(ch);
}

void channel_heed(struct channel *ch, int stop)
{
    ch->stop = stop;
}

const struct dr_id *channel_peer(const struct channel *ch)
{
    return &ch->peer;
}

bool channel_rest(struct channel *ch, msec time)
{
    /* Asked for nothing, poll() still tells of a socket that is shut or broken. */
    struct pollfd gone = {.fd = ch->socket, .events = 0};
    int count;
    msec deadline = deadline_after(time);
    do
        count = poll(&gone, 1, deadline_left(deadline));
    while (count < 0 && errno == EINTR);
    return count == 0;
}

void channel_shut(struct channel *ch)
{
    atomic_store(&ch->shut, true);
    shutdown(ch->socket, SHUT_RDWR);
}
