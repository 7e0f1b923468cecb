/* SPDX-License-Identifier: Apache-2.0
 *
 *   writer: bytes -> [record] -> SSL_write -> [sealed] =swap= [sending] -> send()
 *   reader: recv() -> [arrived] -> SSL_read -> bytes
 *
 * SSL_read and SSL_write meet only memory, so that they never wait, and the lock is held for as long as the cipher
 * takes for one window. `arrived` is the reader's, `record` and `sending` are the writer's, `sealed` is the lock's:
 * a read may put an alert there too. */
#include "net/channel.h"

#include "net/deadline.h"
#include "net/tls_session.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define RECORD ((size_t)SSL3_RT_MAX_PLAIN_LENGTH)
/* AES-GCM keys are good for 2^24.5 records (RFC 8446, 5.5); we change them long before. */
#define REKEY_BYTES (64ull << 30)

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
    pthread_mutex_t next, lock; /* see turn_take() */
    atomic_bool shut;

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
static void turn_take(struct channel *ch)
{
    pthread_mutex_lock(&ch->next);
    pthread_mutex_lock(&ch->lock);
    pthread_mutex_unlock(&ch->next);
}

static void turn_give(struct channel *ch)
{
    pthread_mutex_unlock(&ch->lock);
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

static enum dr_code closed_here(const struct channel *ch, struct dr_error *err)
{
    return dr_fail(err, DR_CLOSED, "the connection to %s was ended on this side", ch->name);
}

static enum dr_code lost(const struct channel *ch, const char *why, struct dr_error *err)
{
    if (atomic_load(&ch->shut))
        return closed_here(ch, err);
    return dr_fail(err, DR_CLOSED, "lost the connection to %s: %s", ch->name, why);
}

static enum dr_code wait_for(struct channel *ch, short events, msec deadline, struct dr_error *err)
{
    struct pollfd ready = {.fd = ch->socket, .events = events};
    int count;
    do
        count = poll(&ready, 1, deadline_left(deadline));
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return dr_fail(err, DR_IO, "cannot wait for %s: %s", ch->name, strerror(errno));
    if (atomic_load(&ch->shut))
        return closed_here(ch, err);
    return count > 0 ? DR_OK : dr_fail(err, DR_TIMEOUT, "nothing moved between us and %s in time", ch->name);
}

/* Sends what is sealed; `limit` counts anew with every byte that the system takes. */
static enum dr_code drain(struct channel *ch, msec limit, struct dr_error *err)
{
    turn_take(ch);
    struct bytes full = ch->sealed;
    ch->sealed = ch->sending;
    ch->sending = full;
    turn_give(ch);
    enum dr_code code = DR_OK;
    for (size_t done = 0; code == DR_OK && done < ch->sending.size;) {
        ssize_t sent = send(ch->socket, ch->sending.at + done, ch->sending.size - done, MSG_NOSIGNAL);
        if (sent >= 0)
            done += (size_t)sent;
        else if (errno == EAGAIN)
            code = wait_for(ch, POLLOUT, deadline_after(limit), err);
        else if (errno != EINTR)
            code = lost(ch, strerror(errno), err);
    }
    ch->sending.size = 0;
    ch->cut = code != DR_OK;
    return code;
}

/* What the handshake or a failed one leaves to say; nobody waits for it, so its failure changes nothing. */
static void drain_last_words(struct channel *ch)
{
    struct dr_error ignored;
    (void)!drain(ch, 0, &ignored);
}

static enum dr_code arrive(struct channel *ch, msec deadline, struct dr_error *err)
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
            return lost(ch, "the other side closed it", err);
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return lost(ch, strerror(errno), err);
        ch->quiet = true;
        if (wait_for(ch, POLLIN, deadline, err) != DR_OK)
            return err->code;
    }
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
        if (drain(ch, deadline_left(deadline), err) != DR_OK)
            return err->code;
        if (result == 1)
            return tls_peer(&ch->peer, ch->session, ch->name, err);
        if (arrive(ch, deadline, err) != DR_OK)
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
                          size_t window, msec deadline, struct dr_error *err)
{
    struct channel *ch = calloc(1, sizeof *ch);
    if (!ch)
        return dr_fail(err, DR_FULL, "no memory for a connection to %s", name);
    ch->socket = socket;
    ch->name = name;
    ch->window = window;
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

void channel_rekey_after(struct channel *ch, uint64_t bytes)
{
    ch->rekey_after = bytes;
}

unsigned channel_rekeys(const struct channel *ch)
{
    return ch->rekeys;
}

const struct dr_id *channel_peer(const struct channel *ch)
{
    return &ch->peer;
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
    turn_take(ch);
    ERR_clear_error();
    bool sealed = !rekey_due(ch, size) || SSL_key_update(ch->session, SSL_KEY_UPDATE_NOT_REQUESTED) == 1;
    sealed = sealed && SSL_write_ex(ch->session, bytes, size, &written) == 1;
    if (!sealed)
        tls_explain(err, ch->session, ch->name);
    bool full = ch->sealed.size >= ch->window;
    turn_give(ch);
    if (!sealed) {
        ch->cut = true;
        return atomic_load(&ch->shut) ? closed_here(ch, err) : err->code;
    }
    return full ? drain(ch, limit, err) : DR_OK;
}

/* Small pieces are gathered into whole records; what is large is encrypted from where it lies. */
static size_t gather(struct channel *ch, const void *bytes, size_t size)
{
    size_t part = RECORD - ch->held < size ? RECORD - ch->held : size;
    memcpy(ch->record + ch->held, bytes, part);
    ch->held += part;
    return part;
}

enum dr_code channel_write(struct channel *ch, const void *bytes, size_t size, msec limit, struct dr_error *err)
{
    const uint8_t *at = bytes;
    enum dr_code code = DR_OK;
    if (ch->cut)
        return lost(ch, "an earlier write to it was cut off", err);
    while (size > 0 && code == DR_OK) {
        size_t part;
        if (ch->held == 0 && size >= RECORD) {
            part = size < ch->window ? size - size % RECORD : ch->window;
            code = seal(ch, at, part, limit, err);
        } else {
            part = gather(ch, at, size);
            if (ch->held == RECORD) {
                ch->held = 0;
                code = seal(ch, ch->record, RECORD, limit, err);
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
        return lost(ch, "an earlier write to it was cut off", err);
    if (held > 0 && seal(ch, ch->record, held, limit, err) != DR_OK)
        return err->code;
    return drain(ch, limit, err);
}

/* Decrypts what has arrived, one window at most in one turn; DR_TIMEOUT here means: more has to arrive. */
static enum dr_code unseal(struct channel *ch, uint8_t *bytes, size_t size, size_t *got, struct dr_error *err)
{
    enum dr_code code = DR_OK;
    *got = 0;
    if (size > ch->window)
        size = ch->window;
    turn_take(ch);
    ERR_clear_error();
    for (size_t part; code == DR_OK && *got < size; *got += part) {
        part = 0;
        if (SSL_read_ex(ch->session, bytes + *got, size - *got, &part) == 1)
            continue;
        switch (SSL_get_error(ch->session, 0)) {
        case SSL_ERROR_WANT_READ: code = DR_TIMEOUT; break;
        case SSL_ERROR_ZERO_RETURN: code = lost(ch, "the other side closed it", err); break;
        default: code = tls_explain(err, ch->session, ch->name);
        }
    }
    turn_give(ch);
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
            return atomic_load(&ch->shut) ? closed_here(ch, err) : code;
        if (arrive(ch, deadline, err) != DR_OK)
            return err->code;
    }
}

bool channel_pending(const struct channel *ch)
{
    return !ch->quiet;
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
