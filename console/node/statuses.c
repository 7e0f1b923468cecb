/* SPDX-License-Identifier: Apache-2.0
 * Rows in chains by their rule: who asks about a rule meets its members only. */
#include "console/node/statuses.h"

#include "console/console.h"
#include "console/node/hub.h"
#include "console/uuid.h"
#include "core/id.h"

#include <pthread.h>
#include <stdlib.h>

#define BUCKETS 4096u

struct row {
    struct dr_id node, rule;
    json_t *status;
    msec at;
    struct row *next;
};

struct statuses {
    pthread_mutex_t lock;
    struct row *bucket[BUCKETS];
    statuses_listener *listener;
    void *baton;
};

/* Ids are random: their first digits spread well. */
static unsigned bucket_of(const struct dr_id *rule)
{
    char digits[] = {rule->hex[0], rule->hex[1], rule->hex[2], '\0'};
    return (unsigned)strtoul(digits, NULL, 16) % BUCKETS;
}

enum dr_code statuses_create(struct statuses **made, struct dr_error *err)
{
    struct statuses *statuses = *made = calloc(1, sizeof *statuses);
    if (statuses == NULL)
        return dr_fail(err, DR_FULL, "no memory for the states of rules");
    pthread_mutex_init(&statuses->lock, NULL);
    return DR_OK;
}

static void drop(struct row **at)
{
    struct row *row = *at;
    *at = row->next;
    json_decref(row->status);
    free(row);
}

void statuses_destroy(struct statuses *statuses)
{
    if (statuses == NULL)
        return;
    for (unsigned i = 0; i < BUCKETS; i++)
        while (statuses->bucket[i] != NULL)
            drop(&statuses->bucket[i]);
    pthread_mutex_destroy(&statuses->lock);
    free(statuses);
}

void statuses_listen(struct statuses *statuses, statuses_listener *listener, void *baton)
{
    pthread_mutex_lock(&statuses->lock);
    statuses->listener = listener;
    statuses->baton = baton;
    pthread_mutex_unlock(&statuses->lock);
}

static struct row **find(struct statuses *statuses, const struct dr_id *node, const struct dr_id *rule)
{
    struct row **at = &statuses->bucket[bucket_of(rule)];
    while (*at != NULL && !(dr_id_equal(&(*at)->rule, rule) && dr_id_equal(&(*at)->node, node)))
        at = &(*at)->next;
    return at;
}

void statuses_note(struct statuses *statuses, const struct dr_id *node, const struct dr_id *rule, json_t *status,
                   bool changed, msec now)
{
    pthread_mutex_lock(&statuses->lock);
    struct row **at = find(statuses, node, rule);
    if (*at == NULL && (*at = calloc(1, sizeof **at)) != NULL)
        **at = (struct row){.node = *node, .rule = *rule};
    if (*at != NULL) {
        json_decref((*at)->status);
        (*at)->status = json_incref(status);
        (*at)->at = now;
    }
    statuses_listener *listener = statuses->listener;
    void *baton = statuses->baton;
    pthread_mutex_unlock(&statuses->lock);
    if (listener != NULL)
        listener(baton, node, rule, status, changed);
    json_decref(status);
}

void statuses_forget(struct statuses *statuses, const struct dr_id *node, const struct dr_id *rule)
{
    unsigned from = rule != NULL ? bucket_of(rule) : 0, until = rule != NULL ? from + 1 : BUCKETS;
    pthread_mutex_lock(&statuses->lock);
    for (unsigned i = from; i < until; i++)
        for (struct row **at = &statuses->bucket[i]; *at != NULL;)
            if (dr_id_equal(&(*at)->node, node) && (rule == NULL || dr_id_equal(&(*at)->rule, rule)))
                drop(at);
            else
                at = &(*at)->next;
    pthread_mutex_unlock(&statuses->lock);
}

json_t *rule_status(struct console *console, const char *rule_uuid)
{
    struct statuses *statuses = hub_statuses(console->hub);
    json_t *array = json_array();
    struct dr_id rule;
    if (!uuid_read(&rule, rule_uuid))
        return array;
    msec now = hub_clock();
    pthread_mutex_lock(&statuses->lock);
    for (const struct row *row = statuses->bucket[bucket_of(&rule)]; row != NULL; row = row->next) {
        char uuid[UUID_SIZE];
        if (!dr_id_equal(&row->rule, &rule))
            continue;
        uuid_of(uuid, &row->node);
        json_array_append_new(array, json_pack("{s:s, s:b, s:I, s:O}", "node_uuid", uuid, "online",
                                               (int)hub_online(console->hub, &row->node), "age_ms",
                                               (json_int_t)(now - row->at), "status", row->status));
    }
    pthread_mutex_unlock(&statuses->lock);
    return array;
}
