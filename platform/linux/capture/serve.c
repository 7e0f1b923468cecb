/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/control.h"
#include "platform/linux/capture/journal.h"
#include "platform/linux/capture/settle.h"
#include "platform/linux/capture/upper.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define FDS_RESERVED 512u /* open folders, links, the process's own */
#define FDS_MOST     60000u

/* How many lower descriptors each mount may hold. */
static unsigned fds_allowed(unsigned paths)
{
    struct rlimit limit = {0};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        getrlimit(RLIMIT_NOFILE, &limit);
    rlim_t most = limit.rlim_cur < FDS_MOST ? limit.rlim_cur : FDS_MOST;
    return most > 2 * FDS_RESERVED ? (unsigned)(most - FDS_RESERVED) / paths : FDS_RESERVED / paths;
}

static bool spare_from_oom(void)
{
    FILE *score = fopen("/proc/self/oom_score_adj", "w");
    bool done = score && fputs("-1000", score) >= 0;
    return score && fclose(score) == 0 && done;
}

/* The kernel must be able to write pages back through us when memory is short. */
static void harden(const struct capture_config *config)
{
    if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0)
        config->say(NULL, "note: memory cannot be locked: RLIMIT_MEMLOCK is too low");
    if (prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0) != 0)
        config->say(NULL, "note: the system does not take this process as an I/O flusher");
    if (!spare_from_oom())
        config->say(NULL, "note: the out-of-memory killer may choose this process");
}

/* Findings go to the log; the first one into the error as well. */
struct findings {
    const struct capture_config *config;
    char first[DR_ERROR_TEXT / 2];
};

static void take_finding(void *baton, const char *line)
{
    struct findings *f = baton;
    f->config->say(NULL, line);
    if (!f->first[0])
        snprintf(f->first, sizeof f->first, "%s", line);
}

static enum dr_code preflight(const struct capture_config *config, struct dr_error *err)
{
    struct findings f = {.config = config};
    unsigned found = 0;
    for (unsigned i = 0; i < config->paths; i++) {
        if (upper_is_dead(config->folder[i])) { /* it keeps writers out until the very moment that we cover it again */
            config->say(NULL, "note: a folder whose capture had ended is covered again, without looking for bypasses");
            continue;
        }
        if (upper_check(config->folder[i], err) != DR_OK)
            return err->code;
        found += capture_preflight(config->folder, config->paths, i, take_finding, &f);
    }
    if (found && !config->force)
        return dr_fail(err, DR_REFUSED, "%u thing%s would bypass capture or be broken by it; put right, or force: %s",
                       found, found == 1 ? "" : "s", f.first);
    return DR_OK;
}

static enum dr_code cover_all(struct session *s, struct dr_error *err)
{
    unsigned fds = fds_allowed(s->config->paths);
    for (unsigned i = 0; i < s->config->paths; i++) {
        s->paths = i + 1;
        if (upper_open(&s->mount[i], s->config->folder[i], i, fds, s->config->paths > 1, err) != DR_OK)
            return err->code;
    }
    return DR_OK;
}

static void uncover_all(struct session *s)
{
    for (unsigned i = 0; i < s->paths; i++)
        upper_close(&s->mount[i], s->config->say, NULL);
}

static enum dr_code serve(struct session *s, int signals, void (*ready)(void *baton), void *baton, struct dr_error *err)
{
    struct control *control;
    if (cover_all(s, err) == DR_OK && loop_start(s, err) == DR_OK && control_open(&control, s, err) == DR_OK) {
        ready(baton);
        control_serve(control, signals);
        uncover_all(s);
        loop_wait(s);
        control_close(control);
        return DR_OK;
    }
    uncover_all(s);
    loop_wait(s);
    return err->code;
}

static int block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static enum dr_code serve_covered(struct session *s, void (*ready)(void *baton), void *baton, struct dr_error *err)
{
    int signals = block_signals();
    harden(s->config);
    enum dr_code code = settle_open(s, err);
    if (code == DR_OK) {
        code = serve(s, signals, ready, baton, err);
        settle_close(s);
    }
    for (unsigned i = 0; i < s->paths; i++)
        upper_drop(&s->mount[i]);
    close(signals);
    return code;
}

enum dr_code capture_serve(const struct capture_config *config, void (*ready)(void *baton), void *baton,
                           struct dr_error *err)
{
    struct session *s = calloc(1, sizeof *s);
    if (!s)
        return dr_fail(err, DR_FULL, "no memory");
    s->config = config;
    if (chdir("/") != 0) /* keeps no folder of others busy */
        config->say(NULL, "note: cannot change to /");
    enum dr_code code = preflight(config, err);
    if (code == DR_OK)
        code = journal_open(&s->journal, config->memory, err);
    if (code == DR_OK) {
        gate_init(&s->gate, s->journal.ring);
        code = serve_covered(s, ready, baton, err);
        journal_close(&s->journal);
    }
    free(s);
    return code;
}
