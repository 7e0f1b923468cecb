/* SPDX-License-Identifier: Apache-2.0
 * agent/monitor/monitors.c - the one thread: begins what is due, waits for children, hands on what they say. */
#include "agent/monitor/monitors_state.h"
#include "platform/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define IDLE_MOST 60000
#define EARLY     8 /* a check may come this part of its interval early, to go along with others in one child */

/* ---- what is due ---- */

/* What cannot keep the others of its batch waiting. */
static bool in_batches(const struct rule_monitor *m)
{
    return (m->kind == MONITOR_PROCESS && m->by != MONITOR_BY_PID_FILE) || m->kind == MONITOR_SERVICE;
}

static bool is_inline(enum monitor_kind kind)
{
    return kind == MONITOR_MEMORY || kind == MONITOR_CPU;
}

static void percent_seen(struct watch *w, unsigned percent, msec now)
{
    char text[64];
    snprintf(text, sizeof text, "%u %% in use", percent);
    judge(w, percent < w->m->limit ? MONITOR_GOOD : MONITOR_BAD, text, now);
}

/* The use since the last check; the first one only takes its measure. */
static void check_cpu(struct watch *w, msec now)
{
    struct dr_error err;
    struct load_cpu before = w->cpu;
    unsigned percent;
    enum dr_code code = load_cpu(&w->cpu, &err);
    if (code == DR_OK && before.total == 0)
        return;
    if (code == DR_OK)
        code = load_cpu_between(&percent, &before, &w->cpu, &err);
    if (code == DR_OK)
        percent_seen(w, percent, now);
    else
        judge(w, MONITOR_UNCLEAR, err.text, now);
}

static void check_memory(struct watch *w, msec now)
{
    struct dr_error err;
    unsigned percent;
    if (load_memory(&percent, &err) == DR_OK)
        percent_seen(w, percent, now);
    else
        judge(w, MONITOR_UNCLEAR, err.text, now);
}

/* The next one that is not past: what took long is not made up for. */
static void set_due(struct watch *w, msec now)
{
    while (w->due <= now)
        w->due += w->m->interval;
}

static struct check *batch_with_room(struct check *check, const struct rule_monitor *m)
{
    while (check != NULL &&
           (check->begun || check->kind != m->kind || check->by != m->by || check->count == CHECK_BATCH))
        check = check->next;
    return check;
}

/* Told when it begins; what waits is checked when a child ends. */
static void note_crowd(struct monitors *m, bool crowded)
{
    if (crowded && !m->crowded)
        log_write(m->config.log, LOG_LEVEL_WARNING, NULL, "monitor",
                  "%d checks of monitored objects run at once, and more have to wait: scripts take too long",
                  CHECKS_MAX);
    m->crowded = crowded;
}

/* False: no child is free for it. */
static bool join(struct monitors *m, struct watch *w)
{
    struct check *check = in_batches(w->m) ? batch_with_room(m->checks, w->m) : NULL;
    if (check == NULL)
        check = check_create(m, w->m);
    if (check != NULL)
        check_add(check, w);
    return check != NULL;
}

static bool is_due(const struct watch *w, msec now)
{
    msec early = in_batches(w->m) ? w->m->interval / EARLY : 0;
    return w->watched && !w->running && w->due - early <= now;
}

static void check_now(struct watch *w, msec now)
{
    if (w->m->kind == MONITOR_CPU)
        check_cpu(w, now);
    else
        check_memory(w, now);
}

/* False: it has to wait. */
static bool check_one(struct monitors *m, struct watch *w, msec now)
{
    if (is_inline(w->m->kind))
        check_now(w, now);
    else if (!join(m, w))
        return false;
    w->due += w->due <= now ? 0 : w->m->interval; /* it came early */
    set_due(w, now);
    return true;
}

/* Lock. */
static void collect(struct monitors *m, msec now)
{
    bool crowded = false;
    for (struct monitor_set *set = m->sets; set != NULL; set = set->next)
        for (unsigned i = 0; i < set->rule->monitors; i++)
            if (is_due(&set->watch[i], now) && !check_one(m, &set->watch[i], now))
                crowded = true;
    note_crowd(m, crowded);
}

/* Lock. */
static msec next_due(const struct monitors *m, msec now)
{
    msec next = now + IDLE_MOST;
    for (const struct monitor_set *set = m->sets; set != NULL; set = set->next)
        for (unsigned i = 0; i < set->rule->monitors; i++) {
            const struct watch *w = &set->watch[i];
            bool waits = w->watched && !w->running && (w->due > now || !m->crowded);
            if (waits && w->due < next)
                next = w->due;
        }
    return next;
}

/* ---- children ---- */

/* Lock. */
static void hand_on(struct monitors *m, struct check *check, msec now)
{
    for (unsigned i = 0; i < check->count; i++) {
        struct watch *w = check->watch[i];
        if (w == NULL)
            continue;
        w->running = false;
        set_due(w, now);
        if (check->life[i] == w->set->life)
            judge(w, check->answer[i].result, check->answer[i].text, now);
    }
    m->slot[check->slot] = false;
    free(check);
}

static void begin_all(struct monitors *m)
{
    for (struct check *check = m->checks; check != NULL; check = check->next)
        if (!check->begun)
            check_begin(check, m);
}

static void look_after(struct monitors *m)
{
    for (struct check **link = &m->checks; *link != NULL;) {
        struct check *check = *link;
        if (!check_go_on(check, clock_now())) {
            link = &check->next;
            continue;
        }
        pthread_mutex_lock(&m->lock);
        *link = check->next;
        hand_on(m, check, clock_now());
        pthread_mutex_unlock(&m->lock);
    }
}

static void wait(struct monitors *m, msec until)
{
    struct pollfd fds[CHECKS_MAX + 1] = {{.fd = m->wake, .events = POLLIN}};
    nfds_t count = 1;
    eventfd_t unused;
    for (const struct check *check = m->checks; check != NULL; check = check->next) {
        if (check->failed)
            return;
        fds[count++] = (struct pollfd){.fd = check->child.ended, .events = POLLIN};
        until = check->stage_ends < until ? check->stage_ends : until;
    }
    msec left = until - clock_now();
    (void)poll(fds, count, left > 0 ? (int)left : 0);
    (void)eventfd_read(m->wake, &unused);
}

static void *run(void *baton)
{
    struct monitors *m = baton;
    pthread_mutex_lock(&m->lock);
    while (!m->ending) {
        msec now = clock_now();
        collect(m, now);
        msec next = next_due(m, now);
        pthread_mutex_unlock(&m->lock);
        begin_all(m);
        wait(m, next);
        look_after(m);
        pthread_mutex_lock(&m->lock);
    }
    pthread_mutex_unlock(&m->lock);
    return NULL;
}

/* ---- life ---- */

enum dr_code monitors_create(struct monitors **out, const struct monitors_config *config, struct dr_error *err)
{
    char longest[CONFIG_PATH_SIZE], script[RULE_NAME_SIZE + 16];
    memset(script, 'x', sizeof script - 1);
    script[sizeof script - 1] = '\0';
    if (!config_path(longest, config->root, script))
        return dr_fail(err, DR_INVALID, "the path %s is too long", config->root);
    struct monitors *m = calloc(1, sizeof *m);
    int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (m == NULL || wake < 0) {
        free(m);
        return dr_fail(err, DR_FULL, "no memory or descriptors for monitors");
    }
    m->config = *config;
    m->wake = wake;
    pthread_mutex_init(&m->lock, NULL);
    m->started = pthread_create(&m->thread, NULL, run, m) == 0;
    if (!m->started) {
        monitors_destroy(m);
        return dr_fail(err, DR_FULL, "cannot start the thread of the monitors: raise the limit of tasks");
    }
    *out = m;
    return DR_OK;
}

static void wake_up(struct monitors *m)
{
    eventfd_write(m->wake, 1);
}

void monitors_destroy(struct monitors *m)
{
    pthread_mutex_lock(&m->lock);
    m->ending = true;
    pthread_mutex_unlock(&m->lock);
    wake_up(m);
    if (m->started)
        pthread_join(m->thread, NULL);
    while (m->checks != NULL) {
        struct check *check = m->checks;
        m->checks = check->next;
        check_kill(check);
        free(check);
    }
    close(m->wake);
    pthread_mutex_destroy(&m->lock);
    free(m);
}
