/* SPDX-License-Identifier: Apache-2.0
 * Errands wait without a thread, are carried by one worker at a time, and one kind never stops another. */
#include "agent/errand.h"
#include "platform/clock.h"
#include "tests/unit/unit.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LIMIT 20000 /* only a test that fails waits so long */
#define MANY  1000u

static struct errands *all;
static struct dr_error err;
static atomic_int together, most_together, overs;
static char said[512];
static pthread_mutex_t said_lock = PTHREAD_MUTEX_INITIALIZER;

struct job {
    struct errand *errand;
    struct errand_rest rest; /* what it answers */
    int bell;                /* eventfd; -1: none. It is read by carry() */
    msec takes;              /* ms */
    int gate;                /* eventfd; -1: none. carry() waits for it */
    atomic_int carried, inside;
};

static void say(void *baton, const char *line)
{
    (void)baton;
    pthread_mutex_lock(&said_lock);
    snprintf(said, sizeof said, "%s", line);
    pthread_mutex_unlock(&said_lock);
}

static void set_up(unsigned send, unsigned receive)
{
    struct errands_config config = {.say = say};
    config.most[ERRAND_SEND] = send;
    config.most[ERRAND_RECEIVE] = receive;
    atomic_store(&most_together, 0);
    atomic_store(&overs, 0);
    said[0] = '\0';
    CU_ASSERT_EQUAL_FATAL(errands_create(&all, &config, &err), DR_OK);
}

static void enter(void)
{
    int now = atomic_fetch_add(&together, 1) + 1, most = atomic_load(&most_together);
    while (now > most && !atomic_compare_exchange_weak(&most_together, &most, now))
        ;
}

static struct errand_rest carry(void *baton)
{
    struct job *job = baton;
    eventfd_t count;
    enter();
    CU_ASSERT_EQUAL(atomic_fetch_add(&job->inside, 1), 0);
    if (job->bell >= 0)
        (void)eventfd_read(job->bell, &count);
    if (job->takes > 0)
        clock_sleep(job->takes);
    struct pollfd gate = {.fd = job->gate, .events = POLLIN};
    if (job->gate >= 0)
        (void)poll(&gate, 1, LIMIT);
    struct errand_rest rest = job->rest;
    atomic_fetch_sub(&job->inside, 1);
    atomic_fetch_sub(&together, 1);
    atomic_fetch_add(&job->carried, 1);
    return rest;
}

static void over(void *baton)
{
    (void)baton;
    atomic_fetch_add(&overs, 1);
}

static struct job job_of(enum errand_kind kind)
{
    return (struct job){.rest = {ERRAND_PARK, kind, INT64_MAX}, .bell = -1, .gate = -1};
}

static void begin(struct job *job)
{
    struct errand_config config = {.carry = carry, .over = over, .baton = job, .kind = job->rest.kind};
    config.descriptor[0] = -1;
    config.descriptor[1] = job->bell;
    CU_ASSERT_EQUAL_FATAL(errand_begin(&job->errand, all, &config, &err), DR_OK);
}

static bool wait_for(atomic_int *number, int least)
{
    for (msec until = clock_now() + LIMIT; clock_now() < until && atomic_load(number) < least;)
        clock_sleep(1);
    return atomic_load(number) >= least;
}

static bool wait_threads(unsigned most)
{
    for (msec until = clock_now() + LIMIT; clock_now() < until && errands_threads(all) > most;)
        clock_sleep(5);
    return errands_threads(all) <= most;
}

static void a_descriptor_a_wish_and_a_moment_wake_it(void)
{
    set_up(0, 0);
    struct job job = job_of(ERRAND_SEND);
    job.bell = eventfd(0, EFD_NONBLOCK);
    begin(&job);
    CU_ASSERT_TRUE(wait_for(&job.carried, 1));
    (void)eventfd_write(job.bell, 1);
    CU_ASSERT_TRUE(wait_for(&job.carried, 2));
    errand_wake(job.errand);
    CU_ASSERT_TRUE(wait_for(&job.carried, 3));
    job.rest.until = clock_now() + 50; /* it is parked: nobody reads this now */
    errand_wake(job.errand);
    CU_ASSERT_TRUE(wait_for(&job.carried, 5));
    errand_end(job.errand);
    close(job.bell);
    errands_destroy(all);
}

/* What rings while it is carried, or before it is parked, is not lost. */
static void no_bell_is_lost(void)
{
    set_up(0, 0);
    struct job job = job_of(ERRAND_SEND);
    job.bell = eventfd(0, EFD_NONBLOCK);
    begin(&job);
    for (int i = 1; i <= 3000; i++) {
        int before = atomic_load(&job.carried);
        if (i % 3 == 0)
            errand_wake(job.errand);
        else
            (void)eventfd_write(job.bell, 1);
        CU_ASSERT_TRUE_FATAL(wait_for(&job.carried, before + 1));
    }
    errand_end(job.errand);
    close(job.bell);
    errands_destroy(all);
}

static void one_that_sleeps_is_deaf(void)
{
    set_up(0, 0);
    struct job job = job_of(ERRAND_HEAR);
    job.rest.next = ERRAND_SLEEP;
    job.bell = eventfd(1, EFD_NONBLOCK | EFD_SEMAPHORE);
    begin(&job);
    CU_ASSERT_TRUE(wait_for(&job.carried, 1));
    (void)eventfd_write(job.bell, 5);
    clock_sleep(50);
    CU_ASSERT_EQUAL(atomic_load(&job.carried), 1);
    errand_wake(job.errand);
    CU_ASSERT_TRUE(wait_for(&job.carried, 2));
    errand_end(job.errand);
    close(job.bell);
    errands_destroy(all);
}

static void an_end_waits_for_who_carries(void)
{
    set_up(0, 0);
    struct job job = job_of(ERRAND_RECEIVE);
    job.takes = 100;
    begin(&job);
    CU_ASSERT_TRUE(wait_for(&job.inside, 1));
    errand_wake(job.errand); /* does not bring it back either */
    errand_end(job.errand);
    CU_ASSERT_EQUAL(atomic_load(&job.inside), 0);
    CU_ASSERT_EQUAL(atomic_load(&job.carried), 1);
    errands_destroy(all);
}

static void one_that_is_over_says_so_once(void)
{
    set_up(0, 0);
    static struct job job[50];
    for (int i = 0; i < 50; i++) {
        job[i] = job_of(ERRAND_TELL);
        job[i].rest.next = ERRAND_OVER;
        begin(&job[i]);
    }
    CU_ASSERT_TRUE(wait_for(&overs, 50));
    clock_sleep(20);
    CU_ASSERT_EQUAL(atomic_load(&overs), 50);
    errands_destroy(all);
}

static void a_thousand_wait_without_a_thread(void)
{
    set_up(4, 0);
    static struct job job[MANY];
    for (unsigned i = 0; i < MANY; i++) {
        job[i] = job_of(ERRAND_SEND);
        job[i].takes = i % 100 == 0;
        begin(&job[i]);
    }
    for (int round = 1; round <= 3; round++) {
        for (unsigned i = 0; i < MANY; i++)
            CU_ASSERT_TRUE_FATAL(wait_for(&job[i].carried, round));
        for (unsigned i = 0; i < MANY; i++)
            errand_wake(job[i].errand);
    }
    for (unsigned i = 0; i < MANY; i++)
        CU_ASSERT_TRUE_FATAL(wait_for(&job[i].carried, 4));
    CU_ASSERT_TRUE(atomic_load(&most_together) <= 4);
    CU_ASSERT_TRUE(wait_threads(2));
    for (unsigned i = 0; i < MANY; i++)
        errand_end(job[i].errand);
    errands_destroy(all);
}

/* Also where something goes on all the time. */
static void workers_that_are_too_many_leave(void)
{
    set_up(40, 0);
    static struct job job[40], busy;
    for (int i = 0; i < 40; i++) {
        job[i] = job_of(ERRAND_SEND);
        job[i].takes = 100;
        begin(&job[i]);
    }
    for (int i = 0; i < 40; i++)
        CU_ASSERT_TRUE(wait_for(&job[i].carried, 1));
    CU_ASSERT_TRUE(atomic_load(&most_together) > 10);
    busy = job_of(ERRAND_HEAR);
    begin(&busy);
    for (msec until = clock_now() + LIMIT; errands_threads(all) > 3 && clock_now() < until; clock_sleep(1))
        errand_wake(busy.errand);
    CU_ASSERT_TRUE(errands_threads(all) <= 3);
    for (int i = 0; i < 40; i++)
        errand_end(job[i].errand);
    errand_end(busy.errand);
    errands_destroy(all);
}

static void what_blocks_delays_its_own_kind_only(void)
{
    set_up(3, 2);
    static struct job blocked[6];
    struct job other = job_of(ERRAND_RECEIVE);
    int gate = eventfd(0, EFD_NONBLOCK);
    for (int i = 0; i < 6; i++) {
        blocked[i] = job_of(ERRAND_SEND);
        blocked[i].gate = gate;
        begin(&blocked[i]);
    }
    CU_ASSERT_TRUE(wait_for(&together, 3));
    begin(&other);
    CU_ASSERT_TRUE(wait_for(&other.carried, 1));
    for (int i = 2; i <= 100; i++) {
        errand_wake(other.errand);
        CU_ASSERT_TRUE_FATAL(wait_for(&other.carried, i));
    }
    CU_ASSERT_EQUAL(atomic_load(&together), 3);
    /* It is told that the others wait. */
    bool told = false;
    for (msec until = clock_now() + LIMIT; !told && clock_now() < until; clock_sleep(20)) {
        pthread_mutex_lock(&said_lock);
        told = strstr(said, "3 sessions wait to send") != NULL;
        pthread_mutex_unlock(&said_lock);
        errand_wake(other.errand);
    }
    CU_ASSERT_TRUE(told);
    (void)eventfd_write(gate, 1);
    for (int i = 0; i < 6; i++) {
        CU_ASSERT_TRUE(wait_for(&blocked[i].carried, 1));
        errand_end(blocked[i].errand);
    }
    errand_end(other.errand);
    close(gate);
    errands_destroy(all);
}

static void who_has_more_to_do_goes_behind_the_others(void)
{
    set_up(1, 0);
    struct job greedy = job_of(ERRAND_SEND), modest = job_of(ERRAND_SEND);
    greedy.rest.next = ERRAND_AGAIN;
    begin(&greedy);
    CU_ASSERT_TRUE(wait_for(&greedy.carried, 10));
    begin(&modest);
    for (int i = 1; i <= 20; i++) {
        CU_ASSERT_TRUE_FATAL(wait_for(&modest.carried, i));
        errand_wake(modest.errand);
    }
    errand_end(greedy.errand);
    errand_end(modest.errand);
    errands_destroy(all);
}

/* ---- another kind ---- */

struct turner {
    struct errand *errand;
    atomic_int turned, refused;
    int gate;
};

static struct errand_rest turn(void *baton)
{
    struct turner *t = baton;
    struct pollfd gate = {.fd = t->gate, .events = POLLIN};
    if (!errand_turn(t->errand, ERRAND_RECEIVE)) {
        atomic_fetch_add(&t->refused, 1);
        return (struct errand_rest){ERRAND_AGAIN, ERRAND_RECEIVE, INT64_MAX}; /* when there is room */
    }
    atomic_fetch_add(&t->turned, 1);
    (void)poll(&gate, 1, LIMIT);
    return (struct errand_rest){ERRAND_PARK, ERRAND_SEND, INT64_MAX};
}

static void one_becomes_another_kind_where_there_is_room(void)
{
    set_up(3, 1);
    struct turner first = {.gate = eventfd(0, EFD_NONBLOCK)}, second = {.gate = eventfd(1, EFD_NONBLOCK)};
    struct errand_config config = {.carry = turn, .baton = &first, .kind = ERRAND_SEND, .descriptor = {-1, -1}};
    CU_ASSERT_EQUAL_FATAL(errand_begin(&first.errand, all, &config, &err), DR_OK);
    CU_ASSERT_TRUE(wait_for(&first.turned, 1));
    config.baton = &second;
    CU_ASSERT_EQUAL_FATAL(errand_begin(&second.errand, all, &config, &err), DR_OK);
    CU_ASSERT_TRUE(wait_for(&second.refused, 1));
    clock_sleep(20);
    CU_ASSERT_EQUAL(atomic_load(&second.turned), 0);
    CU_ASSERT_EQUAL(atomic_load(&second.refused), 1); /* it waits, and does not ask again and again */
    (void)eventfd_write(first.gate, 1);
    CU_ASSERT_TRUE(wait_for(&second.turned, 1));
    errand_end(first.errand);
    errand_end(second.errand);
    close(first.gate);
    close(second.gate);
    errands_destroy(all);
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"a descriptor, a wish and a moment wake it", a_descriptor_a_wish_and_a_moment_wake_it},
        {"no bell is lost", no_bell_is_lost},
        {"one that sleeps is deaf to its descriptors", one_that_sleeps_is_deaf},
        {"an end waits for who carries", an_end_waits_for_who_carries},
        {"one that is over says so once", one_that_is_over_says_so_once},
        {"a thousand wait without a thread", a_thousand_wait_without_a_thread},
        {"workers that are too many leave", workers_that_are_too_many_leave},
        {"what blocks delays its own kind only, and it is told", what_blocks_delays_its_own_kind_only},
        {"who has more to do goes behind the others", who_has_more_to_do_goes_behind_the_others},
        {"one becomes another kind where there is room", one_becomes_another_kind_where_there_is_room},
        CU_TEST_INFO_NULL};
    return unit_run("errand", cases);
}
