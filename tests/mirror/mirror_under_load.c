/* SPDX-License-Identifier: Apache-2.0
 * mirror_under_load DRCAPTURE RUNS SEED SCRATCH: a folder is captured for real and changed at full speed while it is
 * mirrored, RUNS times: onto an empty target, onto the one of the run before, and so on. Then it is frozen at some S;
 * when the target has S, the two must be equal. Must run in a mount namespace of its own. */
#include "platform/clock.h"
#include "tests/mirror/load.h"
#include "tests/unit/agent/rig.h"

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT      60000
#define CHANGES    4000u /* that make the tree to begin with */
#define LARGE      (24u << 20)
#define AFTER_MS   150 /* it goes on under load for this long after the mirror */
#define FREEZE_MS  10000
#define MEMORY_MIB "512"

struct bench {
    char folder[128], socket[128];
    pid_t drcapture;
    struct capture_link *link, *freezer;
    struct rig rig;
};

static void must(enum dr_code code, const struct dr_error *err)
{
    if (code == DR_OK)
        return;
    fprintf(stderr, "mirror_under_load: %s\n", err->text);
    exit(2);
}

static void start_capture(struct bench *b, const char *program)
{
    const char *argv[] = {program, "--socket", b->socket, "--memory", MEMORY_MIB, b->folder, NULL};
    struct dr_error err;
    uint64_t seq;
    if (posix_spawn(&b->drcapture, program, NULL, NULL, (char **)argv, environ) != 0)
        must(dr_fail(&err, DR_IO, "cannot start %s", program), &err);
    enum dr_code code = DR_NOT_FOUND;
    for (int i = 0; i < 100 && code; i++) {
        clock_sleep(50);
        code = capture_attach(&b->link, b->socket, &err);
    }
    must(code, &err);
    must(capture_attach(&b->freezer, b->socket, &err), &err);
    must(capture_flip(b->freezer, CAPTURE_READ_WRITE, 1, &seq, &err), &err);
}

static void open_bench(struct bench *b, const char *program, uint64_t seed, const char *scratch)
{
    struct dr_error err;
    snprintf(b->folder, sizeof b->folder, "%s/folder", scratch);
    snprintf(b->socket, sizeof b->socket, "%s/socket", scratch);
    if (mkdir(b->folder, 0755) != 0)
        must(dr_fail(&err, DR_IO, "cannot create %s: give an empty folder", b->folder), &err);
    load_fill(b->folder, CHANGES, LARGE, seed);
    start_capture(b, program);
    rig_open_capture(&b->rig, b->link);
}

static void close_bench(struct bench *b)
{
    struct dr_error err;
    rig_close(&b->rig);
    capture_detach(b->link);
    must(capture_stop(b->freezer, &err), &err);
    capture_detach(b->freezer);
    waitpid(b->drcapture, NULL, 0);
}

/* `why` keeps what ended a session on the way, if one ended. */
static bool replicating(struct bench *b, char why[REPL_TEXT_MAX])
{
    struct source_status status;
    for (msec end = clock_now() + LIMIT; clock_now() < end; clock_sleep(2)) {
        source_status(b->rig.source, &status);
        if (status.why[0])
            memcpy(why, status.why, REPL_TEXT_MAX);
        if (status.phase == SOURCE_REPLICATING)
            return true;
    }
    fprintf(stderr, "the mirror does not end: %s\n", status.why);
    return false;
}

static bool equal_at_s(struct bench *b)
{
    struct dr_error err;
    uint64_t s;
    msec start = clock_now();
    must(capture_freeze(b->freezer, FREEZE_MS, &s, &err), &err);
    bool equal = rig_has(&b->rig, s, FREEZE_MS / 2) && rig_differences(&b->rig) == 0;
    must(capture_thaw(b->freezer, &err), &err);
    if (clock_now() - start >= FREEZE_MS)
        fprintf(stderr, "the comparison took longer than a freeze lasts\n");
    return equal;
}

/* Whether source and target were equal. *again counts the runs that a session which broke without need made mirror
 * twice. */
static bool run(struct bench *b, unsigned number, uint64_t seed, unsigned *again)
{
    struct source_status status;
    struct dr_error err;
    if (number > 0) {
        rig_target_stop(&b->rig);
        rig_target_wipe(&b->rig, number % 2 == 0);
        rig_target_start(&b->rig);
        must(capture_restart(b->freezer, seed * 1000 + number, &err), &err);
    }
    struct load *load = load_start(b->folder, number % 3 + 1, seed * 1000 + number);
    rig_source_start(&b->rig, 1);
    char why[REPL_TEXT_MAX] = "";
    bool good = replicating(b, why);
    clock_sleep(AFTER_MS);
    good = good && equal_at_s(b);
    const char *verdict = good ? "equal" : "NOT EQUAL";
    uint64_t changes = load_stop(load);
    source_status(b->rig.source, &status);
    rig_source_stop(&b->rig);
    printf("run %u: %s; %u writers, %llu changes, mirror %lld ms, %llu mirror(s)\n", number + 1, verdict,
           number % 3 + 1, (unsigned long long)changes, (long long)status.mirror_ms,
           (unsigned long long)status.mirrors);
    if (status.mirrors != 1) {
        printf("run %u: mirrored again, because: %s\n", number + 1, why);
        *again += !strstr(why, "memory limit"); /* writers that outrun a busy machine: promised, and said */
    }
    fflush(stdout);
    return good;
}

int main(int argc, char **argv)
{
    struct bench bench = {0};
    if (argc != 5) {
        fprintf(stderr, "usage: mirror_under_load DRCAPTURE RUNS SEED SCRATCH\n");
        return 2;
    }
    unsigned runs = (unsigned)strtoul(argv[2], NULL, 10), failed = 0, again = 0;
    uint64_t seed = strtoull(argv[3], NULL, 10);
    open_bench(&bench, argv[1], seed, argv[4]);
    for (unsigned i = 0; i < runs; i++)
        failed += !run(&bench, i, seed, &again);
    close_bench(&bench);
    failed += again > 0; /* nothing cuts the connection: a session that ends is a fault of ours */
    printf("%u passed, %u failed\n", runs + 1 - failed, failed); /* the count of second mirrors is a case too */
    return failed || !runs;
}
