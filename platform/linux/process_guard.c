/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/process_guard.c - a process that must not outlive an instant, or another process. */
#include "platform/clock.h"
#include "platform/process.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define LOOK_EVERY 50

static enum dr_code make(timer_t *timer, struct dr_error *err)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
    if (timer_create(CLOCK_BOOTTIME, &event, timer) < 0)
        return dr_fail(err, DR_IO, "cannot make the kernel timer that guards this command: %s", strerror(errno));
    return DR_OK;
}

static enum dr_code set(timer_t timer, msec at, struct dr_error *err)
{
    struct itimerspec when = {.it_value = {.tv_sec = at / 1000, .tv_nsec = at % 1000 * 1000000}};
    if (at == PROCESS_NEVER)
        when = (struct itimerspec){.it_value = {0}};
    if (at <= 0)
        return dr_fail(err, DR_TIMEOUT, "the instant until which this was safe is past");
    if (timer_settime(timer, TIMER_ABSTIME, &when, NULL) < 0)
        return dr_fail(err, DR_IO, "cannot set the kernel timer that guards this command: %s", strerror(errno));
    return DR_OK;
}

enum dr_code process_die_at(msec at, struct dr_error *err)
{
    static timer_t timer; /* one process, one instant */
    static bool made;
    enum dr_code code = made ? DR_OK : make(&timer, err);
    made = code == DR_OK;
    return made ? set(timer, at, err) : code;
}

struct guard {
    const _Atomic int64_t *until;
    timer_t timer;
};

/* A value that was read before a stall and set after it is past: the timer then fires at once, and fired before. */
static void *follow(void *baton)
{
    struct guard *guard = baton;
    struct dr_error unused;
    while (set(guard->timer, atomic_load(guard->until), &unused) == DR_OK)
        clock_sleep(LOOK_EVERY);
    kill(getpid(), SIGKILL);
    return NULL;
}

enum dr_code process_die_after(const _Atomic int64_t *until, struct dr_error *err)
{
    static struct guard guard; /* one process, one guard */
    pthread_t thread;
    guard.until = until;
    enum dr_code code = make(&guard.timer, err);
    if (code == DR_OK)
        code = set(guard.timer, atomic_load(until), err);
    if (code == DR_OK && pthread_create(&thread, NULL, follow, &guard) != 0)
        code = dr_fail(err, DR_FULL, "cannot start the thread that guards this command");
    return code;
}

/* Who may not do either is as urgent as all others. */
void process_urgent(void)
{
    struct sched_param first = {.sched_priority = 1};
    (void)mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
    (void)sched_setscheduler(0, SCHED_FIFO, &first);
}

enum dr_code process_die_with(int64_t parent, struct dr_error *err)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return dr_fail(err, DR_IO, "cannot ask for the end with the parent: %s", strerror(errno));
    if (getppid() != parent)
        return dr_fail(err, DR_CLOSED, "the process that wanted this has ended");
    return DR_OK;
}
