/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/agent/faults.h"
#include "tests/unit/agent/stand.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define RECORDS 150

static struct world world;
static struct world_record record;

struct shared { /* what the child said before it died */
    uint64_t durable;
    bool mirrored;
};
static struct shared *said;

static void note_durable(const struct stand *s)
{
    struct target_progress p;
    target_progress(s->target, &p);
    said->durable = p.durable;
}

/* A peer and its target in one process, to the last record. false: s->err says what is in the way. */
static bool live(struct stand *s, uint64_t seed)
{
    world_init(&world, seed);
    for (int i = 0; i < 20; i++)
        world_step(&world, &record);
    if (stand_open(s) || stand_mirror(s, &world))
        return false;
    said->mirrored = true;
    for (int i = 0; i < RECORDS; i++) {
        world_step(&world, &record);
        stand_put(s, &record);
        if (i % 5 == 0 && stand_send(s))
            return false;
        note_durable(s);
    }
    return !stand_send(s) && stand_applied(s, world.seq);
}

static void live_and_end(struct stand *s, uint64_t seed)
{
    if (!live(s, seed) || target_finish(s->target, &s->err))
        _exit(2);
    stand_close(s);
    _exit(0);
}

/* Runs `what` in a child that ends at its n-th call. true: it came to its end before. */
static bool ends_before(long n, void (*what)(struct stand *s, uint64_t seed), struct stand *s, uint64_t seed)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        faults_after(n, true, 0, false);
        what(s, seed);
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
    return WIFEXITED(status);
}

static void recover_once(struct stand *s, uint64_t seed)
{
    (void)seed;
    enum dr_code code = stand_open(s);
    if (code)
        fprintf(stderr, "recovery, seed %llu: %s\n", (unsigned long long)seed, s->err.text);
    _exit(code ? 5 : 0);
}

static bool level(struct stand *s, uint64_t seed, uint64_t seq)
{
    char why[256];
    world_init(&world, seed);
    while (world.seq < seq)
        world_step(&world, &record);
    bool same = world_same(&world, s->root, why);
    if (!same)
        fprintf(stderr, "seed %llu, record %llu: %s\n", (unsigned long long)seed, (unsigned long long)seq, why);
    return same;
}

static bool level_at_end(struct stand *s, uint64_t seed)
{
    enum dr_code code;
    for (int tries = 0; (code = target_finish(s->target, &s->err)) && tries < 300; tries++)
        usleep(100000); /* a failure that it is still getting over */
    return !code && level(s, seed, world.seq);
}

/* What the target says that it holds is what is there; nothing that it called durable is missing. */
static void check_prefix(struct stand *s, uint64_t seed)
{
    struct target_progress p;
    CU_ASSERT_EQUAL_FATAL(stand_open(s), DR_OK);
    target_progress(s->target, &p);
    if (p.mixed || p.stream == 0) {
        CU_ASSERT_FALSE(said->mirrored);
    } else {
        CU_ASSERT_TRUE(p.applied >= said->durable && p.durable == p.applied);
        CU_ASSERT_TRUE(level(s, seed, p.applied));
    }
}

/* And it goes on from there, by a mirror if it is mixed. */
static void check_goes_on(struct stand *s, uint64_t seed)
{
    struct target_progress p;
    target_progress(s->target, &p);
    world_init(&world, seed);
    for (int i = 0; i < 20 || world.seq < p.applied; i++)
        world_step(&world, &record);
    if (p.mixed || p.stream == 0)
        CU_ASSERT_EQUAL(stand_mirror(s, &world), DR_OK)
    else
        CU_ASSERT_EQUAL(stand_begin(s, 1, p.applied, false), DR_OK);
    while (world.seq < RECORDS + 30) {
        world_step(&world, &record);
        stand_put(s, &record);
    }
    CU_ASSERT_EQUAL(stand_send(s), DR_OK);
    CU_ASSERT_TRUE(stand_applied(s, world.seq));
    CU_ASSERT_EQUAL(target_finish(s->target, &s->err), DR_OK);
    CU_ASSERT_TRUE(level(s, seed, world.seq));
}

static bool die_once(const char *below, uint64_t seed, long n)
{
    struct stand s;
    stand_make(&s, below);
    s.checkpoint_every = 1 + (msec)(seed % 5) * 10;
    *said = (struct shared){.durable = 0};
    bool ended = ends_before(n, live_and_end, &s, seed);
    for (long k = 3 + n % 37; !ended && !ends_before(k, recover_once, &s, seed); k *= 3)
        ; /* it dies in recovery too, ever later */
    check_prefix(&s, seed);
    check_goes_on(&s, seed);
    stand_close(&s);
    stand_remove(&s);
    return ended;
}

static void die_everywhere(const char *below, uint64_t seeds)
{
    unsigned deaths = 0;
    for (uint64_t seed = 1; seed <= seeds; seed++)
        for (long n = (long)seed * 3; n < 3000; n += 29 + n / 8)
            deaths += !die_once(below, seed, n);
    CU_ASSERT_TRUE(deaths > 10);
}

static void killed_on_ext4(void)
{
    die_everywhere("/var/tmp", 3);
}

static void killed_on_tmpfs(void)
{
    die_everywhere("/dev/shm", 9);
}

/* ---- calls that fail ---- */

static bool fail_once(uint64_t seed, long n, int error)
{
    struct stand s;
    stand_make(&s, "/dev/shm");
    s.checkpoint_every = 20;
    faults_after(n, false, error, false);
    if (!live(&s, seed)) { /* it could not even start, and said why; the second time it can */
        CU_ASSERT_TRUE(faults_fired() && s.err.text[0]);
        stand_close(&s);
        CU_ASSERT_TRUE(live(&s, seed));
    }
    CU_ASSERT_TRUE(level_at_end(&s, seed));
    stand_close(&s);
    stand_remove(&s);
    bool fired = faults_fired();
    faults_after(0, false, 0, false);
    return fired;
}

static void every_failure_is_got_over(void)
{
    bool fired = true;
    for (long n = 1; fired; n += 1 + n / 5)
        fired = fail_once(3, n, n % 2 ? ENOSPC : EIO);
}

static void a_full_disk_stops_it_and_loses_nothing(void)
{
    struct stand s;
    struct target_progress p;
    stand_make(&s, "/dev/shm");
    CU_ASSERT_TRUE_FATAL(live(&s, 4));
    faults_after(1, false, ENOSPC, true);
    for (int i = 0; i < 30; i++) {
        world_step(&world, &record);
        stand_put(&s, &record);
    }
    CU_ASSERT_EQUAL(stand_send(&s), DR_OK);
    target_progress(s.target, &p);
    for (int i = 0; i < 50 && !p.broken[0]; i++)
        target_wait(s.target, &p, 100);
    CU_ASSERT_PTR_NOT_NULL(strstr(p.broken, "No space left"));
    CU_ASSERT_EQUAL(p.durable, 20 + RECORDS);
    faults_after(0, false, 0, false);
    for (int i = 0; i < 50 && p.broken[0]; i++)
        target_wait(s.target, &p, 100);
    CU_ASSERT_TRUE(stand_applied(&s, world.seq));
    CU_ASSERT_TRUE(level_at_end(&s, 4));
    stand_close(&s);
    stand_remove(&s);
}

int main(void)
{
    said = mmap(NULL, sizeof *said, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CU_TestInfo cases[] = {{"killed at any call, a disk", killed_on_ext4},
                           {"killed at any call, tmpfs", killed_on_tmpfs},
                           {"every failure is got over", every_failure_is_got_over},
                           {"a full disk stops it, and loses nothing", a_full_disk_stops_it_and_loses_nothing},
                           CU_TEST_INFO_NULL};
    return unit_run("recovery", cases);
}
