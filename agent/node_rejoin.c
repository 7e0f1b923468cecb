/* SPDX-License-Identifier: Apache-2.0
 * agent/node_rejoin.c - `drctl --local rejoin`: a node whose state of a rule is damaged or lost takes part in it again,
 * on a person's word. What is damaged, its target's state too, is put aside, the rule is started, and a member then
 * tells the other that it is to be named as a voter again (HA_ORDER_REJOIN). Until that has happened its vote counts
 * nowhere. */
#include "agent/node_rejoin.h"
#include "agent/rule/terms.h"
#include "agent/store.h"
#include "core/arbiter.h"
#include "core/ha.h"
#include "platform/clock.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define START_LIMIT 20000 /* a rule that starts looks at its folders first */
#define START_NAP   20

/* ---- what is damaged ---- */

static enum dr_code read_member(struct ha_store *store, const char *file, struct dr_error *err)
{
    uint8_t bytes[HA_STORE_BYTES];
    size_t size;
    enum dr_code code = store_read(file, bytes, sizeof bytes, &size, err);
    return code == DR_OK ? ha_store_decode(store, bytes, size, err) : code;
}

static enum dr_code check_member(const char *file, struct dr_error *err)
{
    struct ha_store store;
    return read_member(&store, file, err);
}

static enum dr_code check_vote(const char *file, struct dr_error *err)
{
    uint8_t bytes[ARBITER_STORE_BYTES];
    struct voter_store store;
    size_t size;
    enum dr_code code = store_read(file, bytes, sizeof bytes, &size, err);
    return code == DR_OK ? arbiter_store_decode(&store, bytes, size, err) : code;
}

static enum dr_code check_terms(const char *file, struct dr_error *err)
{
    struct terms terms;
    return terms_read(&terms, file, err);
}

static const struct {
    const char *name;
    enum dr_code (*check)(const char *file, struct dr_error *err);
} records[] = {{"ha", check_member}, {"vote", check_vote}, {"terms", check_terms}};

static enum dr_code record_path(char file[CONFIG_PATH_SIZE], const char *root, const struct dr_id *rule,
                                const char *name, struct dr_error *err)
{
    char relative[64];
    snprintf(relative, sizeof relative, "var/rules/%s/%s", rule->hex, name);
    return config_path(file, root, relative) ? DR_OK : dr_fail(err, DR_INVALID, "the path %s is too long", root);
}

static enum dr_code put_aside(const char *file, struct dr_error *err)
{
    char aside[CONFIG_PATH_SIZE];
    if ((size_t)snprintf(aside, sizeof aside, "%s.damaged", file) >= sizeof aside)
        return dr_fail(err, DR_INVALID, "%s: the path is too long", file);
    if (rename(file, aside) != 0)
        return dr_fail(err, DR_IO, "cannot put %s aside: %s", file, strerror(errno));
    return DR_OK;
}

enum dr_code rejoin_put_aside(const char *root, const struct dr_id *rule, unsigned *count, struct dr_error *err)
{
    enum dr_code code = DR_OK;
    *count = 0;
    for (unsigned i = 0; code == DR_OK && i < sizeof records / sizeof *records; i++) {
        char file[CONFIG_PATH_SIZE];
        struct dr_error why;
        code = record_path(file, root, rule, records[i].name, err);
        if (code != DR_OK || records[i].check(file, &why) != DR_CORRUPT)
            continue;
        code = put_aside(file, err);
        *count += code == DR_OK;
    }
    return code;
}

/* What the target accepted must not be forgotten with its state: no term that this member has heard of is older. */
static enum dr_code put_target_aside(struct node *node, struct place *place, const struct dr_id *rule, bool *aside,
                                     struct dr_error *err)
{
    char file[CONFIG_PATH_SIZE];
    struct dr_error why;
    struct ha_store store = {.seen = 0};
    *aside = false;
    if (place->runner == NULL)
        return DR_OK;
    enum dr_code code = record_path(file, node->root, rule, "ha", err);
    if (code != DR_OK)
        return code;
    term_no seen = read_member(&store, file, &why) == DR_OK ? store.seen : 0;
    code = replicate_put_aside(runner_replicate(place->runner), seen, aside, err);
    if (*aside && code == DR_OK)
        log_write(node->log, LOG_LEVEL_WARNING, rule, "order",
                  "a person ordered: rejoin; the damaged target state is put aside (target.damaged)");
    return code;
}

/* ---- the order ---- */

/* Rules are started by the thread that waits for signals. */
static enum dr_code start_rule(struct place **place, struct node *node, const struct dr_id *rule, struct dr_error *err)
{
    unsigned count;
    enum dr_code code = rejoin_put_aside(node->root, rule, &count, err);
    if (code != DR_OK)
        return code;
    if (count == 0)
        return dr_fail(err, DR_REFUSED,
                       "the rule does not run here, and its state is not what is damaged: `drctl --local events` says "
                       "why it does not");
    kill(getpid(), SIGHUP);
    for (msec until = clock_now() + START_LIMIT; clock_now() < until; clock_sleep(START_NAP))
        if ((*place = node_enter(node, rule)) != NULL)
            return DR_OK;
    return dr_fail(err, DR_TIMEOUT,
                   "what was damaged is put aside (*.damaged), but the rule does not start: `drctl --local events` "
                   "says why");
}

struct question {
    struct runner *runner;
    bool accepted;
    char why[HA_TEXT_MAX];
};

static void ask(void *baton)
{
    struct question *question = baton;
    question->accepted = runner_order(question->runner, HA_ORDER_REJOIN, question->why);
}

static enum dr_code order(struct node *node, struct place *place, struct dr_error *err)
{
    struct question question = {.runner = place->runner};
    log_write(node->log, LOG_LEVEL_WARNING, &place->rule->id, "order", "a person ordered: rejoin");
    if (place->runner == NULL)
        return DR_OK; /* a new arbiter: who is master takes it by itself */
    if (!inbox_ask(node->inbox, ask, &question))
        return dr_fail(err, DR_CLOSED, "drnode is ending");
    return question.accepted ? DR_OK : dr_fail(err, DR_REFUSED, "%s", question.why);
}

enum dr_code rejoin(struct node *node, const struct dr_id *rule, struct dr_error *err)
{
    struct place *place = node_enter(node, rule);
    bool ran = place != NULL;
    enum dr_code code = ran ? DR_OK : start_rule(&place, node, rule, err);
    if (code != DR_OK)
        return code;
    bool aside;
    code = put_target_aside(node, place, rule, &aside, err);
    if (code == DR_OK && !aside) /* a target's state is no vote, and one thing is mended at a time */
        code = order(node, place, err);
    node_leave(node, place);
    /* It starts again, and what was put aside was no vote: the other member has heard already that nothing is missing.
     */
    return !ran && code == DR_REFUSED ? DR_OK : code;
}
