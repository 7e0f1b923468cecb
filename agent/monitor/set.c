/* SPDX-License-Identifier: Apache-2.0
 * agent/monitor/set.c - the monitors of one rule, as its runner knows them. */
#include "agent/monitor/monitors_state.h"
#include "platform/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

/* FNV-1a. */
static uint32_t add_text(uint32_t sum, const char *text)
{
    do
        sum = (sum ^ (uint8_t)*text) * 16777619u;
    while (*text++ != '\0');
    return sum;
}

/* What each is, in their order; how often they are checked may differ. */
static uint32_t sum_of(const struct rule *rule)
{
    uint32_t sum = 2166136261u;
    for (unsigned i = 0; i < rule->monitors; i++) {
        sum = add_text(sum, rule->monitor[i].name);
        sum = add_text(sum, monitor_kind_words[rule->monitor[i].kind]);
        sum = add_text(sum, monitor_by_words[rule->monitor[i].by]);
        sum = add_text(sum, rule->monitor[i].object);
    }
    return sum;
}

enum dr_code monitors_add(struct monitor_set **out, struct monitors *m, const struct rule *rule, enum member self,
                          struct dr_error *err)
{
    struct monitor_set *set = calloc(1, sizeof *set);
    if (set == NULL)
        return dr_fail(err, DR_FULL, "no memory for the monitors of rule %s", rule->name);
    *set = (struct monitor_set){.owner = m, .rule = rule, .self = self, .role = HA_ROLE_DETACHED};
    set->list = sum_of(rule);
    for (unsigned i = 0; i < rule->monitors; i++)
        set->watch[i] = (struct watch){.set = set, .m = &rule->monitor[i]};
    pthread_mutex_lock(&m->lock);
    set->next = m->sets;
    m->sets = set;
    pthread_mutex_unlock(&m->lock);
    *out = set;
    return DR_OK;
}

/* Lock. What runs for it has nobody to tell; a script is not wanted any more. */
static void forget(struct check *check, const struct monitor_set *set)
{
    for (unsigned i = 0; i < check->count; i++)
        if (check->watch[i] != NULL && check->watch[i]->set == set) {
            check->watch[i] = NULL;
            check->unwanted = check->kind == MONITOR_SCRIPT;
        }
}

void monitors_remove(struct monitor_set *set)
{
    if (set == NULL)
        return;
    struct monitors *m = set->owner;
    pthread_mutex_lock(&m->lock);
    struct monitor_set **link = &m->sets;
    while (*link != set)
        link = &(*link)->next;
    *link = set->next;
    for (struct check *check = m->checks; check != NULL; check = check->next)
        forget(check, set);
    pthread_mutex_unlock(&m->lock);
    eventfd_write(m->wake, 1);
    free(set);
}

/* ---- roles ---- */

static bool watched_as(const struct rule_monitor *m, enum ha_role role)
{
    if (role == HA_ROLE_MASTER)
        return m->role != MONITOR_OF_SLAVE;
    return role == HA_ROLE_SLAVE && m->role != MONITOR_OF_MASTER;
}

/* Lock. */
static void begin_anew(struct watch *w, enum ha_role role, msec now)
{
    w->watched = watched_as(w->m, role);
    w->state = (struct monitor){.state = MONITOR_UNKNOWN};
    w->cpu = (struct load_cpu){.total = 0};
    w->unclear = false;
    w->text[0] = '\0';
    w->due = now + w->m->interval;
}

void monitors_follow(struct monitor_set *set, enum ha_role role)
{
    if (set == NULL || set->role == role)
        return;
    struct monitors *m = set->owner;
    pthread_mutex_lock(&m->lock);
    set->role = role;
    set->life++;
    for (unsigned i = 0; i < set->rule->monitors; i++)
        begin_anew(&set->watch[i], role, clock_now());
    pthread_mutex_unlock(&m->lock);
    eventfd_write(m->wake, 1);
}

/* ---- what is known ---- */

struct ha_monitors monitors_verdict(struct monitor_set *set)
{
    struct ha_monitors verdict = {.failed = 0, .good = 0};
    if (set == NULL)
        return verdict;
    verdict.list = set->list;
    pthread_mutex_lock(&set->owner->lock);
    for (unsigned i = 0; i < set->rule->monitors; i++) {
        enum monitor_state state = set->watch[i].state.state;
        verdict.failed |= (uint32_t)(state == MONITOR_FAILED) << i;
        verdict.good |= (uint32_t)(state == MONITOR_HEALTHY) << i;
    }
    pthread_mutex_unlock(&set->owner->lock);
    return verdict;
}

static void report(const struct watch *w, struct rule_status_monitor *s, msec now)
{
    memcpy(s->name, w->m->name, sizeof s->name);
    memcpy(s->object, w->m->object, sizeof s->object);
    memcpy(s->text, w->text, sizeof s->text);
    s->kind = w->m->kind;
    s->role = w->m->role;
    s->log_only = w->m->log_only;
    s->watched = w->watched;
    s->state = w->state.state;
    s->bad = w->state.bad;
    s->max_failures = w->m->max_failures;
    s->since = w->state.state == MONITOR_UNKNOWN ? 0 : now - w->state.since;
}

static void add_why(const struct watch *w, struct ha_status *ha, msec now)
{
    if (w->state.state != MONITOR_FAILED || ha->whys == HA_WHY_MAX)
        return;
    snprintf(ha->why[ha->whys++], HA_TEXT_MAX, "monitor %s (%s) has failed for %lld s%s: %.120s", w->m->name,
             monitor_kind_words[w->m->kind], (long long)(now - w->state.since) / 1000,
             w->m->log_only ? ", which is only logged" : "", w->text);
}

void monitors_report(struct monitor_set *set, struct rule_status *status)
{
    if (set == NULL)
        return;
    msec now = clock_now();
    pthread_mutex_lock(&set->owner->lock);
    status->monitors = set->rule->monitors;
    for (unsigned i = 0; i < status->monitors; i++) {
        report(&set->watch[i], &status->monitor[i], now);
        add_why(&set->watch[i], &status->ha, now);
    }
    pthread_mutex_unlock(&set->owner->lock);
}
