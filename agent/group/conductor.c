/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/group/conductor.h"

#include "agent/group/answer.h"
#include "agent/group/links.h"
#include "agent/node_state.h"
#include "agent/store.h"
#include "core/id.h"
#include "platform/clock.h"
#include "platform/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define POLL      250
#define ALL_EVERY 8 /* polls: rules whose stage is not at work are asked so often */

struct conductor {
    struct node *node;
    const struct config *config;
    struct group group;
    const struct rule *rule[GROUP_RULES_MAX]; /* by place in the group, stage after stage */
    char file[CONFIG_PATH_SIZE], broken[DR_ERROR_TEXT];
    pthread_t thread;
    bool started; /* `thread` is to be joined; of who begins and destroys */

    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t wake;
    bool quit, planned, store_failing;
    struct group_plan plan, next; /* `next`: room for a step that may not count */
    uint8_t bytes[GROUP_PLAN_BYTES];
};

/* ---- the document ---- */

static enum dr_code save(struct conductor *c, const struct group_plan *plan, struct dr_error *err)
{
    size_t size = group_plan_encode(c->bytes, plan);
    return size > 0 ? store_write(c->file, c->bytes, size, err)
                    : dr_fail(err, DR_FULL, "%s: the plan is larger than %u bytes", c->file, GROUP_PLAN_BYTES);
}

static enum dr_code load(struct conductor *c, struct dr_error *err)
{
    size_t size;
    enum dr_code code = store_read(c->file, c->bytes, sizeof c->bytes, &size, err);
    if (code == DR_NOT_FOUND)
        return DR_OK;
    if (code == DR_OK)
        code = group_plan_decode(&c->plan, c->bytes, size, err);
    if (code == DR_CORRUPT)
        return dr_fail(err, DR_CORRUPT,
                       "group %s does not run here: its plan %s is damaged: see which member is master of each of its "
                       "rules, then remove the file",
                       c->group.name, c->file);
    c->planned = code == DR_OK;
    return code;
}

/* ---- steps; under the lock ---- */

static void log_events(const struct conductor *c, uint64_t before)
{
    const struct group_plan *p = &c->plan;
    for (unsigned i = 0; i < p->events; i++)
        if (p->event[i].number > before)
            log_write(c->node->log, LOG_LEVEL_INFO, NULL, "group", "group %s: %s%s%s", p->name, p->event[i].text,
                      p->event[i].by[0] ? ", by " : "", p->event[i].by);
}

/* What cannot be stored has not happened: it is tried again with the next event. */
static enum dr_code commit(struct conductor *c, bool must_store, struct dr_error *err)
{
    enum dr_code code = must_store ? save(c, &c->next, err) : DR_OK;
    if (code != DR_OK && !c->store_failing)
        log_write(c->node->log, LOG_LEVEL_ERROR, NULL, "group", "group %s waits: %s", c->group.name, err->text);
    c->store_failing = code != DR_OK;
    if (code != DR_OK)
        return code;
    uint64_t before = c->plan.plan == c->next.plan ? c->plan.noted : 0;
    c->plan = c->next;
    log_events(c, before);
    return DR_OK;
}

static enum dr_code step(struct conductor *c, struct group_event *event, struct dr_error *err)
{
    struct group_answer answer;
    event->now = clock_now();
    event->time_ms = clock_wall();
    c->next = c->plan;
    group_step(&c->next, event, &answer);
    if (answer.refused)
        return dr_fail(err, DR_REFUSED, "group %s: %s", c->group.name, answer.why);
    return commit(c, answer.must_store, err);
}

static void hear(void *baton, const struct dr_id *node, const struct group_tell *tell)
{
    struct conductor *c = baton;
    struct dr_error err;
    pthread_mutex_lock(&c->lock);
    for (unsigned i = 0; i < c->plan.rules; i++) {
        const struct rule *rule = dr_id_equal(&c->plan.rule[i].id, &tell->rule) ? c->rule[i] : NULL;
        enum member m = rule != NULL ? rule_member_of(rule, node) : MEMBER_NONE;
        struct group_event event = {.kind = GROUP_SEEN, .rule = i, .member = m, .tell = tell};
        if (m != MEMBER_NONE)
            (void)!step(c, &event, &err); /* a store that fails has been logged, and is tried again */
    }
    pthread_mutex_unlock(&c->lock);
}

/* ---- the thread of a plan ---- */

/* What to ask the members; under the lock. */
struct round {
    unsigned asks;
    struct {
        struct dr_id node;
        struct group_ask ask;
    } of[2 * GROUP_RULES_MAX];
};

static void plan_round(struct conductor *c, struct round *round, bool all)
{
    const struct group_plan *p = &c->plan;
    round->asks = 0;
    for (unsigned i = 0; i < p->rules; i++) {
        const struct group_plan_rule *r = &p->rule[i];
        for (enum member m = MEMBER_A; m <= MEMBER_B && (all || r->stage == p->stage); m++) {
            round->of[round->asks].node = c->rule[i]->member[m].node;
            round->of[round->asks++].ask = (struct group_ask){.group = p->group,
                                                              .rule = r->id,
                                                              .plan = p->plan,
                                                              .attempt = r->attempt,
                                                              .order = group_plan_order(p, i, m),
                                                              .ticket = r->seen[m].tell.ticket};
        }
    }
}

static void ask_all(struct conductor *c, struct group_links *links, const struct round *round)
{
    const struct dr_id *self = &c->config->id;
    for (unsigned i = 0; i < round->asks; i++) {
        struct group_tell tell;
        if (!dr_id_equal(&round->of[i].node, self)) {
            (void)group_links_ask(links, &round->of[i].node, &round->of[i].ask); /* none up: it is asked again */
            continue;
        }
        group_answer(c->node, self, &round->of[i].ask, &tell);
        hear(c, self, &tell);
    }
}

static void nap(struct conductor *c)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += POLL * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&c->wake, &c->lock, &until);
}

static void conduct(struct conductor *c, struct group_links *links, struct round *round)
{
    struct group_event tick = {.kind = GROUP_TICK};
    struct dr_error err;
    pthread_mutex_lock(&c->lock);
    for (unsigned n = 0; !c->quit && !group_ended(&c->plan); n++) {
        (void)!step(c, &tick, &err); /* logged, and tried again */
        plan_round(c, round, c->plan.phase == GROUP_LOOKING || n % ALL_EVERY == 0);
        pthread_mutex_unlock(&c->lock);
        ask_all(c, links, round);
        pthread_mutex_lock(&c->lock);
        if (!c->quit && !group_ended(&c->plan))
            nap(c);
    }
    pthread_mutex_unlock(&c->lock);
}

static enum dr_code open_links(struct conductor *c, struct group_links **links, struct dr_error *err)
{
    enum dr_code code = group_links_create(links, c->node->tls, hear, c, err);
    for (unsigned i = 0; code == DR_OK && i < c->plan.rules; i++)
        code = group_links_add(*links, c->rule[i], &c->config->id, err);
    return code;
}

static void *run(void *baton)
{
    struct conductor *c = baton;
    struct group_links *links = NULL;
    struct round *round = malloc(sizeof *round);
    struct dr_error err = {.text = "no memory"};
    if (round != NULL && open_links(c, &links, &err) == DR_OK)
        conduct(c, links, round);
    else
        log_write(c->node->log, LOG_LEVEL_ERROR, NULL, "group", "group %s stands still until drnode starts again: %s",
                  c->group.name, err.text);
    if (links != NULL)
        group_links_destroy(links);
    free(round);
    return NULL;
}

/* ---- life ---- */

/* The rules by their place in the plan, which is their place in the group as it was when the plan began. */
static enum dr_code find_rules(struct conductor *c, struct dr_error *err)
{
    for (unsigned i = 0; i < c->plan.rules; i++)
        if (config_find(&c->rule[i], c->config, c->plan.rule[i].id.hex, err) != DR_OK)
            return dr_fail(err, DR_REFUSED, "group %s: rule %s has no file in etc/rules of this node: put it there",
                           c->group.name, c->plan.rule[i].id.hex);
    return DR_OK;
}

static void join(struct conductor *c)
{
    if (c->started)
        pthread_join(c->thread, NULL);
    c->started = false;
}

static enum dr_code start(struct conductor *c, struct dr_error *err)
{
    if (pthread_create(&c->thread, NULL, run, c) != 0)
        return dr_fail(err, DR_FULL, "group %s: cannot start its thread: raise the limit of tasks", c->group.name);
    c->started = true;
    return DR_OK;
}

static enum dr_code make_folder(struct conductor *c, struct dr_error *err)
{
    char path[CONFIG_PATH_SIZE];
    int length = snprintf(path, sizeof path, "%s/var/groups/%s", c->node->root, c->group.id.hex);
    if (length >= (int)sizeof path - 8)
        return dr_fail(err, DR_INVALID, "the path %s is too long", c->node->root);
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return dr_fail(err, DR_IO, "cannot make the folder %s: %s", path, strerror(errno));
    snprintf(c->file, sizeof c->file, "%.*s/plan", length, path);
    return DR_OK;
}

/* A plan that a former life of this drnode, or of its configuration, left unfinished. */
static enum dr_code go_on(struct conductor *c, struct dr_error *err)
{
    enum dr_code code = find_rules(c, err);
    if (code != DR_OK)
        return code;
    c->next = c->plan;
    group_resume(&c->next, clock_now(), clock_wall());
    code = commit(c, true, err);
    return code == DR_OK ? start(c, err) : code;
}

enum dr_code conductor_create(struct conductor **out, struct node *node, const struct config *config,
                              const struct group *group, struct dr_error *err)
{
    struct conductor *c = calloc(1, sizeof *c);
    if (c == NULL)
        return dr_fail(err, DR_FULL, "no memory for group %s", group->name);
    c->node = node;
    c->config = config;
    c->group = *group;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->wake, NULL);
    enum dr_code code = make_folder(c, err);
    if (code == DR_OK)
        code = load(c, err);
    if (code == DR_OK && c->planned && !group_ended(&c->plan))
        code = go_on(c, err);
    if (code != DR_OK) {
        snprintf(c->broken, sizeof c->broken, "%s", err->text);
        log_write(node->log, LOG_LEVEL_ERROR, NULL, "group", "%s", err->text);
    }
    *out = c;
    return DR_OK;
}

void conductor_destroy(struct conductor *c)
{
    pthread_mutex_lock(&c->lock);
    c->quit = true;
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->lock);
    join(c);
    pthread_cond_destroy(&c->wake);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* ---- what a person wants ---- */

bool conductor_busy(struct conductor *c)
{
    pthread_mutex_lock(&c->lock);
    bool busy = c->planned && !group_ended(&c->plan);
    pthread_mutex_unlock(&c->lock);
    return busy;
}

static enum dr_code name_rules(struct conductor *c, struct group_wish *wish, struct dr_error *err)
{
    const struct rule *rule;
    unsigned place = 0;
    for (unsigned i = 0; i < c->group.stages; i++)
        for (unsigned n = 0; n < c->group.stage[i].rules; n++) {
            const char *id = c->group.stage[i].rule[n].id.hex;
            if (config_find(&rule, c->config, id, err) != DR_OK)
                return dr_fail(err, DR_REFUSED, "group %s: rule %s has no file in etc/rules of this node: put it there",
                               c->group.name, id);
            wish->name[place++] = rule->name;
        }
    return DR_OK;
}

/* Under the lock. */
static enum dr_code make_plan(struct conductor *c, struct group_wish *wish, struct dr_error *err)
{
    wish->now = clock_now();
    wish->time_ms = clock_wall();
    wish->last = c->planned ? &c->plan : NULL;
    host_random(&wish->plan, sizeof wish->plan);
    enum dr_code code = group_begin(&c->next, &c->group, wish, err);
    if (code != DR_OK)
        return dr_within(err, "group %s", c->group.name);
    code = commit(c, true, err);
    c->planned = c->planned || code == DR_OK;
    return code == DR_OK ? find_rules(c, err) : code;
}

enum dr_code conductor_begin(struct conductor *c, enum group_kind kind, bool force, const char *by,
                             struct dr_error *err)
{
    struct group_wish wish = {.kind = kind, .force = force, .by = by};
    if (c->broken[0])
        return dr_fail(err, DR_REFUSED, "%s", c->broken);
    if (!group_has_runner(&c->group, &c->config->id))
        return dr_fail(err, DR_REFUSED,
                       "group %s does not name this node as a runner: give the order on one that it names",
                       c->group.name);
    if (conductor_busy(c))
        return dr_fail(err, DR_REFUSED, "group %s: a plan is under way: `drctl --local group show` says how far it is",
                       c->group.name);
    join(c);
    enum dr_code code = name_rules(c, &wish, err);
    pthread_mutex_lock(&c->lock);
    if (code == DR_OK)
        code = make_plan(c, &wish, err);
    pthread_mutex_unlock(&c->lock);
    return code == DR_OK ? start(c, err) : code;
}

enum dr_code conductor_order(struct conductor *c, enum group_event_kind kind, const char *by, struct dr_error *err)
{
    struct group_event event = {.kind = kind, .by = by};
    if (c->broken[0])
        return dr_fail(err, DR_REFUSED, "%s", c->broken);
    pthread_mutex_lock(&c->lock);
    enum dr_code code =
        c->planned ? step(c, &event, err)
                   : dr_fail(err, DR_REFUSED, "group %s has no plan here: begin one with switch", c->group.name);
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->lock);
    return code;
}

void conductor_show(struct conductor *c, struct json_writer *answer)
{
    pthread_mutex_lock(&c->lock);
    if (c->planned)
        json_write_model(answer, "plan", &group_plan_model, &c->plan);
    pthread_mutex_unlock(&c->lock);
}

const char *conductor_word(struct conductor *c)
{
    pthread_mutex_lock(&c->lock);
    const char *word = c->broken[0]  ? "broken"
                       : !c->planned ? "none"
                       : c->plan.paused && !group_ended(&c->plan)
                           ? "paused"
                           : model_word(model_find(&group_plan_model, "phase"), &c->plan);
    pthread_mutex_unlock(&c->lock);
    return word;
}

const struct group *conductor_group(const struct conductor *c)
{
    return &c->group;
}

const char *conductor_broken(const struct conductor *c)
{
    return c->broken;
}
