/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/witness/witness.h"
#include "core/passive.h"
#include "platform/clock.h"
#include "platform/host.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct witness {
    struct witness_config config;
    struct passive passive; /* its thread only */
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t change;
    bool ending, waits, said, up;
    struct ha_message beat; /* the newest that waits */
    char why[DR_ERROR_TEXT];
};

/* ---- what is known about the store ---- */

/* What fails again and again is said once. */
static void note(struct witness *w, enum dr_code code, const char *text)
{
    pthread_mutex_lock(&w->lock);
    bool news = !w->ending && (!w->said || w->up != (code == DR_OK));
    w->said = true;
    w->up = code == DR_OK;
    snprintf(w->why, sizeof w->why, "%s", w->up ? "" : text);
    pthread_mutex_unlock(&w->lock);
    if (news)
        w->config.say(w->config.baton, code, text);
}

static void begin_anew(struct witness *w)
{
    uint64_t fresh = 0;
    while (fresh == 0)
        host_random(&fresh, sizeof fresh);
    passive_init(&w->passive, w->config.self, fresh);
}

/* True: it went well. */
static bool judge(struct witness *w, enum dr_code code, const struct dr_error *err)
{
    if (code == DR_OK)
        return true;
    if (code == DR_CLOSED)
        begin_anew(w);
    note(w, code, err->text);
    return false;
}

static bool write_own(struct witness *w, struct witness_pair *after)
{
    struct dr_error err;
    enum dr_code code = w->config.kind->write(w->config.store, &w->passive.written, after, &err);
    if (code != DR_OK)
        passive_lost(&w->passive);
    return judge(w, code, &err);
}

static bool look(struct witness *w)
{
    struct dr_error err;
    struct witness_pair pair;
    if (!judge(w, w->config.kind->look(w->config.store, &pair, &err), &err))
        return false;
    passive_saw(&w->passive, &pair, clock_now());
    if (passive_create(&w->passive) == PASSIVE_WRITE) {
        if (!write_own(w, &pair))
            return false;
        passive_saw(&w->passive, &pair, clock_now());
    }
    if (passive_identity(&pair) == 0)
        note(w, DR_NOT_FOUND, "the other member has not written its record there: does it reach the same place?");
    else
        note(w, DR_OK, "both members' records are there");
    return true;
}

/* ---- a request ---- */

static void say(struct witness *w, const struct ha_message *beat, const struct vote_reply *reply)
{
    struct ha_message answer = {.kind = HA_ANSWER,
                                .rule = beat->rule,
                                .from = MEMBER_NONE,
                                .asker = beat->asker,
                                .round = beat->round,
                                .sent = beat->sent,
                                .voted = true,
                                .vote = *reply};
    w->config.answer(w->config.baton, &answer);
}

/* What waited while the store hung would be void when it was granted, and keep the other waiting. */
static bool too_late(const struct ha_message *beat)
{
    return beat->ask.kind == VOTE_ASK && clock_now() >= beat->sent + beat->ask.length;
}

/* A refusal may rest on what was read a while ago: it is looked again before it is said. */
static void serve(struct witness *w, const struct ha_message *beat)
{
    struct vote_reply reply = {0};
    struct witness_pair after;
    bool fresh = !w->passive.known;
    if ((fresh && !look(w)) || too_late(beat))
        return;
    enum passive_next next = passive_ask(&w->passive, &beat->ask, clock_now(), &reply);
    if (next != PASSIVE_WRITE && !fresh) {
        if (!look(w))
            return;
        next = passive_ask(&w->passive, &beat->ask, clock_now(), &reply);
    }
    while (next == PASSIVE_WRITE) {
        if (!write_own(w, &after))
            return;
        note(w, DR_OK, "both members' records are there");
        next = passive_wrote(&w->passive, &beat->ask, &after, clock_now(), &reply);
    }
    if (reply.identity != 0)
        say(w, beat, &reply);
}

/* ---- its thread ---- */

/* The next beat, or none when it is time to look. False: the end. */
static bool take(struct witness *w, struct ha_message *beat, bool *asked)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += w->config.interval / 1000;
    until.tv_nsec += w->config.interval % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&w->lock);
    int late = 0;
    while (!w->ending && !w->waits && late == 0)
        late = pthread_cond_timedwait(&w->change, &w->lock, &until);
    *asked = w->waits;
    *beat = w->beat;
    w->waits = false;
    bool go_on = !w->ending;
    pthread_mutex_unlock(&w->lock);
    return go_on;
}

static void *run(void *baton)
{
    struct witness *w = baton;
    struct ha_message beat;
    bool asked = false;
    do {
        if (asked)
            serve(w, &beat);
        else
            (void)look(w); /* what went wrong has been noted */
    } while (take(w, &beat, &asked));
    return NULL;
}

/* ---- life ---- */

enum dr_code witness_start(struct witness **out, const struct witness_config *config, struct dr_error *err)
{
    struct witness *w = calloc(1, sizeof *w);
    pthread_condattr_t attr;
    if (w == NULL) {
        config->kind->destroy(config->store);
        return dr_fail(err, DR_FULL, "no memory for a third voter");
    }
    w->config = *config;
    begin_anew(w);
    snprintf(w->why, sizeof w->why, "not reached yet");
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->change, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&w->thread, NULL, run, w) != 0) {
        w->ending = true;
        config->kind->destroy(config->store);
        free(w);
        return dr_fail(err, DR_FULL, "cannot start a thread for a third voter: raise the limit of tasks");
    }
    *out = w;
    return DR_OK;
}

void witness_ask(struct witness *w, const struct ha_message *beat)
{
    pthread_mutex_lock(&w->lock);
    w->beat = *beat;
    w->waits = true;
    pthread_cond_signal(&w->change);
    pthread_mutex_unlock(&w->lock);
}

bool witness_up(struct witness *w, char *why, size_t size)
{
    pthread_mutex_lock(&w->lock);
    bool up = w->up;
    snprintf(why, size, "%s", w->why);
    pthread_mutex_unlock(&w->lock);
    return up;
}

void witness_end(struct witness *w)
{
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_signal(&w->change);
    pthread_mutex_unlock(&w->lock);
    w->config.kind->stop(w->config.store);
}

void witness_destroy(struct witness *w)
{
    witness_end(w);
    pthread_join(w->thread, NULL);
    w->config.kind->destroy(w->config.store);
    pthread_cond_destroy(&w->change);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
