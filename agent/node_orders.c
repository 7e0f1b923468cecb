/* SPDX-License-Identifier: Apache-2.0
 * agent/node_orders.c - what `drctl --local` may ask: status, why, events, switch, force-switch, stop, start, rejoin,
 * freeze, thaw, group. An order is answered when it has been carried out, or has failed. */
#include "agent/events.h"
#include "agent/node_rejoin.h"
#include "agent/node_state.h"
#include "platform/clock.h"

#include <stdlib.h>
#include <string.h>

#define ORDER_LIMIT  3600000 /* scripts and the last records have limits of their own, far below */
#define ORDER_NAP    20
#define TURN_LIMIT   20000
#define FREEZE_LIMIT 10000
#define AT_ONCE      16 /* statuses that one question asks for: a question waits its turn, and a decision waits for it */

/* ---- asking the decision thread ---- */

struct survey {
    unsigned count;
    struct place *place[AT_ONCE];
    struct rule_status status[AT_ONCE];
};

static void ask_status(void *baton)
{
    struct survey *survey = baton;
    for (unsigned i = 0; i < survey->count; i++)
        runner_status(survey->place[i]->runner, &survey->status[i]);
}

static enum dr_code look(struct node *node, struct survey *survey, struct dr_error *err)
{
    bool looked = survey->count == 0 || inbox_ask(node->inbox, ask_status, survey);
    return looked ? DR_OK : dr_fail(err, DR_CLOSED, "drnode is ending");
}

struct question {
    struct runner *runner;
    enum ha_order order;
    bool accepted;
    char why[HA_TEXT_MAX];
};

static void ask_order(void *baton)
{
    struct question *question = baton;
    question->accepted = runner_order(question->runner, question->order, question->why);
}

/* The rule named in the request. */
static enum dr_code find(struct dr_id *id, struct node *node, const struct control_request *request,
                         struct dr_error *err)
{
    const struct rule *rule;
    pthread_mutex_lock(&node->lock);
    enum dr_code code = config_find(&rule, node->config, control_argument(request, "rule"), err);
    if (code == DR_OK)
        *id = rule->id;
    pthread_mutex_unlock(&node->lock);
    return code;
}

/* The same, if this node is a member of it. To be left again. */
static enum dr_code enter(struct place **place, struct node *node, const struct control_request *request,
                          struct dr_error *err)
{
    struct dr_id id;
    enum dr_code code = find(&id, node, request, err);
    if (code != DR_OK)
        return code;
    *place = node_enter(node, &id);
    if (*place == NULL)
        return dr_fail(err, DR_REFUSED, "the rule does not run here: `drctl --local events` says why");
    if ((*place)->runner != NULL)
        return DR_OK;
    node_leave(node, *place);
    return dr_fail(err, DR_REFUSED, "this node is only an arbiter of the rule: ask one of its members");
}

/* ---- status ---- */

/* Asks for those that are entered, writes and leaves them. */
static enum dr_code write_survey(struct node *node, struct survey *survey, struct json_writer *answer,
                                 struct dr_error *err)
{
    enum dr_code code = look(node, survey, err);
    for (unsigned i = 0; i < survey->count; i++) {
        if (code == DR_OK)
            json_write_model(answer, NULL, &rule_status_model, &survey->status[i]);
        node_leave(node, survey->place[i]);
    }
    survey->count = 0;
    return code;
}

static unsigned all_rules(struct node *node, struct dr_id ids[CONFIG_RULES_MAX])
{
    pthread_mutex_lock(&node->lock);
    unsigned count = node->places;
    for (unsigned i = 0; i < count; i++)
        ids[i] = node->place[i]->rule->id;
    pthread_mutex_unlock(&node->lock);
    return count;
}

/* Those of which this node is a member. */
static enum dr_code survey_all(struct node *node, struct survey *survey, struct json_writer *answer,
                               struct dr_error *err)
{
    struct dr_id ids[CONFIG_RULES_MAX];
    unsigned count = all_rules(node, ids);
    for (unsigned i = 0; i < count; i++) {
        struct place *place = node_enter(node, &ids[i]);
        if (place != NULL && place->runner == NULL)
            node_leave(node, place);
        else if (place != NULL)
            survey->place[survey->count++] = place;
        if (survey->count == AT_ONCE && write_survey(node, survey, answer, err) != DR_OK)
            return err->code;
    }
    return write_survey(node, survey, answer, err);
}

static enum dr_code run_status(void *baton, const struct control_request *request, struct json_writer *answer,
                               struct dr_error *err)
{
    struct node *node = baton;
    struct survey *survey = malloc(sizeof *survey);
    if (survey == NULL)
        return dr_fail(err, DR_FULL, "no memory for the status");
    survey->count = 0;
    enum dr_code code = DR_OK;
    json_write_array(answer, "rules");
    if (control_argument(request, "rule") == NULL)
        code = survey_all(node, survey, answer, err);
    else if ((code = enter(&survey->place[0], node, request, err)) == DR_OK) {
        survey->count = 1;
        code = write_survey(node, survey, answer, err);
    }
    json_write_array_end(answer);
    free(survey);
    return code;
}

static enum dr_code run_events(void *baton, const struct control_request *request, struct json_writer *answer,
                               struct dr_error *err)
{
    struct node *node = baton;
    pthread_mutex_lock(&node->lock);
    enum dr_code code = events_answer(node->log, node->config, request, answer, err);
    pthread_mutex_unlock(&node->lock);
    return code;
}

static enum dr_code run_group(void *baton, const struct control_request *request, struct json_writer *answer,
                              struct dr_error *err)
{
    struct node *node = baton;
    return groups_command(node->groups, request, answer, err);
}

/* ---- orders ---- */

/* What an order comes to in the end. */
struct goal {
    const char *word;
    enum ha_order order;
    enum ha_role wanted, back; /* `back`: it was undone */
};

static const struct goal goal_switch = {"switch", HA_ORDER_SWITCH, HA_ROLE_SLAVE, HA_ROLE_MASTER};
static const struct goal goal_switch_force = {"switch by force", HA_ORDER_SWITCH_FORCE, HA_ROLE_SLAVE, HA_ROLE_MASTER};
static const struct goal goal_take = {"force-switch", HA_ORDER_TAKE_FORCE, HA_ROLE_MASTER, HA_ROLE_SLAVE};
static const struct goal goal_stop = {"stop", HA_ORDER_STOP, HA_ROLE_DETACHED, HA_ROLE_MASTER};
static const struct goal goal_stop_force = {"stop by force", HA_ORDER_STOP_FORCE, HA_ROLE_DETACHED, HA_ROLE_MASTER};

static enum dr_code order(struct node *node, struct place *place, enum ha_order what, struct dr_error *err)
{
    struct question question = {.runner = place->runner, .order = what};
    if (!inbox_ask(node->inbox, ask_order, &question))
        return dr_fail(err, DR_CLOSED, "drnode is ending");
    return question.accepted ? DR_OK : dr_fail(err, DR_REFUSED, "%s", question.why);
}

static enum dr_code wait_goal(struct node *node, struct place *place, const struct goal *goal, struct dr_error *err)
{
    struct survey *survey = malloc(sizeof *survey);
    if (survey == NULL)
        return dr_fail(err, DR_FULL, "no memory to watch the order");
    survey->count = 1;
    survey->place[0] = place;
    const struct rule_status *status = &survey->status[0];
    msec until = clock_now() + ORDER_LIMIT;
    bool began = false, open = true;
    enum dr_code code = DR_OK;
    while (code == DR_OK && open) {
        code = look(node, survey, err);
        began = began || status->ha.role == HA_ROLE_SWITCHING;
        if (code != DR_OK || status->ha.role == goal->wanted)
            break;
        if (began && status->ha.role == goal->back)
            code = dr_fail(err, DR_REFUSED, "it was undone: %s", status->ha.why[0]);
        else if (clock_now() >= until)
            code = dr_fail(err, DR_TIMEOUT, "it has not ended: %s", status->ha.why[0]);
        clock_sleep(ORDER_NAP);
    }
    free(survey);
    return code;
}

static enum dr_code carry_order(struct node *node, const struct control_request *request, const struct goal *goal,
                                struct dr_error *err)
{
    struct place *place;
    enum dr_code code = enter(&place, node, request, err);
    if (code != DR_OK)
        return code;
    log_write(node->log, LOG_LEVEL_WARNING, &place->rule->id, "order", "a person ordered: %s", goal->word);
    code = order(node, place, goal->order, err);
    if (code == DR_OK)
        code = wait_goal(node, place, goal, err);
    if (code != DR_OK)
        log_write(node->log, LOG_LEVEL_WARNING, &place->rule->id, "order", "%s", err->text);
    node_leave(node, place);
    return code;
}

static bool is_forced(const struct control_request *request)
{
    const char *value = control_argument(request, "force");
    return value != NULL && strcmp(value, "yes") == 0;
}

static enum dr_code run_switch(void *baton, const struct control_request *request, struct json_writer *answer,
                               struct dr_error *err)
{
    (void)answer;
    return carry_order(baton, request, is_forced(request) ? &goal_switch_force : &goal_switch, err);
}

static enum dr_code run_force_switch(void *baton, const struct control_request *request, struct json_writer *answer,
                                     struct dr_error *err)
{
    (void)answer;
    return carry_order(baton, request, &goal_take, err);
}

static enum dr_code run_stop(void *baton, const struct control_request *request, struct json_writer *answer,
                             struct dr_error *err)
{
    (void)answer;
    return carry_order(baton, request, is_forced(request) ? &goal_stop_force : &goal_stop, err);
}

static enum dr_code run_plain(struct node *node, const struct control_request *request, enum ha_order what,
                              struct dr_error *err)
{
    struct place *place;
    enum dr_code code = enter(&place, node, request, err);
    if (code != DR_OK)
        return code;
    code = order(node, place, what, err);
    node_leave(node, place);
    return code;
}

static enum dr_code run_start(void *baton, const struct control_request *request, struct json_writer *answer,
                              struct dr_error *err)
{
    (void)answer;
    return run_plain(baton, request, HA_ORDER_START, err);
}

static enum dr_code run_stop_script(void *baton, const struct control_request *request, struct json_writer *answer,
                                    struct dr_error *err)
{
    (void)answer;
    return run_plain(baton, request, HA_ORDER_STOP_SCRIPT, err);
}

static enum dr_code run_rejoin(void *baton, const struct control_request *request, struct json_writer *answer,
                               struct dr_error *err)
{
    struct dr_id id;
    (void)answer;
    enum dr_code code = find(&id, baton, request, err);
    return code == DR_OK ? rejoin(baton, &id, err) : code;
}

/* ---- freeze ---- */

static enum dr_code run_freeze(void *baton, const struct control_request *request, struct json_writer *answer,
                               struct dr_error *err)
{
    struct place *place;
    uint64_t limit, seq;
    enum dr_code code = control_number(&limit, request, "ms", FREEZE_LIMIT, FREEZE_LIMIT, err);
    if (code == DR_OK)
        code = enter(&place, baton, request, err);
    if (code != DR_OK)
        return code;
    code = replicate_freeze(runner_replicate(place->runner), TURN_LIMIT, (msec)limit, &seq, err);
    node_leave(baton, place);
    if (code == DR_OK)
        json_write_unsigned(answer, "seq", seq);
    return code;
}

static enum dr_code run_thaw(void *baton, const struct control_request *request, struct json_writer *answer,
                             struct dr_error *err)
{
    struct place *place;
    (void)answer;
    enum dr_code code = enter(&place, baton, request, err);
    if (code != DR_OK)
        return code;
    code = replicate_thaw(runner_replicate(place->runner), err);
    node_leave(baton, place);
    return code;
}

const struct control_command node_commands[] = {{"status", run_status},
                                                {"why", run_status},
                                                {"events", run_events},
                                                {"group", run_group},
                                                {"switch", run_switch},
                                                {"force-switch", run_force_switch},
                                                {"stop", run_stop},
                                                {"start", run_start},
                                                {"stop-script", run_stop_script},
                                                {"rejoin", run_rejoin},
                                                {"freeze", run_freeze},
                                                {"thaw", run_thaw},
                                                {NULL, NULL}};
