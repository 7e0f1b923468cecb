/* SPDX-License-Identifier: Apache-2.0
 * Flight recorders on a disk: the ring stays in its bound, a full disk stops nothing and is told once. */
#include "agent/recorder.h"
#include "agent/recorder_file.h"
#include "core/ha_replay.h"
#include "core/model_text.h"
#include "platform/clock.h"
#include "tests/unit/agent/faults.h"
#include "tests/unit/core/ha_rig.h"
#include "tests/unit/scratch.h"
#include "ui/cli/flight_files.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define BYTES (64u << 10)

static struct dr_error err;
static struct rule rule = {.id = {"0123456789ABCDEF0123456789ABCDEF"}, .name = "orders"};

struct stand {
    struct scratch scratch;
    struct log *log;
    struct recorders *all;
    struct recorder *recorder;
    struct rig rig;
};

static void set_up(struct stand *s, uint64_t bytes)
{
    memset(s, 0, sizeof *s);
    s->scratch = scratch_make();
    scratch_folder(&s->scratch, "var/rules/0123456789ABCDEF0123456789ABCDEF");
    struct log_config quiet = {.least = LOG_LEVEL_INFO};
    CU_ASSERT_EQUAL_FATAL(log_open(&s->log, &quiet, &err), DR_OK);
    struct recorders_config config = {.log = s->log, .bytes = bytes, .retry_after = 50};
    CU_ASSERT_EQUAL_FATAL(recorders_start(&s->all, &config, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(recorder_open(&s->recorder, s->all, s->scratch.root, &rule, &err), DR_OK);
    struct ha_config c = settings();
    struct ha_store stored = known(&c, false);
    s->rig = started(&c, &stored);
}

static void tear_down(struct stand *s)
{
    recorders_stop(s->all);
    log_close(s->log);
    scratch_remove(&s->scratch);
}

static void beat(struct stand *s, bool soon)
{
    s->rig.now += 500;
    struct ha_message m = from_peer(&s->rig, HA_BEAT);
    struct ha_event e = {.kind = HA_RECEIVED, .message = &m, .now = s->rig.now};
    recorder_event(s->recorder, &s->rig.h, &e);
    ha_step(&s->rig.h, &e, &s->rig.a);
    recorder_answer(s->recorder, &s->rig.a, soon);
}

/* ---- what is on the disk ---- */

static const char *folder_of(const struct stand *s)
{
    return scratch_path(&s->scratch, "var/rules/0123456789ABCDEF0123456789ABCDEF/flight");
}

struct found {
    unsigned files, gaps, steps;
    uint64_t bytes;
    struct ha_replay replay;
    char why[REPLAY_TEXT];
};

static bool begin(void *baton, const struct flight_reader *reader)
{
    struct found *f = baton;
    f->gaps += reader->head.why == FLIGHT_GAP;
    return ha_replay_begin(&f->replay, reader, f->why);
}

static bool step(void *baton, const struct flight_reader *reader)
{
    struct found *f = baton;
    f->steps++;
    return ha_replay_step(&f->replay, &reader->step, f->why);
}

static struct found *look(const struct stand *s)
{
    static struct found f;
    struct flight_files files;
    struct flight_visitor visitor = {.begin = begin, .step = step, .baton = &f};
    memset(&f, 0, sizeof f);
    if (flight_files_read(&files, folder_of(s), FLIGHT_FILES_ALL, &err) != DR_OK)
        return &f;
    f.files = files.count;
    for (unsigned i = 0; i < files.count; i++)
        f.bytes += files.segment[i].size;
    CU_ASSERT_EQUAL(flight_files_visit(&files, &visitor, &err), DR_OK);
    flight_files_free(&files);
    return &f;
}

static unsigned told(const struct stand *s, const char *words)
{
    static struct log_line line[64];
    unsigned count = log_recent(s->log, &rule.id, 0, line, 64), found = 0;
    for (unsigned i = 0; i < count; i++)
        found += strcmp(line[i].event, "flight_recorder") == 0 && strstr(line[i].text, words) != NULL;
    return found;
}

/* ---- cases ---- */

static void all_that_was_told_is_there_at_the_end(void)
{
    struct stand s;
    set_up(&s, 1 << 20);
    for (int i = 0; i < 500; i++)
        beat(&s, i % 100 == 0);
    recorder_close(s.recorder);
    struct found *f = look(&s);
    CU_ASSERT_EQUAL(f->steps, 500);
    CU_ASSERT_EQUAL(f->gaps, 0);
    CU_ASSERT_EQUAL(f->files, 1);
    tear_down(&s);
}

/* Waits until the writer has taken what was recorded; a disk may be slow. */
static void wait_for(const struct stand *s, const char *words, unsigned times)
{
    for (int i = 0; i < 2000 && told(s, words) < times; i++)
        clock_sleep(5);
    CU_ASSERT_EQUAL(told(s, words), times);
}

static void the_ring_stays_in_its_bound(void)
{
    struct stand s;
    set_up(&s, BYTES);
    for (int i = 0; i < 6000; i++) {
        beat(&s, i % 16 == 0);
        if (i % 64 == 0)
            clock_sleep(1);
    }
    recorder_close(s.recorder);
    struct found *f = look(&s);
    CU_ASSERT_TRUE(f->files > 2 && f->files <= RECORDER_SEGMENTS);
    CU_ASSERT_TRUE(f->bytes <= BYTES + BYTES / 2);
    CU_ASSERT_TRUE(f->steps > 100);
    CU_ASSERT_EQUAL(f->why[0], '\0');
    tear_down(&s);
}

/* A second life goes on behind the first one's segments. */
static void a_new_life_is_a_new_segment(void)
{
    struct stand s;
    set_up(&s, 1 << 20);
    beat(&s, false);
    recorder_close(s.recorder);
    CU_ASSERT_EQUAL_FATAL(recorder_open(&s.recorder, s.all, s.scratch.root, &rule, &err), DR_OK);
    beat(&s, false);
    recorder_close(s.recorder);
    struct found *f = look(&s);
    CU_ASSERT_EQUAL(f->files, 2);
    CU_ASSERT_EQUAL(f->steps, 2);
    tear_down(&s);
}

static void a_full_disk_is_told_once_and_leaves_a_gap(void)
{
    struct stand s;
    set_up(&s, 1 << 20);
    beat(&s, true);
    for (int i = 0; i < 2000 && look(&s)->steps == 0; i++)
        clock_sleep(5);
    faults_after(1, false, ENOSPC, true);
    for (int i = 0; i < 40; i++) {
        beat(&s, true);
        clock_sleep(5);
    }
    wait_for(&s, "nothing is recorded", 1);
    CU_ASSERT_TRUE(faults_fired());
    faults_after(0, false, 0, false);
    for (int i = 0; i < 2000 && told(&s, "recording again") == 0; i++) {
        beat(&s, true);
        clock_sleep(5);
    }
    CU_ASSERT_EQUAL(told(&s, "nothing is recorded"), 1);
    CU_ASSERT_EQUAL(told(&s, "recording again"), 1);
    beat(&s, false);
    recorder_close(s.recorder);
    struct found *f = look(&s);
    CU_ASSERT_EQUAL(f->gaps, 1);
    CU_ASSERT_EQUAL(f->files, 2);
    CU_ASSERT_TRUE(f->steps > 1);
    tear_down(&s);
}

/* More than the writer has room for: there may be gaps, and what is there plays. */
static void a_flood_does_no_harm(void)
{
    struct stand s;
    set_up(&s, 64 << 20);
    for (int i = 0; i < 20000; i++)
        beat(&s, false);
    recorder_close(s.recorder);
    struct found *f = look(&s);
    CU_ASSERT_EQUAL(f->why[0], '\0');
    CU_ASSERT_TRUE(f->steps > 100 && f->steps <= 20000);
    CU_ASSERT_TRUE(f->steps == 20000 || f->gaps > 0);
    tear_down(&s);
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"all that was told is there at the end", all_that_was_told_is_there_at_the_end},
        {"the ring stays in its bound, whatever comes", the_ring_stays_in_its_bound},
        {"a new life is a new segment", a_new_life_is_a_new_segment},
        {"a full disk is told once, stops nothing, and leaves a gap", a_full_disk_is_told_once_and_leaves_a_gap},
        {"a flood does no harm", a_flood_does_no_harm},
        CU_TEST_INFO_NULL};
    return unit_run("recorder", cases);
}
