/* SPDX-License-Identifier: Apache-2.0 */
#include "console/keeper.h"

#include "base/log.h"
#include "console/auth/session.h"
#include "console/licence/licences.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUND_S 3600
#define DAY_S   86400LL

struct keeper {
    struct console *console;
    struct store *store;
    unsigned keep_days;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool ends;
    long long licences_told_at; /* days since 1970: once a day */
};

static enum dr_code sweep_operations(struct store *store, long long now_s, unsigned keep_days, struct dr_error *err)
{
    char until[24];
    const char *value[] = {until};
    snprintf(until, sizeof until, "%lld", now_s - keep_days * DAY_S);
    return store_run(store, NULL, "DELETE FROM operation WHERE at < %lld", value, 1, err);
}

enum dr_code keeper_round(struct console *console, struct store *store, unsigned keep_days, struct dr_error *err)
{
    long long now_s = console->now_s();
    if (session_sweep(store, now_s, err) != DR_OK)
        return err->code;
    return sweep_operations(store, now_s, keep_days, err);
}

static enum dr_code tell_licences(struct keeper *keeper, struct dr_error *err)
{
    struct licence_list list;
    uint64_t now_s = (uint64_t)keeper->console->now_s();
    enum dr_code code = licences_load(keeper->console, keeper->store, &list, NULL, err);
    for (unsigned i = 0; i < list.rows; i++) {
        const struct licence *licence = &list.row[i].use.licence;
        unsigned days = licence_warning(licence, now_s);
        if (list.row[i].use.bound > 0 && days > 0)
            log_write(keeper->console->log, LOG_LEVEL_WARNING, NULL, "licence_ends",
                      "licence %s ends within %u days: %u hosts have it; then nothing new can be made for them",
                      licence->sn, days, list.row[i].use.bound);
    }
    licences_free(&list);
    return code;
}

static void round_of(struct keeper *keeper)
{
    struct dr_error err;
    long long today = keeper->console->now_s() / DAY_S;
    enum dr_code code = keeper_round(keeper->console, keeper->store, keeper->keep_days, &err);
    if (code == DR_OK && today != keeper->licences_told_at) {
        code = tell_licences(keeper, &err);
        keeper->licences_told_at = today;
    }
    if (code != DR_OK)
        log_write(keeper->console->log, LOG_LEVEL_ERROR, NULL, "keeper", "%s", err.text);
}

static void *run(void *baton)
{
    struct keeper *keeper = baton;
    struct timespec until;
    pthread_mutex_lock(&keeper->lock);
    while (!keeper->ends) {
        pthread_mutex_unlock(&keeper->lock);
        round_of(keeper);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += ROUND_S;
        pthread_mutex_lock(&keeper->lock);
        if (!keeper->ends)
            pthread_cond_timedwait(&keeper->wake, &keeper->lock, &until);
    }
    pthread_mutex_unlock(&keeper->lock);
    return NULL;
}

enum dr_code keeper_start(struct keeper **made, struct console *console, unsigned keep_days, struct dr_error *err)
{
    struct keeper *keeper = *made = calloc(1, sizeof *keeper);
    if (keeper == NULL)
        return dr_fail(err, DR_FULL, "no memory");
    keeper->console = console;
    keeper->keep_days = keep_days;
    pthread_mutex_init(&keeper->lock, NULL);
    pthread_cond_init(&keeper->wake, NULL);
    if (store_open(&keeper->store, &console->place, err) == DR_OK) {
        int status = pthread_create(&keeper->thread, NULL, run, keeper);
        if (status == 0)
            return DR_OK;
        dr_fail(err, DR_FULL, "cannot start a thread: %s", strerror(status));
        store_close(keeper->store);
    }
    free(keeper);
    *made = NULL;
    return err->code;
}

void keeper_stop(struct keeper *keeper)
{
    if (keeper == NULL)
        return;
    pthread_mutex_lock(&keeper->lock);
    keeper->ends = true;
    pthread_cond_signal(&keeper->wake);
    pthread_mutex_unlock(&keeper->lock);
    pthread_join(keeper->thread, NULL);
    store_close(keeper->store);
    pthread_cond_destroy(&keeper->wake);
    pthread_mutex_destroy(&keeper->lock);
    free(keeper);
}
