/* SPDX-License-Identifier: Apache-2.0
 * agent/node_rules.c - which rules run. Places are added and taken away by the decision thread, between two decisions.
 */
#include "agent/descriptors.h"
#include "agent/kept_rule.h"
#include "agent/node_state.h"
#include "agent/rule/drcapture.h"
#include "agent/rule/resources.h"
#include "core/id.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* FNV-1a */
static unsigned bucket_of(const struct dr_id *id)
{
    uint32_t hash = 2166136261u;
    for (unsigned i = 0; i < DR_ID_DIGITS; i++)
        hash = (hash ^ (uint8_t)id->hex[i]) * 16777619u;
    return hash % PLACE_BUCKETS;
}

/* Under the lock. */
static void index_place(struct node *node, unsigned i)
{
    uint16_t *bucket = &node->bucket[bucket_of(&node->id[i])];
    node->chain[i] = *bucket;
    *bucket = (uint16_t)(i + 1);
}

/* Under the lock, after one was taken away. */
static void index_all(struct node *node)
{
    memset(node->bucket, 0, sizeof node->bucket);
    for (unsigned i = 0; i < node->places; i++)
        index_place(node, i);
}

struct place *node_enter(struct node *node, const struct dr_id *rule)
{
    pthread_mutex_lock(&node->lock);
    unsigned i = node->bucket[bucket_of(rule)];
    while (i != 0 && memcmp(node->id[i - 1].hex, rule->hex, DR_ID_DIGITS) != 0)
        i = node->chain[i - 1];
    struct place *found = i != 0 ? node->place[i - 1] : NULL;
    if (found != NULL)
        found->users++;
    pthread_mutex_unlock(&node->lock);
    return found;
}

void node_leave(struct node *node, struct place *place)
{
    pthread_mutex_lock(&node->lock);
    place->users--;
    pthread_cond_broadcast(&node->left);
    pthread_mutex_unlock(&node->lock);
}

/* ---- the list ---- */

struct change {
    struct node *node;
    struct place *place;
    enum dr_code code;
    struct dr_error err;
};

static void add(void *baton)
{
    struct change *change = baton;
    struct node *node = change->node;
    node->due[node->places] = INT64_MAX;
    if (change->place->runner != NULL)
        runner_due(change->place->runner, &node->due[node->places]);
    change->code = change->place->runner ? runner_start(change->place->runner, &change->err) : DR_OK;
    if (change->code != DR_OK) { /* what it has asked for already may be answered yet */
        runner_leave(change->place->runner);
        return;
    }
    pthread_mutex_lock(&node->lock);
    node->id[node->places] = change->place->rule->id;
    node->place[node->places] = change->place;
    index_place(node, node->places++);
    pthread_mutex_unlock(&node->lock);
}

static void take_away(void *baton)
{
    struct change *change = baton;
    struct node *node = change->node;
    if (change->place->runner != NULL)
        runner_leave(change->place->runner);
    if (change->place->arbitration != NULL)
        arbitration_leave(change->place->arbitration);
    pthread_mutex_lock(&node->lock);
    unsigned i = 0;
    while (node->place[i] != change->place)
        i++;
    node->place[i] = node->place[--node->places];
    node->id[i] = node->id[node->places];
    node->due[i] = node->due[node->places];
    if (i < node->places && node->place[i]->runner != NULL)
        runner_due(node->place[i]->runner, &node->due[i]);
    index_all(node);
    pthread_mutex_unlock(&node->lock);
}

static void nothing(void *baton)
{
    (void)baton; /* what was posted before it has been delivered: that is all that it is for */
}

/* ---- one place ---- */

static void destroy(struct node *node, struct place *place)
{
    if (place->runner != NULL)
        runner_quit(place->runner);
    pthread_mutex_lock(&node->lock);
    while (place->users > 0)
        pthread_cond_wait(&node->left, &node->lock);
    pthread_mutex_unlock(&node->lock);
    (void)inbox_ask(node->inbox, nothing, NULL);
    if (place->runner != NULL)
        runner_destroy(place->runner);
    if (place->arbitration != NULL)
        arbitration_destroy(place->arbitration);
    kept_rule_drop(place->rule);
    free(place);
}

static enum dr_code make_state_folder(struct node *node, const struct rule *rule, struct dr_error *err)
{
    char path[CONFIG_PATH_SIZE], relative[64];
    snprintf(relative, sizeof relative, "var/rules/%s", rule->id.hex);
    if (!config_path(path, node->root, relative))
        return dr_fail(err, DR_INVALID, "the path %s is too long", node->root);
    struct stat facts;
    if (mkdir(path, 0700) != 0 && (stat(path, &facts) != 0 || !S_ISDIR(facts.st_mode)))
        return dr_fail(err, DR_IO, "cannot make the folder %s: is the disk writable?", path);
    return DR_OK;
}

static enum dr_code fill(struct node *node, struct place *place, const struct config *config, struct dr_error *err)
{
    const struct rule *rule = place->rule;
    enum member self = rule_member_of(rule, &config->id);
    enum dr_code code = make_state_folder(node, rule, err);
    if (code != DR_OK)
        return code;
    if (self == MEMBER_NONE) {
        struct arbitration_config vote = {.root = node->root,
                                          .rule = rule,
                                          .log = node->log,
                                          .inbox = node->inbox,
                                          .outbox = &node->outbox,
                                          .scribe = node->scribe};
        return arbitration_create(&place->arbitration, &vote, err);
    }
    struct runner_config run = {.root = node->root,
                                .rule = rule,
                                .self = self,
                                .tls = node->tls,
                                .errands = node->errands,
                                .log = node->log,
                                .inbox = node->inbox,
                                .monitors = node->monitors,
                                .script_user = node->script_user,
                                .trunks = node->trunks,
                                .answer = &node->answer,
                                .outbox = &node->outbox,
                                .scribe = node->scribe,
                                .recorders = node->recorders,
                                .starts = &node->starts};
    config_check_scripts(config, rule, node_say, node);
    code = config_check_folders(config, rule, err);
    return code == DR_OK ? runner_create(&place->runner, &run, err) : code;
}

static void forsake(struct node *node, const struct config *config, const struct rule *rule, const struct rule *next)
{
    struct resources held = {
        .root = node->root, .rule = rule, .self = rule_member_of(rule, &config->id), .log = node->log};
    if (held.self != MEMBER_NONE)
        resources_forsake(&held, next);
}

static void begin(struct node *node, const struct config *config, const struct rule *rule)
{
    struct place *place = calloc(1, sizeof *place);
    struct change change = {.node = node, .place = place};
    if (place == NULL) {
        node_say(node, "no memory for a rule");
        return;
    }
    place->rule = kept_rule_hold(rule);
    change.code = fill(node, place, config, &change.err);
    if (change.code == DR_OK && !inbox_ask(node->inbox, add, &change))
        change.code = dr_fail(&change.err, DR_CLOSED, "drnode is ending");
    if (change.code == DR_OK) {
        log_write(node->log, LOG_LEVEL_INFO, &rule->id, "rule_start", "%s as %s", rule->name,
                  place->runner ? "member" : "arbiter");
        return;
    }
    log_write(node->log, LOG_LEVEL_ERROR, &rule->id, "rule_refused", "rule %s does not run: %s", rule->name,
              change.err.text);
    forsake(node, config, place->rule, NULL);
    destroy(node, place);
}

/* ---- all of them ---- */

static bool concerns(const struct config *config, const struct rule *rule)
{
    return rule_member_of(rule, &config->id) != MEMBER_NONE || rule_has_arbiter(rule, &config->id);
}

static const struct rule *same_rule(const struct config *config, const struct rule *rule)
{
    for (unsigned i = 0; i < config->rules; i++)
        if (config->rule[i] == rule || memcmp(config->rule[i], rule, sizeof *rule) == 0)
            return config->rule[i];
    return NULL;
}

static const struct rule *next_of(const struct config *config, const struct rule *rule)
{
    for (unsigned i = 0; i < config->rules; i++)
        if (dr_id_equal(&config->rule[i]->id, &rule->id) && rule_member_of(config->rule[i], &config->id) != MEMBER_NONE)
            return config->rule[i];
    return NULL;
}

static void end(struct node *node, const struct config *config, struct place *place)
{
    struct change change = {.node = node, .place = place};
    log_write(node->log, LOG_LEVEL_INFO, &place->rule->id, "rule_end",
              "rule %s is not decided on here any more; what it holds goes when its leases run out", place->rule->name);
    if (!inbox_ask(node->inbox, take_away, &change))
        return;
    if (place->runner != NULL) {
        runner_quit(place->runner);
        forsake(node, config, place->rule, next_of(config, place->rule));
    }
    destroy(node, place);
}

static msec shortest_interval(const struct config *config)
{
    msec shortest = INT64_MAX;
    for (unsigned i = 0; i < config->rules; i++)
        shortest = config->rule[i]->interval < shortest ? config->rule[i]->interval : shortest;
    return shortest;
}

void node_apply(struct node *node, const struct config *config)
{
    struct dr_error err;
    atomic_store(&node->shortest, shortest_interval(config));
    if (descriptors_for(config->rules, &err) != DR_OK)
        node_say(node, err.text);
    for (unsigned i = node->places; i-- > 0;)
        if (same_rule(config, node->place[i]->rule) == NULL)
            end(node, config, node->place[i]);
    for (unsigned i = 0; i < config->rules; i++) {
        struct place *runs = node_enter(node, &config->rule[i]->id);
        if (runs != NULL)
            node_leave(node, runs);
        else if (concerns(config, config->rule[i]))
            begin(node, config, config->rule[i]);
    }
    drcapture_end_forgotten(config, node_say, node);
}

/* The decision thread has ended. */
void node_forget_all(struct node *node)
{
    for (unsigned i = 0; i < node->places; i++)
        destroy(node, node->place[i]);
    node->places = 0;
    index_all(node);
}
