/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/rule/starts.h"
#include "platform/clock.h"

#include <time.h>

void starts_init(struct starts *starts, msec patience)
{
    pthread_condattr_t monotonic;
    *starts = (struct starts){.patience = patience};
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&starts->lock, NULL);
    pthread_cond_init(&starts->left, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void starts_destroy(struct starts *starts)
{
    pthread_cond_destroy(&starts->left);
    pthread_mutex_destroy(&starts->lock);
}

/* Under the lock. */
static void wait(struct starts *starts, msec span)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + span % 1000 * 1000000;
    until.tv_sec += span / 1000 + ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_cond_timedwait(&starts->left, &starts->lock, &until);
}

void starts_enter(struct starts *starts)
{
    pthread_mutex_lock(&starts->lock);
    if (starts->busy == 0)
        starts->moved = clock_now();
    for (msec left; starts->busy >= STARTS_AT_ONCE && (left = starts->moved + starts->patience - clock_now()) > 0;)
        wait(starts, left);
    if (starts->busy >= STARTS_AT_ONCE)
        starts->moved = clock_now();
    starts->busy++;
    pthread_mutex_unlock(&starts->lock);
}

void starts_leave(struct starts *starts)
{
    pthread_mutex_lock(&starts->lock);
    starts->busy--;
    starts->moved = clock_now();
    pthread_cond_signal(&starts->left);
    pthread_mutex_unlock(&starts->lock);
}
