/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ring.h"
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

static void *memory;

static struct ring *ring_new(void)
{
    struct ring *ring;
    struct dr_error err;
    free(memory);
    memory = aligned_alloc(4096, RING_MEMORY_MIN);
    memset(memory, 0, RING_MEMORY_MIN);
    CU_ASSERT_EQUAL_FATAL(ring_create(&ring, memory, RING_MEMORY_MIN, 7, &err), DR_OK);
    return ring;
}

static void fill(struct record *r, size_t size, uint8_t byte)
{
    memset(r, 0, sizeof *r);
    r->op = RECORD_WRITE;
    r->data_len = (uint32_t)size;
    memset(r + 1, byte, size);
}

static uint64_t put_bulk(struct ring *ring, size_t size, uint8_t byte)
{
    struct record *r = ring_bulk_reserve(ring, RECORD_DATA_MAX);
    if (!r)
        return 0;
    fill(r, size, byte);
    ring_bulk_trim(ring, r);
    return ring_commit(ring, r);
}

static uint64_t put_meta(struct ring *ring, size_t size, uint8_t byte)
{
    struct record *r = ring_meta_reserve(ring, size);
    if (!r)
        return 0;
    fill(r, size, byte);
    return ring_commit(ring, r);
}

static bool holds(const struct ring *ring, uint64_t seq, size_t size, uint8_t byte)
{
    const struct record *r = ring_record(ring, seq);
    if (!r || r->seq != seq || r->data_len != size)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (record_data(r)[i] != byte)
            return false;
    }
    return true;
}

static void order_is_that_of_commit(void)
{
    struct ring *ring = ring_new();
    struct record *slow = ring_bulk_reserve(ring, 100);
    fill(slow, 100, 1);
    CU_ASSERT_EQUAL(put_meta(ring, 10, 2), 1);
    CU_ASSERT_EQUAL(ring_commit(ring, slow), 2);
    CU_ASSERT_TRUE(holds(ring, 1, 10, 2));
    CU_ASSERT_TRUE(holds(ring, 2, 100, 1));
    CU_ASSERT_EQUAL(ring_record(ring, 2)->stream, 7);
    CU_ASSERT_PTR_NULL(ring_record(ring, 0));
    CU_ASSERT_PTR_NULL(ring_record(ring, 3));
    CU_ASSERT_TRUE(ring_used(ring) >= 110 && ring_used(ring) < 1000);
    ring_release(ring, 1);
    CU_ASSERT_PTR_NULL(ring_record(ring, 1));
    CU_ASSERT_TRUE(holds(ring, 2, 100, 1));
    ring_release(ring, 2);
    CU_ASSERT_EQUAL(ring_used(ring), 0);
}

/* Far more than it holds goes through it, in sizes that leave every kind of remainder at its end. */
static void it_wraps(void)
{
    struct ring *ring = ring_new();
    uint64_t seq = 0;
    for (unsigned i = 1; i <= 3000; i++) {
        size_t size = (size_t)i * 977 % 200000, small = i % 300;
        CU_ASSERT_EQUAL_FATAL(put_bulk(ring, size, (uint8_t)i), ++seq);
        CU_ASSERT_EQUAL_FATAL(put_meta(ring, small, (uint8_t)(i + 1)), ++seq);
        CU_ASSERT_TRUE_FATAL(holds(ring, seq - 1, size, (uint8_t)i));
        CU_ASSERT_TRUE_FATAL(holds(ring, seq, small, (uint8_t)(i + 1)));
        if (seq > 20)
            ring_release(ring, seq - 20);
    }
    CU_ASSERT_EQUAL(ring_tail(ring) - ring_head(ring), 20);
}

static void full_says_so_and_nothing_is_overwritten(void)
{
    struct ring *ring = ring_new();
    uint64_t count = 0;
    while (put_bulk(ring, 100000, (uint8_t)(count + 1)))
        count++;
    CU_ASSERT_TRUE(count > 30);
    for (uint64_t seq = 1; seq <= count; seq++)
        CU_ASSERT_TRUE(holds(ring, seq, 100000, (uint8_t)seq));
    CU_ASSERT_TRUE(ring_used(ring) <= ring_size(ring));
    ring_release(ring, count / 2);
    CU_ASSERT_EQUAL(put_bulk(ring, 1000, 9), count + 1);
    CU_ASSERT_TRUE(holds(ring, count, 100000, (uint8_t)count));
}

static void cancelled_slots_come_back(void)
{
    struct ring *ring = ring_new();
    for (unsigned i = 0; i < 1000; i++) {
        struct record *bulk = ring_bulk_reserve(ring, RECORD_DATA_MAX);
        struct record *meta = ring_meta_reserve(ring, 60000);
        CU_ASSERT_PTR_NOT_NULL_FATAL(bulk);
        CU_ASSERT_PTR_NOT_NULL_FATAL(meta);
        ring_cancel(ring, bulk);
        ring_cancel(ring, meta);
    }
    CU_ASSERT_EQUAL(ring_tail(ring), 0);
}

static void broken_stops_records_until_restart(void)
{
    struct ring *ring = ring_new();
    char why[64];
    CU_ASSERT_FALSE(ring_broken(ring, why, sizeof why));
    struct record *in_hand = ring_bulk_reserve(ring, 10);
    fill(in_hand, 10, 1);
    put_meta(ring, 10, 1);
    ring_break(ring, "first reason");
    ring_break(ring, "second reason");
    CU_ASSERT_TRUE(ring_broken(ring, why, sizeof why));
    CU_ASSERT_STRING_EQUAL(why, "first reason");
    CU_ASSERT_PTR_NULL(ring_meta_reserve(ring, 10));
    CU_ASSERT_EQUAL(ring_commit(ring, in_hand), 0);
    CU_ASSERT_EQUAL(ring_tail(ring), 1);
    ring_restart(ring, 8);
    CU_ASSERT_FALSE(ring_broken(ring, why, sizeof why));
    CU_ASSERT_EQUAL(ring_used(ring), 0);
    CU_ASSERT_EQUAL(put_meta(ring, 5, 3), 1);
    CU_ASSERT_EQUAL(ring_record(ring, 1)->stream, 8);
}

/* A write that was being carried out when the stream was begun anew is the new one's. */
static void restart_keeps_what_is_in_hand(void)
{
    struct ring *ring = ring_new();
    while (put_bulk(ring, 200000, 1))
        ;
    ring_release(ring, 8);
    struct record *in_hand = ring_bulk_reserve(ring, 1000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(in_hand);
    fill(in_hand, 1000, 5);
    ring_restart(ring, 8);
    for (unsigned i = 0; i < 20; i++)
        CU_ASSERT_TRUE(put_bulk(ring, 200000, 2) > 0);
    ring_set_term(ring, 3);
    CU_ASSERT_EQUAL(ring_commit(ring, in_hand), 21);
    CU_ASSERT_TRUE(holds(ring, 21, 1000, 5));
    CU_ASSERT_EQUAL(ring_record(ring, 21)->term, 3);
    CU_ASSERT_TRUE(holds(ring, 1, 200000, 2));
}

static void too_many_small_records_break_it(void)
{
    struct ring *ring = ring_new();
    uint64_t count = 0;
    char why[8];
    struct record *r;
    /* Both arenas, the smallest records there are: the index may fill before the memory does. */
    while ((r = ring_bulk_reserve(ring, 0)) || (r = ring_meta_reserve(ring, 0))) {
        fill(r, 0, 0);
        count += ring_commit(ring, r) > 0;
    }
    CU_ASSERT_TRUE(ring_broken(ring, why, sizeof why));
    CU_ASSERT_EQUAL(ring_tail(ring), count);
    CU_ASSERT_TRUE(holds(ring, 1, 0, 0) && holds(ring, count, 0, 0));
}

static void foreign_memory_is_refused(void)
{
    struct ring *ring = ring_new(), *other;
    struct dr_error err;
    CU_ASSERT_EQUAL(ring_attach(&other, memory, RING_MEMORY_MIN, &err), DR_OK);
    CU_ASSERT_PTR_EQUAL(other, ring);
    CU_ASSERT_EQUAL(ring_attach(&other, memory, RING_MEMORY_MIN / 2, &err), DR_CORRUPT);
    memset(memory, 0, 8);
    CU_ASSERT_EQUAL(ring_attach(&other, memory, RING_MEMORY_MIN, &err), DR_CORRUPT);
    CU_ASSERT_EQUAL(ring_create(&other, memory, RING_MEMORY_MIN - 1, 1, &err), DR_INVALID);
}

/* ---- one bulk thread, two meta threads, one reader that "dies" and starts again from head ---- */

#define ROUNDS 20000u

struct crowd {
    struct ring *ring;
    pthread_mutex_t sequence;
    pthread_mutex_t bell_lock;
    pthread_cond_t bell;
    unsigned rings;
    unsigned wrong;
};

static void crowd_wake(struct crowd *c)
{
    if (!ring_wake_wanted(c->ring))
        return;
    pthread_mutex_lock(&c->bell_lock);
    c->rings++;
    pthread_cond_signal(&c->bell);
    pthread_mutex_unlock(&c->bell_lock);
}

static void *bulk_thread(void *baton)
{
    struct crowd *c = baton;
    for (unsigned i = 0; i < ROUNDS;) {
        struct record *r = ring_bulk_reserve(c->ring, 4096);
        if (!r) {
            sched_yield();
            continue;
        }
        fill(r, i % 4096, (uint8_t)i);
        ring_bulk_trim(c->ring, r);
        pthread_mutex_lock(&c->sequence);
        ring_commit(c->ring, r);
        pthread_mutex_unlock(&c->sequence);
        crowd_wake(c);
        i++;
    }
    return NULL;
}

static void *meta_thread(void *baton)
{
    struct crowd *c = baton;
    for (unsigned i = 0; i < ROUNDS;) {
        pthread_mutex_lock(&c->sequence);
        bool done = put_meta(c->ring, i % 200, (uint8_t)i) > 0;
        pthread_mutex_unlock(&c->sequence);
        if (!done)
            sched_yield();
        else
            i++;
        crowd_wake(c);
    }
    return NULL;
}

static void reader_waits(struct crowd *c, uint64_t seq)
{
    pthread_mutex_lock(&c->bell_lock);
    unsigned before = c->rings;
    if (ring_sleep(c->ring, seq)) {
        while (c->rings == before)
            pthread_cond_wait(&c->bell, &c->bell_lock);
    }
    pthread_mutex_unlock(&c->bell_lock);
}

static void *reader_thread(void *baton)
{
    struct crowd *c = baton;
    uint64_t seq = 0, death = 1000;
    while (seq < 3 * ROUNDS) {
        while (ring_tail(c->ring) <= seq) /* a bell may be that of a record already seen */
            reader_waits(c, seq);
        const struct record *r = ring_record(c->ring, seq + 1);
        c->wrong += !r || (r->data_len && !holds(c->ring, seq + 1, r->data_len, record_data(r)[0]));
        seq++;
        if (seq % 64 == 0)
            ring_release(c->ring, seq);
        if (seq == death) {
            seq = ring_head(c->ring); /* a new reader begins where the last one let go */
            death += 1000;
        }
    }
    return NULL;
}

static void threads_and_a_reader_that_restarts(void)
{
    struct crowd c = {.ring = ring_new(),
                      .sequence = PTHREAD_MUTEX_INITIALIZER,
                      .bell_lock = PTHREAD_MUTEX_INITIALIZER,
                      .bell = PTHREAD_COND_INITIALIZER};
    void *(*const bodies[])(void *) = {reader_thread, bulk_thread, meta_thread, meta_thread};
    pthread_t threads[4];
    for (unsigned i = 0; i < 4; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, bodies[i], &c), 0);
    for (unsigned i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(c.wrong, 0);
    CU_ASSERT_EQUAL(ring_tail(c.ring), 3 * ROUNDS);
}

static void a_lease_is_moved_until_it_is_over(void)
{
    struct ring *ring = ring_new();
    CU_ASSERT_EQUAL(ring_lease(ring), 0);
    CU_ASSERT_FALSE(ring_lease_over(ring, INT64_MAX)); /* for ever */
    ring_lease_set(ring, 100);
    CU_ASSERT_TRUE(ring_lease_move(ring, 200, 99));
    CU_ASSERT_FALSE(ring_lease_over(ring, 199));
    CU_ASSERT_FALSE(ring_lease_move(ring, 300, 200)); /* nobody has looked, but it is */
    CU_ASSERT_TRUE(ring_lease_over(ring, 200));
    CU_ASSERT_FALSE(ring_lease_move(ring, 300, 150)); /* for good */
    CU_ASSERT_TRUE(ring_lease_over(ring, 0));
    ring_lease_set(ring, 300);
    CU_ASSERT_FALSE(ring_lease_over(ring, 299));
    CU_ASSERT_TRUE(ring_lease_move(ring, 50, 299)); /* a shorter one counts too */
    CU_ASSERT_TRUE(ring_lease_over(ring, 50));
}

static void *move_on(void *baton)
{
    struct ring *ring = baton;
    for (msec now = 0; now < 490 && ring_lease_move(ring, now + 10, now); now++)
        ;
    return NULL;
}

/* Whoever ends it and whoever moves it at that moment agree: what is over stays so. */
static void a_lease_has_one_end(void)
{
    for (int round = 0; round < 200; round++) {
        struct ring *ring = ring_new();
        pthread_t thread;
        ring_lease_set(ring, 5);
        CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, move_on, ring), 0);
        while (!ring_lease_over(ring, 500))
            ;
        pthread_join(thread, NULL);
        CU_ASSERT_TRUE(ring_lease_over(ring, 0));
        CU_ASSERT_FALSE(ring_lease_move(ring, 1000, 0));
    }
}

int main(void)
{
    CU_TestInfo cases[] = {{"the order is that of commit, not of reservation", order_is_that_of_commit},
                           {"it wraps", it_wraps},
                           {"full says so and nothing is overwritten", full_says_so_and_nothing_is_overwritten},
                           {"cancelled slots come back", cancelled_slots_come_back},
                           {"broken stops records until restart", broken_stops_records_until_restart},
                           {"restart keeps what is in hand", restart_keeps_what_is_in_hand},
                           {"too many small records break it", too_many_small_records_break_it},
                           {"foreign memory is refused", foreign_memory_is_refused},
                           {"threads, and a reader that restarts", threads_and_a_reader_that_restarts},
                           {"a lease is moved until it is over", a_lease_is_moved_until_it_is_over},
                           {"a lease has one end", a_lease_has_one_end},
                           CU_TEST_INFO_NULL};
    int status = unit_run("ring", cases);
    free(memory);
    return status;
}
