/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/gate.h"

#include "platform/clock.h"

#include <errno.h>
#include <time.h>

static msec now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (msec)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void gate_init(struct gate *gate, struct ring *ring)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->changed, &attr);
    pthread_condattr_destroy(&attr);
    gate->inside = 0;
    gate->ring = ring;
    gate->frozen_until = 0;
    gate->lapsed = gate->lapse_seen = false;
    atomic_store(&gate->open, false);
}

bool gate_is_open(const struct gate *gate)
{
    return atomic_load(&gate->open);
}

/* Under the lock. Nobody has to come and thaw: the first to find the time over does. */
static void wait_for_thaw(struct gate *gate)
{
    while (gate->frozen_until > now()) {
        struct timespec until = {.tv_sec = gate->frozen_until / 1000, .tv_nsec = gate->frozen_until % 1000 * 1000000};
        pthread_cond_timedwait(&gate->changed, &gate->lock, &until);
    }
    gate->frozen_until = 0;
}

/* Under the lock. */
static void check_lease(struct gate *gate)
{
    if (atomic_load(&gate->open) && ring_lease_over(gate->ring, clock_now())) {
        gate->lapsed = true;
        atomic_store(&gate->open, false);
    }
}

int gate_enter(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    if (gate->frozen_until)
        wait_for_thaw(gate);
    check_lease(gate);
    bool open = atomic_load(&gate->open);
    gate->inside += open;
    pthread_mutex_unlock(&gate->lock);
    return open ? 0 : -EROFS;
}

bool gate_enter_now(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    check_lease(gate);
    bool entered = atomic_load(&gate->open) && gate->frozen_until <= now();
    gate->inside += entered;
    pthread_mutex_unlock(&gate->lock);
    return entered;
}

void gate_leave(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    if (--gate->inside == 0)
        pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

/* Under the lock. */
static void wait_until_empty(struct gate *gate)
{
    while (gate->inside)
        pthread_cond_wait(&gate->changed, &gate->lock);
}

bool gate_shut(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    check_lease(gate);
    bool open = atomic_load(&gate->open);
    atomic_store(&gate->open, false);
    gate->lapsed = gate->lapse_seen = false;
    gate->frozen_until = 0;
    pthread_cond_broadcast(&gate->changed);
    wait_until_empty(gate);
    pthread_mutex_unlock(&gate->lock);
    return open;
}

void gate_lapse(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    check_lease(gate);
    gate->lapse_seen = true;
    wait_until_empty(gate);
    pthread_mutex_unlock(&gate->lock);
}

bool gate_open(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    bool due = !gate->lapsed && !ring_lease_over(gate->ring, clock_now());
    if (due)
        atomic_store(&gate->open, true);
    pthread_mutex_unlock(&gate->lock);
    return due;
}

bool gate_lease(struct gate *gate, msec until)
{
    pthread_mutex_lock(&gate->lock);
    check_lease(gate);
    bool granted = !gate->lapsed;
    if (granted)
        ring_lease_set(gate->ring, until);
    pthread_mutex_unlock(&gate->lock);
    return granted;
}

msec gate_lapses(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    bool pending = atomic_load(&gate->open) || (gate->lapsed && !gate->lapse_seen);
    msec lease = pending ? ring_lease(gate->ring) : 0;
    pthread_mutex_unlock(&gate->lock);
    return lease;
}

void gate_freeze(struct gate *gate, msec limit)
{
    if (limit > GATE_FREEZE_MAX)
        limit = GATE_FREEZE_MAX;
    pthread_mutex_lock(&gate->lock);
    gate->frozen_until = now() + limit;
    wait_until_empty(gate);
    pthread_mutex_unlock(&gate->lock);
}

void gate_thaw(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->frozen_until = 0;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}
