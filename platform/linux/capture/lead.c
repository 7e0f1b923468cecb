/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/lead.h"

#include <string.h>
#include <unistd.h>

struct waiter {
    const void *who;
    unsigned seat;
    TAILQ_ENTRY(waiter) next;
};

/* Under the lock, which it lets go before it wakes anybody, who would only run into it. The waiter may be gone by then;
 * its seat is not. To whoever has rested longest: see LEAD_TURN. */
static void vacate(struct lead *l)
{
    struct waiter *first = TAILQ_FIRST(&l->waiters);
    l->leader = first ? first->who : NULL;
    l->carrying = false;
    l->turn = 0;
    pthread_cond_t *given = NULL;
    if (first) {
        TAILQ_REMOVE(&l->waiters, first, next);
        l->idle--;
        given = &l->given[first->seat];
    }
    pthread_mutex_unlock(&l->lock);
    if (given)
        pthread_cond_broadcast(given); /* should others sit there, they go on waiting */
    else
        l->more(l->baton);
}

void lead_take(struct lead *l, const void *who)
{
    struct waiter self = {.who = who};
    pthread_mutex_lock(&l->lock);
    if (!l->leader) {
        l->leader = who;
    } else {
        self.seat = l->seat++ % LEAD_SEATS;
        TAILQ_INSERT_TAIL(&l->waiters, &self, next);
        l->idle++;
        while (l->leader != who)
            pthread_cond_wait(&l->given[self.seat], &l->lock);
    }
    pthread_mutex_unlock(&l->lock);
}

void lead_give(struct lead *l)
{
    pthread_mutex_lock(&l->lock);
    l->away++;
    vacate(l);
}

bool lead_keep(struct lead *l)
{
    pthread_mutex_lock(&l->lock);
    bool keep = l->rest == 0 && l->away == 0;
    l->carrying = keep;
    l->carried += keep;
    if (keep && l->asleep)
        pthread_cond_signal(&l->kept);
    pthread_mutex_unlock(&l->lock);
    return keep;
}

void lead_done(struct lead *l, const void *who)
{
    pthread_mutex_lock(&l->lock);
    if (l->leader == who)
        l->carrying = false;
    else
        l->away--;
    pthread_mutex_unlock(&l->lock);
}

bool lead_kept(struct lead *l, const void *who, size_t bytes)
{
    pthread_mutex_lock(&l->lock);
    bool leads = l->leader == who;
    l->turn += leads ? 1 + bytes / LEAD_PART : 0;
    if (leads && l->turn >= LEAD_TURN && l->idle) {
        vacate(l);
        return false;
    }
    pthread_mutex_unlock(&l->lock);
    return leads;
}

unsigned lead_idle(struct lead *l)
{
    pthread_mutex_lock(&l->lock);
    unsigned idle = l->idle;
    pthread_mutex_unlock(&l->lock);
    return idle;
}

/* ---- the watch ---- */

static void tick(struct lead *l)
{
    pthread_mutex_unlock(&l->lock);
    usleep(LEAD_TICK_US);
    pthread_mutex_lock(&l->lock);
}

/* Whoever still carries out what it did a tick ago is relieved. So nothing is being carried out when the count stood
 * still for a tick, and the watch may sleep until it moves. */
static void *watch(void *baton)
{
    struct lead *l = baton;
    unsigned quiet = 0;
    pthread_mutex_lock(&l->lock);
    while (!l->end) {
        uint64_t before = l->carried;
        if (quiet > LEAD_QUIET && l->rest == 0) {
            l->asleep = true;
            pthread_cond_wait(&l->kept, &l->lock);
            l->asleep = false;
            quiet = 0;
            continue;
        }
        tick(l);
        l->rest -= l->rest > 0;
        quiet = l->carried == before ? quiet + 1 : 0;
        if (quiet && l->carrying) {
            l->rest = LEAD_REST;
            l->away++;
            vacate(l);
            pthread_mutex_lock(&l->lock);
        }
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

enum dr_code lead_init(struct lead *l, void (*more)(void *baton), void *baton, struct dr_error *err)
{
    *l = (struct lead){.more = more, .baton = baton};
    pthread_mutex_init(&l->lock, NULL);
    TAILQ_INIT(&l->waiters);
    pthread_cond_init(&l->kept, NULL);
    for (unsigned i = 0; i < LEAD_SEATS; i++)
        pthread_cond_init(&l->given[i], NULL);
    int error = pthread_create(&l->watch, NULL, watch, l);
    return error ? dr_fail(err, DR_FULL, "cannot start a thread: %s", strerror(error)) : DR_OK;
}

void lead_end(struct lead *l)
{
    pthread_mutex_lock(&l->lock);
    l->end = true;
    pthread_cond_signal(&l->kept);
    pthread_mutex_unlock(&l->lock);
    pthread_join(l->watch, NULL);
}
