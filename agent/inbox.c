/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/inbox.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct question {
    struct inbox *inbox;
    void (*ask)(void *baton);
    void *baton;
    bool answered;
};

struct inbox {
    pthread_mutex_t lock;
    pthread_cond_t change, answered;
    struct letter *letter; /* INBOX_ROOM of them, a circle */
    unsigned first, count;
    bool closed, nudged;
};

enum dr_code inbox_create(struct inbox **out, struct dr_error *err)
{
    struct inbox *inbox = calloc(1, sizeof *inbox);
    struct letter *letter = calloc(INBOX_ROOM, sizeof *letter);
    pthread_condattr_t monotonic;
    if (inbox == NULL || letter == NULL) {
        free(inbox);
        free(letter);
        return dr_fail(err, DR_FULL, "no memory for the inbox of this node");
    }
    inbox->letter = letter;
    pthread_mutex_init(&inbox->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&inbox->change, &monotonic);
    pthread_cond_init(&inbox->answered, NULL);
    pthread_condattr_destroy(&monotonic);
    *out = inbox;
    return DR_OK;
}

void inbox_destroy(struct inbox *inbox)
{
    for (; inbox->count > 0; inbox->count--) {
        wire_drop(inbox->letter[inbox->first].wire);
        inbox->first = (inbox->first + 1) % INBOX_ROOM;
    }
    pthread_cond_destroy(&inbox->answered);
    pthread_cond_destroy(&inbox->change);
    pthread_mutex_destroy(&inbox->lock);
    free(inbox->letter);
    free(inbox);
}

/* Under the lock, with room. */
static void put(struct inbox *inbox, const struct letter *letter)
{
    struct letter *slot = &inbox->letter[(inbox->first + inbox->count++) % INBOX_ROOM];
    *slot = *letter;
    if (slot->wire != NULL)
        wire_hold(slot->wire);
    pthread_cond_broadcast(&inbox->change);
}

bool inbox_offer(struct inbox *inbox, const struct letter *letter)
{
    pthread_mutex_lock(&inbox->lock);
    bool room = !inbox->closed && inbox->count < INBOX_ROOM - INBOX_RESERVE;
    if (room)
        put(inbox, letter);
    pthread_mutex_unlock(&inbox->lock);
    return room;
}

/* Under the lock. */
static void put_when_room(struct inbox *inbox, const struct letter *letter)
{
    while (!inbox->closed && inbox->count == INBOX_ROOM)
        pthread_cond_wait(&inbox->change, &inbox->lock);
    if (!inbox->closed)
        put(inbox, letter);
}

void inbox_post(struct inbox *inbox, const struct letter *letter)
{
    pthread_mutex_lock(&inbox->lock);
    put_when_room(inbox, letter);
    pthread_mutex_unlock(&inbox->lock);
}

static void answer(void *to, struct letter *letter)
{
    struct question *question = to;
    (void)letter; /* the question lies with who asks */
    question->ask(question->baton);
    pthread_mutex_lock(&question->inbox->lock);
    question->answered = true;
    pthread_cond_broadcast(&question->inbox->answered);
    pthread_mutex_unlock(&question->inbox->lock);
}

bool inbox_ask(struct inbox *inbox, void (*ask)(void *baton), void *baton)
{
    struct question question = {.inbox = inbox, .ask = ask, .baton = baton};
    struct letter letter = {.deliver = answer, .to = &question};
    pthread_mutex_lock(&inbox->lock);
    put_when_room(inbox, &letter);
    while (!question.answered && !inbox->closed)
        pthread_cond_wait(&inbox->answered, &inbox->lock);
    bool answered = question.answered;
    pthread_mutex_unlock(&inbox->lock);
    return answered;
}

void inbox_nudge(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->nudged = true;
    pthread_cond_broadcast(&inbox->change);
    pthread_mutex_unlock(&inbox->lock);
}

static struct timespec in(msec wait)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    int64_t ns = at.tv_nsec + wait % 1000 * 1000000;
    at.tv_sec += wait / 1000 + ns / 1000000000;
    at.tv_nsec = ns % 1000000000;
    return at;
}

bool inbox_take(struct inbox *inbox, struct letter *letter, msec wait)
{
    struct timespec until = in(wait > 0 ? wait : 0);
    pthread_mutex_lock(&inbox->lock);
    int late = wait <= 0;
    while (inbox->count == 0 && !inbox->closed && !inbox->nudged && late == 0)
        late = pthread_cond_timedwait(&inbox->change, &inbox->lock, &until);
    inbox->nudged = false;
    bool there = inbox->count > 0 && !inbox->closed;
    if (there) {
        *letter = inbox->letter[inbox->first];
        inbox->first = (inbox->first + 1) % INBOX_ROOM;
        inbox->count--;
        pthread_cond_broadcast(&inbox->change);
    }
    pthread_mutex_unlock(&inbox->lock);
    return there;
}

void inbox_close(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->closed = true;
    pthread_cond_broadcast(&inbox->change);
    pthread_cond_broadcast(&inbox->answered);
    pthread_mutex_unlock(&inbox->lock);
}
