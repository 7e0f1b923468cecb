/* SPDX-License-Identifier: Apache-2.0
 * Source and target in one process over TLS: mirror, stream, resume. */
#include "platform/clock.h"
#include "tests/unit/agent/rig.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RING  (256u << 20)
#define LIMIT 60000

static void play(struct rig *rig, uint64_t seed, unsigned changes)
{
    struct player player = {.played = &rig->played, .random = seed};
    for (unsigned i = 0; i < changes; i++)
        player_change(&player);
}

static struct source_status status_of(struct rig *rig)
{
    struct source_status status;
    source_status(rig->source, &status);
    return status;
}

static void wait_mirrors(struct rig *rig, uint64_t mirrors)
{
    for (msec end = clock_now() + LIMIT; status_of(rig).mirrors < mirrors && clock_now() < end;)
        clock_sleep(1);
}

static void a_tree_is_mirrored_and_followed(void)
{
    struct rig rig;
    rig_open(&rig, RING);
    play(&rig, 11, 2000);
    rig_source_start(&rig, 1);
    CU_ASSERT_TRUE_FATAL(rig_level(&rig, LIMIT));
    CU_ASSERT_EQUAL(rig_differences(&rig), 0);
    play(&rig, 12, 2000);
    CU_ASSERT_TRUE_FATAL(rig_level(&rig, LIMIT));
    CU_ASSERT_EQUAL(rig_differences(&rig), 0);
    CU_ASSERT_EQUAL(status_of(&rig).mirrors, 1);
    CU_ASSERT_EQUAL(status_of(&rig).lag_records, 0);
    rig_close(&rig);
}

/* ---- changes meanwhile ---- */

struct loader {
    struct player player;
    pthread_t thread;
    pthread_mutex_t lock;
    bool stop;
};

static bool stopped(struct loader *loader)
{
    pthread_mutex_lock(&loader->lock);
    bool stop = loader->stop;
    pthread_mutex_unlock(&loader->lock);
    return stop;
}

static void *load(void *baton)
{
    struct loader *loader = baton;
    while (!stopped(loader))
        player_change(&loader->player);
    return NULL;
}

static void loader_start(struct loader *loader, struct rig *rig, uint64_t seed)
{
    *loader = (struct loader){.player = {.played = &rig->played, .random = seed}};
    pthread_mutex_init(&loader->lock, NULL);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&loader->thread, NULL, load, loader), 0);
}

static void loader_stop(struct loader *loader)
{
    pthread_mutex_lock(&loader->lock);
    loader->stop = true;
    pthread_mutex_unlock(&loader->lock);
    pthread_join(loader->thread, NULL);
    pthread_mutex_destroy(&loader->lock);
}

static void mirror_under_load(uint64_t seed, bool onto_old_data)
{
    struct rig rig;
    struct loader loader;
    rig_open(&rig, RING);
    play(&rig, seed, 1500);
    if (onto_old_data) { /* the target has some earlier state, and forgets which */
        rig_source_start(&rig, 1);
        CU_ASSERT_TRUE_FATAL(rig_level(&rig, LIMIT));
        rig_source_stop(&rig);
        play(&rig, seed + 1, 1500);
        struct dr_error err;
        struct source_feed feed = played_feed(&rig.played);
        CU_ASSERT_EQUAL_FATAL(feed.restart(feed.baton, 4712, &err), DR_OK);
    }
    loader_start(&loader, &rig, seed + 2);
    rig_source_start(&rig, 1);
    wait_mirrors(&rig, 1);
    clock_sleep(300);
    loader_stop(&loader);
    CU_ASSERT_TRUE_FATAL(rig_level(&rig, LIMIT));
    CU_ASSERT_EQUAL_FATAL(rig_differences(&rig), 0);
    CU_ASSERT_EQUAL(status_of(&rig).mirrors, 1);
    rig_close(&rig);
}

static void a_mirror_under_load(void)
{
    for (uint64_t seed = 100; seed < 103; seed++)
        mirror_under_load(seed, false);
}

static void a_mirror_under_load_onto_old_data(void)
{
    for (uint64_t seed = 200; seed < 203; seed++)
        mirror_under_load(seed, true);
}

/* ---- the connection goes ---- */

static void a_lost_connection_resumes(void)
{
    struct rig rig;
    struct loader loader;
    rig_open(&rig, RING);
    play(&rig, 31, 500);
    rig_source_start(&rig, 1);
    CU_ASSERT_TRUE_FATAL(rig_level(&rig, LIMIT));
    loader_start(&loader, &rig, 32);
    for (int i = 0; i < 5; i++) {
        clock_sleep(60);
        rig_cut(&rig);
    }
    loader_stop(&loader);
    CU_ASSERT_TRUE_FATAL(rig_level(&rig, LIMIT));
    CU_ASSERT_EQUAL(rig_differences(&rig), 0);
    CU_ASSERT_EQUAL(status_of(&rig).mirrors, 1);
    rig_close(&rig);
}

static void a_new_source_resumes_what_the_ring_holds(void)
{
    struct rig rig;
    rig_open(&rig, RING);
    play(&rig, 41, 500);
    rig_source_start(&rig, 1);
    CU_ASSERT_TRUE_FATAL(rig_level(&rig, LIMIT));
    rig_source_stop(&rig); /* drnode is killed; the application goes on */
    play(&rig, 42, 500);
    rig_source_start(&rig, 1);
    CU_ASSERT_TRUE_FATAL(rig_level(&rig, LIMIT));
    CU_ASSERT_EQUAL(status_of(&rig).mirrors, 0);
    CU_ASSERT_EQUAL(rig_differences(&rig), 0);
    rig_close(&rig);
}

static void a_new_target_resumes_what_it_holds(void)
{
    struct rig rig;
    rig_open(&rig, RING);
    play(&rig, 51, 500);
    rig_source_start(&rig, 1);
    CU_ASSERT_TRUE_FATAL(rig_level(&rig, LIMIT));
    rig_target_stop(&rig);
    play(&rig, 52, 500);
    rig_target_start(&rig);
    CU_ASSERT_TRUE_FATAL(rig_level(&rig, LIMIT));
    CU_ASSERT_EQUAL(status_of(&rig).mirrors, 1);
    CU_ASSERT_EQUAL(rig_differences(&rig), 0);
    rig_close(&rig);
}

static void a_broken_ring_is_mended_by_a_mirror(void)
{
    struct rig rig;
    rig_open(&rig, RING_MEMORY_MIN);
    play(&rig, 61, 300);
    rig_source_start(&rig, 1);
    CU_ASSERT_TRUE_FATAL(rig_level(&rig, LIMIT));
    rig_source_stop(&rig);
    char why[64];
    for (uint64_t seed = 62; !ring_broken(rig.played.ring, why, sizeof why); seed++)
        play(&rig, seed, 300);
    rig_source_start(&rig, 1);
    wait_mirrors(&rig, 1);
    CU_ASSERT_TRUE_FATAL(rig_level(&rig, LIMIT));
    CU_ASSERT_FALSE(ring_broken(rig.played.ring, why, sizeof why));
    CU_ASSERT_NOT_EQUAL(ring_stream(rig.played.ring), 4711);
    CU_ASSERT_EQUAL(rig_differences(&rig), 0);
    rig_close(&rig);
}

/* A peer that takes the connection and says nothing, as a stopped host does. */
static void a_stop_does_not_wait_for_a_dial(void)
{
    struct rig rig;
    uint16_t port, real;
    rig_open(&rig, RING);
    int silent = pair_listen(&port);
    real = rig.listener[0].port;
    rig.listener[0].port = port;
    rig_source_start(&rig, 1);
    clock_sleep(100); /* it is in the handshake */
    msec began = clock_now();
    rig_source_stop(&rig);
    CU_ASSERT_TRUE(clock_now() - began < 4000); /* a dial may take 5 s */
    rig.listener[0].port = real;
    close(silent);
    rig_close(&rig);
}

/* ---- large, sparse ---- */

static void fill(struct rig *rig, const char *name, off_t size, off_t hole)
{
    static char bytes[1 << 16];
    int fd = openat(rig->played.root, name, O_CREAT | O_RDWR, 0600);
    CU_ASSERT_TRUE_FATAL(fd >= 0);
    memset(bytes, name[0], sizeof bytes);
    for (off_t at = 0; at < size; at += (off_t)sizeof bytes + hole)
        CU_ASSERT_EQUAL(pwrite(fd, bytes, sizeof bytes, at), (ssize_t)sizeof bytes);
    CU_ASSERT_EQUAL(ftruncate(fd, size), 0);
    close(fd);
}

static blkcnt_t blocks_of(int dir, const char *name)
{
    struct stat st;
    CU_ASSERT_EQUAL(fstatat(dir, name, &st, 0), 0);
    return st.st_blocks;
}

static void large_and_sparse_files(void)
{
    struct rig rig;
    rig_open(&rig, RING);
    fill(&rig, "large", 9000001, 0);
    fill(&rig, "sparse", 200 << 20, 7 << 20);
    rig_source_start(&rig, 1);
    CU_ASSERT_TRUE_FATAL(rig_level(&rig, LIMIT));
    CU_ASSERT_EQUAL(rig_differences(&rig), 0);
    CU_ASSERT_TRUE(blocks_of(rig.target_root, "sparse") <= blocks_of(rig.played.root, "sparse") + 64);
    rig_close(&rig);
}

#define LARGE 90000001 /* more pieces than there are jobs: equal ones have to give theirs back */

/* The target is level; then the stream goes, so that the next source mirrors again. */
static void level_once(struct rig *rig)
{
    struct dr_error err;
    struct source_feed feed = played_feed(&rig->played);
    rig_source_start(rig, 1);
    CU_ASSERT_TRUE_FATAL(rig_level(rig, LIMIT));
    rig_source_stop(rig);
    CU_ASSERT_EQUAL_FATAL(feed.restart(feed.baton, 4712, &err), DR_OK);
}

static void mirror_again(struct rig *rig)
{
    rig_source_start(rig, 1);
    wait_mirrors(rig, 1);
    CU_ASSERT_TRUE_FATAL(rig_level(rig, LIMIT));
}

static void an_equal_target_gets_no_data(void)
{
    struct rig rig;
    rig_open(&rig, RING);
    play(&rig, 71, 1000);
    fill(&rig, "large", LARGE, 0);
    level_once(&rig);
    mirror_again(&rig);
    CU_ASSERT_TRUE(status_of(&rig).mirror_bytes >= LARGE);
    CU_ASSERT_EQUAL(status_of(&rig).mirror_bytes_sent, 0);
    CU_ASSERT_EQUAL(rig_differences(&rig), 0);
    rig_close(&rig);
}

#define PAGE 4096u

/* Changes every `step`th page of [from, to), and nobody records it; returns how many. */
static unsigned spoil_pages(struct rig *rig, const char *name, unsigned from, unsigned to, unsigned step)
{
    unsigned pages = 0;
    int fd = openat(rig->played.root, name, O_WRONLY);
    for (unsigned i = from; i < to; i += step, pages++)
        CU_ASSERT_EQUAL(pwrite(fd, "!", 1, (off_t)i * PAGE + i % PAGE), 1);
    close(fd);
    return pages;
}

/* As a database leaves its files behind: single pages all over them. */
static void what_moves_follows_what_differs(void)
{
    struct rig rig;
    rig_open(&rig, RING);
    fill(&rig, "large", 32 << 20, 0);
    fill(&rig, "medium", 100 * PAGE, 0);
    fill(&rig, "small", 20 * PAGE, 0);
    fill(&rig, "sparse", 8 << 20, 64 << 10);
    level_once(&rig);
    unsigned pages = spoil_pages(&rig, "large", 0, 512, 2); /* as many single pages in one piece as there can be */
    pages += spoil_pages(&rig, "large", 600, 8192, 97);
    pages += spoil_pages(&rig, "medium", 1, 100, 30);
    pages += spoil_pages(&rig, "small", 3, 20, 9);
    pages += spoil_pages(&rig, "sparse", 0, 16, 3) + spoil_pages(&rig, "sparse", 1025, 1030, 2);
    mirror_again(&rig);
    CU_ASSERT_EQUAL(rig_differences(&rig), 0);
    CU_ASSERT_EQUAL(status_of(&rig).mirror_bytes_sent, (uint64_t)pages * PAGE);
    rig_close(&rig);
}

/* ---- as many mirrors as may be are under way ---- */

struct blocker {
    struct errand *errand;
    pthread_mutex_t lock; /* held: it goes on */
};

static struct errand_rest block(void *baton)
{
    struct blocker *blocker = baton;
    pthread_mutex_lock(&blocker->lock);
    pthread_mutex_unlock(&blocker->lock);
    return (struct errand_rest){ERRAND_SLEEP, ERRAND_MIRROR, INT64_MAX};
}

static void a_mirror_waits_for_its_turn(void)
{
    struct rig rig;
    struct dr_error err;
    static struct blocker blocker[64];
    rig_open(&rig, RING);
    play(&rig, 91, 200);
    for (int i = 0; i < 64; i++) { /* more than may be carried at once */
        struct errand_config config = {
            .carry = block, .baton = &blocker[i], .kind = ERRAND_MIRROR, .descriptor = {-1, -1}};
        pthread_mutex_init(&blocker[i].lock, NULL);
        pthread_mutex_lock(&blocker[i].lock);
        CU_ASSERT_EQUAL_FATAL(errand_begin(&blocker[i].errand, rig.errands, &config, &err), DR_OK);
    }
    rig_source_start(&rig, 1);
    for (msec end = clock_now() + LIMIT; status_of(&rig).why[0] == '\0' && clock_now() < end;)
        clock_sleep(1);
    unit_says(status_of(&rig).why, "the mirror waits for its turn");
    CU_ASSERT_EQUAL(status_of(&rig).mirrors, 0);
    for (int i = 0; i < 64; i++)
        pthread_mutex_unlock(&blocker[i].lock);
    CU_ASSERT_TRUE_FATAL(rig_level(&rig, LIMIT));
    CU_ASSERT_EQUAL(rig_differences(&rig), 0);
    CU_ASSERT_EQUAL(status_of(&rig).mirrors, 1);
    for (int i = 0; i < 64; i++)
        errand_end(blocker[i].errand);
    rig_close(&rig);
}

int main(void)
{
    CU_TestInfo cases[] = {{"a tree is mirrored, and followed", a_tree_is_mirrored_and_followed},
                           {"a mirror waits for its turn, and says so", a_mirror_waits_for_its_turn},
                           {"a mirror under load", a_mirror_under_load},
                           {"a mirror under load, onto old data", a_mirror_under_load_onto_old_data},
                           {"a lost connection resumes", a_lost_connection_resumes},
                           {"a new source resumes what the ring holds", a_new_source_resumes_what_the_ring_holds},
                           {"a new target resumes what it holds", a_new_target_resumes_what_it_holds},
                           {"a broken ring is mended by a mirror", a_broken_ring_is_mended_by_a_mirror},
                           {"a stop does not wait for a dial", a_stop_does_not_wait_for_a_dial},
                           {"large and sparse files", large_and_sparse_files},
                           {"an equal target gets no data", an_equal_target_gets_no_data},
                           {"what moves follows what differs", what_moves_follows_what_differs},
                           CU_TEST_INFO_NULL};
    return unit_run("source", cases);
}
