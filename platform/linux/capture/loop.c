/* SPDX-License-Identifier: Apache-2.0
 * Leader and followers. One thread, the leader, sits in read(2) with room in the ring below its buffer, so that a
 * WRITE's payload lands where its record will be. A request that is brief and alone it carries out at once; with any
 * other in hand it lets the next one lead. */
#include "platform/linux/capture/fuse_abi.h"
#include "platform/linux/capture/reply.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CREW_MAX   1024u
#define CREW_LEAST 8u /* enough for each to work little: LEAD_TURN */

/* ---- one request ---- */

static int poll_mounts(const struct session *s, struct pollfd fds[CAPTURE_PATHS_MAX], int timeout)
{
    for (unsigned i = 0; i < s->paths; i++)
        fds[i] = (struct pollfd){.fd = atomic_load(&s->mount[i].gone) ? -1 : s->mount[i].fuse, .events = POLLIN};
    return poll(fds, s->paths, timeout);
}

/* With several mounts: the next one, in turn, that has a request. */
static struct mount *mount_ready(struct session *s)
{
    struct pollfd fds[CAPTURE_PATHS_MAX];
    if (poll_mounts(s, fds, -1) <= 0)
        return NULL;
    for (unsigned i = 1; i <= s->paths; i++) {
        unsigned at = (s->turn + i) % s->paths;
        if (fds[at].revents) {
            s->turn = at;
            return &s->mount[at];
        }
    }
    return NULL;
}

static bool all_gone(const struct session *s)
{
    for (unsigned i = 0; i < s->paths; i++) {
        if (!atomic_load(&s->mount[i].gone))
            return false;
    }
    return true;
}

/* Length of the next request, 0 when every mount is gone. */
static size_t read_request(struct worker *w, uint8_t *buffer)
{
    struct session *s = w->session;
    while (!all_gone(s)) {
        w->mount = s->paths == 1 ? &s->mount[0] : mount_ready(s);
        if (!w->mount)
            continue;
        ssize_t n = read(w->mount->fuse, buffer, ABI_WRITE_HEAD + ABI_WRITE_MAX);
        if (n > 0)
            return (size_t)n;
        /* ENOENT: the request was taken back. EAGAIN: another mount's turn. */
        if (n == 0 || (errno != EINTR && errno != ENOENT && errno != EAGAIN))
            atomic_store(&w->mount->gone, true);
    }
    return 0;
}

/* A WRITE stays where it is. Its head is decoded, so the record's may take the place. */
static void keep_slot(struct worker *w)
{
    struct session *s = w->session;
    if (!s->spare)
        return; /* the ring had no room: the data lies in w->answer */
    w->slot = s->spare;
    s->spare = NULL;
    w->slot->name_len = w->slot->name2_len = 0;
    w->slot->data_len = w->request.data_len;
    ring_bulk_trim(s->journal.ring, w->slot);
}

enum taken { TAKEN_REQUEST, TAKEN_NOTHING, TAKEN_END };

static enum taken take_decoded(struct worker *w, const uint8_t *buffer, size_t length)
{
    switch (w->request.opcode) {
    case FUSE_WRITE: keep_slot(w); return TAKEN_REQUEST;
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET: dispatch_forget(w); return TAKEN_NOTHING;
    case FUSE_INTERRUPT: return TAKEN_NOTHING; /* nothing that we wait for is without end */
    default: break;
    }
    /* The buffer is free for the next leader once the request is copied out of it. */
    memcpy(w->bytes, buffer, length);
    struct cursor c = cursor_reading(w->bytes, length);
    return request_decode(&c, w->mount->extended_setxattr, &w->request) ? TAKEN_REQUEST : TAKEN_NOTHING;
}

static void refuse(struct worker *w)
{
    if (w->request.unique)
        reply_send(w, -EIO);
}

/* The leader's. */
static enum taken take_request(struct worker *w)
{
    struct session *s = w->session;
    if (!s->spare)
        s->spare = ring_bulk_reserve(s->journal.ring, ABI_WRITE_MAX);
    uint8_t *buffer = s->spare ? (uint8_t *)(s->spare + 1) - ABI_WRITE_HEAD : w->answer;
    size_t length = read_request(w, buffer);
    if (length == 0)
        return TAKEN_END;
    struct cursor c = cursor_reading(buffer, length);
    if (request_decode(&c, w->mount->extended_setxattr, &w->request) &&
        (w->request.opcode == FUSE_WRITE || w->request.opcode == FUSE_BATCH_FORGET || length <= REQUEST_MAX))
        return take_decoded(w, buffer, length);
    refuse(w);
    return TAKEN_NOTHING;
}

/* ---- the crew ---- */

static struct worker *worker_new(struct session *s)
{
    struct worker *w = calloc(1, sizeof *w);
    /* Only what is touched takes memory. */
    void *room = mmap(NULL, REQUEST_MAX + ANSWER_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!w || room == MAP_FAILED) {
        free(w);
        return NULL;
    }
    w->session = s;
    w->bytes = room;
    w->answer = (uint8_t *)room + REQUEST_MAX;
    return w;
}

static void worker_free(struct worker *w)
{
    munmap(w->bytes, REQUEST_MAX + ANSWER_MAX);
    free(w);
}

/* Nobody else's request waits meanwhile, and it will not take long: it is not worth waking another thread. */
static bool keep_lead(struct worker *w)
{
    struct pollfd fds[CAPTURE_PATHS_MAX];
    return dispatch_is_brief(&w->request) && poll_mounts(w->session, fds, 0) == 0 && lead_keep(&w->session->lead);
}

/* Serves until there is a request in hand and somebody else to lead; false: until the end. */
static bool lead(struct worker *w)
{
    struct lead *l = &w->session->lead;
    enum taken taken;
    lead_take(l, w);
    while ((taken = take_request(w)) != TAKEN_END) {
        if (taken == TAKEN_NOTHING)
            continue;
        if (!keep_lead(w))
            break;
        dispatch(w);
        if (!lead_kept(l, w, w->request.data_len))
            lead_take(l, w);
    }
    lead_give(l);
    return taken == TAKEN_REQUEST;
}

static void *serve(void *baton)
{
    struct worker *w = baton;
    struct session *s = w->session;
    identity_init(w);
    while (lead(w)) {
        dispatch(w);
        if (lead_idle(&s->lead) > CREW_LEAST)
            break;
    }
    worker_free(w);
    pthread_mutex_lock(&s->crew_lock);
    if (--s->crew == 0)
        pthread_cond_broadcast(&s->crew_gone);
    pthread_mutex_unlock(&s->crew_lock);
    return NULL;
}

static bool crew_join(struct session *s)
{
    pthread_t thread;
    pthread_attr_t attr;
    struct worker *w = NULL;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, 512 << 10);
    pthread_mutex_lock(&s->crew_lock);
    bool joined = s->crew < CREW_MAX && (w = worker_new(s)) && pthread_create(&thread, &attr, serve, w) == 0;
    s->crew += joined;
    pthread_mutex_unlock(&s->crew_lock);
    pthread_attr_destroy(&attr);
    if (!joined && w)
        worker_free(w);
    return joined;
}

/* Without one more, requests wait for those who are at work: no failure. Once nothing is left to read, nobody is. */
static void crew_add(void *baton)
{
    struct session *s = baton;
    if (!all_gone(s))
        (void)crew_join(s);
}

enum dr_code loop_start(struct session *s, struct dr_error *err)
{
    pthread_mutex_init(&s->crew_lock, NULL);
    pthread_cond_init(&s->crew_gone, NULL);
    if (lead_init(&s->lead, crew_add, s, err) != DR_OK)
        return err->code;
    s->started = true;
    for (unsigned i = 0; i < CREW_LEAST; i++) {
        if (!crew_join(s))
            return dr_fail(err, DR_FULL, "cannot start threads: %s", strerror(errno));
    }
    return DR_OK;
}

void loop_wait(struct session *s)
{
    if (!s->started)
        return;
    pthread_mutex_lock(&s->crew_lock);
    while (s->crew)
        pthread_cond_wait(&s->crew_gone, &s->crew_lock);
    pthread_mutex_unlock(&s->crew_lock);
    lead_end(&s->lead);
}
