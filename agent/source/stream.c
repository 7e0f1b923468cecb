/* SPDX-License-Identifier: Apache-2.0
 * The sender: drains the ring in order, and puts the mirror's pieces between the records. */
#include "agent/source/source_parts.h"
#include "core/ring.h"
#include "platform/clock.h"

#include <poll.h>
#include <unistd.h>

/* ms without any progress: a target that syncs its disk takes its time. One that is gone is noticed by its silence. */
#define SEND_LIMIT 600000

static enum dr_code send_frame(struct session *s, struct dr_error *err)
{
    enum dr_code code = frame_out_send(&s->out, s->conn, SEND_LIMIT, err);
    if (code)
        return code;
    s->last_sent = clock_now();
    pthread_mutex_lock(&s->source->lock);
    s->source->status.sent = s->position;
    pthread_mutex_unlock(&s->source->lock);
    return DR_OK;
}

/* Pieces that were found equal put nothing into the frame, and are to be given back all the same. */
enum dr_code stream_flush(struct session *s, struct dr_error *err)
{
    if (!frame_out_empty(&s->out) && send_frame(s, err) != DR_OK)
        return err->code;
    while (s->placed) {
        struct mirror_job *job = s->placed;
        s->placed = job->next;
        mirror_crew_give_back(s->crew, job);
    }
    return DR_OK;
}

/* Fills the frame with records; *worked: there was one. */
static enum dr_code take_records(struct session *s, bool *worked, struct dr_error *err)
{
    const struct ring *ring = s->source->feed.ring;
    uint64_t tail = ring_tail(ring);
    while (s->position < tail && !frame_out_full(&s->out)) {
        const struct record *r = ring_record(ring, s->position + 1);
        if (!r || r->stream != s->stream)
            return dr_fail(err, DR_REFUSED, "the stream of changes was begun anew");
        if (s->plan)
            mirror_plan_record(s->plan, r);
        else
            frame_out_add(&s->out, r, record_name(r), record_name2(r), record_data(r));
        s->position++;
        *worked = true;
    }
    return DR_OK;
}

static void hush(int fd)
{
    uint64_t count;
    if (read(fd, &count, sizeof count) < 0)
        return; /* nobody rang: poll() was woken by the other one */
}

#define BEFORE_BELL 1 /* ms; or the capture would ring for every record, and every record be a frame */

static void hear_bells(struct session *s, msec limit)
{
    struct pollfd fds[2] = {{.fd = s->source->feed.wake, .events = POLLIN}, {.fd = s->source->bell, .events = POLLIN}};
    if (poll(fds, 2, (int)limit) <= 0)
        return;
    for (int i = 0; i < 2; i++)
        if (fds[i].revents)
            hush(fds[i].fd);
}

/* Until there are records, a job is done, the connection is gone, or it is time for a sign of life. True: nothing has
 * been sent for a while, so that this need not be waited for here: the ring rings. */
static bool rest(struct session *s)
{
    const struct source *source = s->source;
    struct pollfd bell = {.fd = source->bell, .events = POLLIN};
    bool stay = s->plan || errand_may_linger(source->errand, s->last_work);
    bool fresh = s->fresh;
    s->fresh = false;
    if (fresh && poll(&bell, 1, BEFORE_BELL) > 0) {
        hush(source->bell);
        return false;
    }
    if (!ring_sleep(source->feed.ring, s->position))
        return false;
    if (stay)
        hear_bells(s, s->plan ? SOURCE_PING / 2 : ERRAND_LOOK);
    return !stay;
}

static enum dr_code sign_of_life(struct session *s, struct dr_error *err)
{
    if (clock_now() - s->last_sent < SOURCE_PING)
        return DR_OK;
    s->last_sent = clock_now();
    return conn_send(s->conn, REPL_PING, NULL, 0, SEND_LIMIT, err);
}

static enum dr_code still_well(struct session *s, struct dr_error *err)
{
    struct source *source = s->source;
    char why[REPL_TEXT_MAX];
    pthread_mutex_lock(&source->lock);
    struct dr_error dead = s->dead;
    bool stop = source->stop;
    source->status.tail = ring_tail(source->feed.ring);
    pthread_mutex_unlock(&source->lock);
    if (stop)
        return dr_fail(err, DR_CLOSED, "stopped");
    if (dead.code)
        *err = dead;
    else if (s->failed.code)
        *err = s->failed;
    else if (ring_broken(source->feed.ring, why, sizeof why) &&
             (s->plan || s->position == ring_tail(source->feed.ring)))
        return dr_fail(err, DR_FULL, "the stream of changes is broken (%s): a mirror follows", why);
    else
        return DR_OK;
    return err->code;
}

#define HOLD 10 /* ms */

/* While records come faster than they are looked at there is always work, and those that a mirror leaves out fill no
 * frame: yet the target waits for what the frame holds, and the mirror for its answers. */
static bool is_due(const struct session *s)
{
    return frame_out_empty(&s->out) ? s->placed != NULL : clock_now() - s->last_sent >= HOLD;
}

/* *idle: nothing is left to do. */
static enum dr_code step(struct session *s, bool *idle, struct dr_error *err)
{
    bool worked = false;
    enum dr_code code = take_records(s, &worked, err);
    if (!code && frame_out_full(&s->out))
        code = stream_flush(s, err);
    if (!code && s->plan)
        code = stream_mirror_work(s, &worked, err);
    if (!code && (!worked || s->out.size >= FRAME_FLUSH || is_due(s)))
        code = stream_flush(s, err);
    if (!code)
        code = sign_of_life(s, err);
    if (worked) {
        s->last_work = clock_now();
        s->fresh = true;
    }
    *idle = !code && !worked && rest(s);
    return code;
}

/* A mirror goes on to its end; records until there are no more, or others wait and have waited for a while. */
static bool may_go_on(struct session *s, bool mirror, msec began)
{
    if (mirror)
        return s->plan != NULL;
    return errand_may_go_on(s->source->errand, began);
}

enum dr_code stream_carry(struct session *s, struct errand_rest *next, struct dr_error *err)
{
    enum dr_code code;
    bool idle = false, mirror = s->plan != NULL;
    msec began = clock_now();
    hear_bells(s, 0);
    do {
        code = still_well(s, err);
        if (!code)
            code = step(s, &idle, err);
    } while (!code && !idle && may_go_on(s, mirror, began));
    if (!code && !idle)
        code = stream_flush(s, err);
    *next = (struct errand_rest){idle ? ERRAND_PARK : ERRAND_AGAIN, ERRAND_SEND, s->last_sent + SOURCE_PING};
    return code;
}
