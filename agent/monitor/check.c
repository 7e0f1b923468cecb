/* SPDX-License-Identifier: Apache-2.0
 * agent/monitor/check.c - one child: begun, ended at its limit with everything in its process group, and read. */
#include "agent/monitor/monitors_state.h"
#include "platform/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define END_WAIT 1000 /* for one that was killed, when drnode ends */

static bool take_slot(struct monitors *m, unsigned *slot)
{
    for (*slot = 0; *slot < CHECKS_MAX; (*slot)++)
        if (!m->slot[*slot])
            return m->slot[*slot] = true;
    return false;
}

struct check *check_create(struct monitors *m, const struct rule_monitor *what)
{
    unsigned slot;
    char relative[64];
    struct check *check = calloc(1, sizeof *check);
    if (check == NULL || !take_slot(m, &slot)) {
        free(check);
        return NULL;
    }
    check->next = m->checks;
    m->checks = check;
    check->kind = what->kind;
    check->by = what->by;
    check->slot = slot;
    check->limit = PROBE_LIMIT;
    snprintf(relative, sizeof relative, "run/monitor-%u", slot);
    (void)config_path(check->output, m->config.root, relative); /* monitors_create() has tried the longest one */
    snprintf(relative, sizeof relative, "run/monitor-%u.services", slot);
    (void)config_path(check->extra, m->config.root, relative);
    return check;
}

static void add_script(struct check *check, const struct watch *w)
{
    const struct monitor_set *set = w->set;
    char relative[RULE_NAME_SIZE + 16];
    check->limit = w->m->interval * w->m->max_failures;
    script_tell(&check->script, set->rule, set->self, set->role == HA_ROLE_MASTER ? "master" : "slave", 0);
    snprintf(relative, sizeof relative, "etc/scripts/%s", w->m->result);
    if (w->m->result[0] != '\0')
        (void)config_path(check->result_file, set->owner->config.root, relative);
}

void check_add(struct check *check, struct watch *w)
{
    unsigned i = check->count++;
    check->watch[i] = w;
    check->life[i] = w->set->life;
    w->running = true;
    memcpy(check->name[i], w->m->object, sizeof check->name[i]);
    if (w->m->kind == MONITOR_SCRIPT)
        add_script(check, w);
    if (w->m->kind == MONITOR_PROCESS)
        snprintf(check->extra, sizeof check->extra, "%s", monitor_by_words[w->m->by]);
    if (w->m->kind == MONITOR_DISK)
        snprintf(check->extra, sizeof check->extra, "%u", w->m->limit);
}

/* ---- begin ---- */

static void answer_all(struct check *check, enum monitor_result result, const char *text)
{
    for (unsigned i = 0; i < check->count; i++) {
        check->answer[i].result = result;
        snprintf(check->answer[i].text, sizeof check->answer[i].text, "%s", text);
    }
}

static enum dr_code begin_script(struct check *check, const struct monitors *m, struct dr_error *err)
{
    enum dr_code code = script_find(&check->script, m->config.root, check->name[0], m->config.script_user, err);
    struct process_spec spec = {.argv = check->script.argv, .env = check->script.env, .output = check->output};
    return code == DR_OK ? process_begin(&check->child, &spec, err) : code;
}

static enum dr_code begin_probe(struct check *check, const struct monitors *m, struct dr_error *err)
{
    static const char *const kinds[] = {
        [MONITOR_SERVICE] = "service", [MONITOR_PROCESS] = "process", [MONITOR_DISK] = "disk"};
    const char *argv[PROBE_OWN_WORDS + CHECK_BATCH + 1] = {m->config.program, PROBE_WORD, kinds[check->kind],
                                                           check->extra};
    for (unsigned i = 0; i < check->count; i++)
        argv[PROBE_OWN_WORDS + i] = check->name[i];
    struct process_spec spec = {.argv = argv, .output = check->output};
    return process_begin(&check->child, &spec, err);
}

void check_begin(struct check *check, const struct monitors *m)
{
    struct dr_error err;
    enum dr_code code = check->kind == MONITOR_SCRIPT ? begin_script(check, m, &err) : begin_probe(check, m, &err);
    check->begun = true;
    check->failed = code != DR_OK;
    if (check->failed)
        answer_all(check, MONITOR_UNCLEAR, err.text);
    check->stage_ends = clock_now() + check->limit;
}

/* ---- end ---- */

/* The script's folder is ours, and no link is followed out of it: reading the file does not wait. */
static enum monitor_result read_result(const char *file)
{
    char bytes[8];
    struct stat facts;
    int fd = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t got = fd >= 0 && fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) ? read(fd, bytes, sizeof bytes) : 0;
    if (fd >= 0)
        close(fd);
    return monitor_of_file(bytes, got > 0 ? (size_t)got : 0);
}

static void judge_status(struct check *check, const struct process_result *r)
{
    char text[PROBE_TEXT];
    snprintf(text, sizeof text, "status %d after %lld ms%s%.120s", r->status, (long long)r->took,
             r->tail[0] ? ": " : "", r->tail);
    if (r->status == SCRIPT_NOT_RUN)
        answer_all(check, MONITOR_UNCLEAR, r->tail);
    else
        answer_all(check, r->status == 0 ? MONITOR_GOOD : MONITOR_BAD, text);
}

/* The file alone decides; a script that went wrong has not spoken with it, unless it says `false`. */
static void judge_file(struct check *check, const struct process_result *r)
{
    enum monitor_result said = read_result(check->result_file);
    char text[PROBE_TEXT];
    if (said == MONITOR_BAD)
        answer_all(check, MONITOR_BAD, "the result file says false");
    else if (said == MONITOR_UNCLEAR)
        answer_all(check, MONITOR_UNCLEAR, "the script wrote no result file, or an empty one");
    else if (r->status == 0)
        answer_all(check, MONITOR_GOOD, "the result file does not say false");
    else {
        snprintf(text, sizeof text, "the script ended with status %d: %.120s", r->status, r->tail);
        answer_all(check, MONITOR_UNCLEAR, text);
    }
}

static void judge_hang(struct check *check, const struct process_result *r)
{
    char text[PROBE_TEXT];
    bool said_false = check->result_file[0] && read_result(check->result_file) == MONITOR_BAD;
    snprintf(text, sizeof text, "the script did not return within %lld ms and was ended%s%.80s",
             (long long)check->limit, r->tail[0] ? ": " : "", r->tail);
    answer_all(check, check->result_file[0] && !said_false ? MONITOR_UNCLEAR : MONITOR_HUNG, text);
}

static void read_answers(struct check *check, const struct process_result *r)
{
    if (check->kind != MONITOR_SCRIPT)
        probe_read(check->answer, check->count, check->output);
    else if (check->timed_out)
        judge_hang(check, r);
    else if (check->result_file[0])
        judge_file(check, r);
    else
        judge_status(check, r);
}

static bool has_ended(const struct check *check, int wait_ms)
{
    struct pollfd end = {.fd = check->child.ended, .events = POLLIN};
    return poll(&end, 1, wait_ms) > 0;
}

static void end_stage(struct check *check, msec now)
{
    bool soft = check->stage == CHECK_RUNS && !check->unwanted;
    check->timed_out = check->timed_out || soft;
    process_signal(&check->child, !soft);
    check->stage = soft ? CHECK_ENDING : CHECK_KILLED;
    check->stage_ends = now + CHECK_MERCY; /* a killed one is killed again: it may have had a child meanwhile */
}

bool check_go_on(struct check *check, msec now)
{
    struct process_result result = {.stuck = false};
    if (check->failed)
        return true;
    if (!has_ended(check, 0)) {
        if (now >= check->stage_ends || (check->unwanted && check->stage == CHECK_RUNS))
            end_stage(check, now);
        return false;
    }
    if (check->stage != CHECK_RUNS)
        process_signal(&check->child, true); /* its children may ignore SIGTERM */
    process_finish(&check->child, check->output, &result);
    read_answers(check, &result);
    return true;
}

void check_kill(struct check *check)
{
    struct process_result unused = {.stuck = false};
    if (!check->begun || check->failed)
        return;
    process_signal(&check->child, true);
    if (has_ended(check, END_WAIT))
        process_finish(&check->child, NULL, &unused);
}
