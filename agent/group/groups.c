/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/group/groups.h"

#include "agent/group/conductor.h"
#include "agent/node_state.h"

#include <stdlib.h>
#include <string.h>

struct groups {
    struct node *node;
    pthread_mutex_t lock; /* one command at a time, and none while the configuration changes */
    const struct config *config;
    struct conductor *conductor[CONFIG_GROUPS_MAX];
    unsigned count;
};

enum dr_code groups_create(struct groups **out, struct node *node, struct dr_error *err)
{
    struct groups *groups = calloc(1, sizeof *groups);
    if (groups == NULL)
        return dr_fail(err, DR_FULL, "no memory for groups");
    groups->node = node;
    pthread_mutex_init(&groups->lock, NULL);
    *out = groups;
    return DR_OK;
}

static void drop_all(struct groups *groups)
{
    while (groups->count > 0)
        conductor_destroy(groups->conductor[--groups->count]);
}

void groups_apply(struct groups *groups, const struct config *config)
{
    struct dr_error err;
    pthread_mutex_lock(&groups->lock);
    drop_all(groups);
    groups->config = config;
    for (unsigned i = 0; i < config->groups; i++)
        if (conductor_create(&groups->conductor[groups->count], groups->node, config, config->group[i], &err) == DR_OK)
            groups->count++;
        else
            node_say(groups->node, err.text);
    pthread_mutex_unlock(&groups->lock);
}

void groups_destroy(struct groups *groups)
{
    drop_all(groups);
    pthread_mutex_destroy(&groups->lock);
    free(groups);
}

/* ---- commands; under the lock ---- */

static enum dr_code find(struct conductor **conductor, const struct groups *groups,
                         const struct control_request *request, struct dr_error *err)
{
    const struct group *group;
    enum dr_code code = config_find_group(&group, groups->config, control_argument(request, "group"), err);
    if (code != DR_OK)
        return code;
    for (unsigned i = 0; i < groups->count; i++)
        if (strcmp(conductor_group(groups->conductor[i])->id.hex, group->id.hex) == 0) {
            *conductor = groups->conductor[i];
            return DR_OK;
        }
    return dr_fail(err, DR_NOT_FOUND, "group %s does not run here: `drctl --local events` says why", group->name);
}

static const char *word_of(const struct control_request *request, const char *key)
{
    const char *word = control_argument(request, key);
    return word != NULL ? word : "";
}

static bool is_yes(const struct control_request *request, const char *key)
{
    return strcmp(word_of(request, key), "yes") == 0;
}

static enum dr_code list(const struct groups *groups, struct json_writer *answer)
{
    json_write_array(answer, "groups");
    for (unsigned i = 0; i < groups->count; i++) {
        const struct group *group = conductor_group(groups->conductor[i]);
        json_write_begin(answer, NULL);
        json_write_text(answer, "id", group->id.hex);
        json_write_text(answer, "name", group->name);
        json_write_unsigned(answer, "stages", group->stages);
        json_write_unsigned(answer, "rules", group_rules(group));
        json_write_text(answer, "on_error", group_on_error_words[group->on_error]);
        json_write_bool(answer, "runs_here", group_has_runner(group, &groups->config->id));
        json_write_text(answer, "plan", conductor_word(groups->conductor[i]));
        json_write_end(answer);
    }
    json_write_array_end(answer);
    return DR_OK;
}

static enum dr_code show(struct conductor *c, struct json_writer *answer)
{
    json_write_model(answer, "group", &group_model, conductor_group(c));
    json_write_text(answer, "broken", conductor_broken(c));
    conductor_show(c, answer);
    return DR_OK;
}

/* Two plans that pull at one rule would undo each other's work. */
static enum dr_code check_free(const struct groups *groups, const struct conductor *wanted, struct dr_error *err)
{
    const struct group *group = conductor_group(wanted);
    for (unsigned i = 0; i < groups->count; i++) {
        const struct group *other = conductor_group(groups->conductor[i]);
        if (groups->conductor[i] == wanted || !conductor_busy(groups->conductor[i]))
            continue;
        for (unsigned s = 0; s < group->stages; s++)
            for (unsigned n = 0; n < group->stage[s].rules; n++)
                if (group_has_rule(other, &group->stage[s].rule[n].id))
                    return dr_fail(err, DR_BUSY,
                                   "rule %s is in group %s too, whose plan is under way: wait for its end",
                                   group->stage[s].rule[n].id.hex, other->name);
    }
    return DR_OK;
}

static enum dr_code begin(const struct groups *groups, struct conductor *c, enum group_kind kind,
                          const struct control_request *request, struct dr_error *err)
{
    enum dr_code code = check_free(groups, c, err);
    return code == DR_OK ? conductor_begin(c, kind, is_yes(request, "force"), word_of(request, "by"), err) : code;
}

static const struct {
    const char *word;
    enum group_event_kind kind;
} orders[] = {{"pause", GROUP_PAUSE}, {"resume", GROUP_RESUME}, {"confirm", GROUP_CONFIRMED},
              {"retry", GROUP_RETRY}, {"skip", GROUP_SKIP},     {"cancel", GROUP_CANCEL}};

static enum dr_code command(const struct groups *groups, const struct control_request *request,
                            struct json_writer *answer, struct dr_error *err)
{
    struct conductor *c;
    const char *what = word_of(request, "do");
    if (strcmp(what, "list") == 0)
        return list(groups, answer);
    enum dr_code code = find(&c, groups, request, err);
    if (code != DR_OK)
        return code;
    if (strcmp(what, "show") == 0)
        return show(c, answer);
    if (strcmp(what, "switch") == 0)
        return begin(groups, c, GROUP_SWITCH, request, err);
    if (strcmp(what, "fail-back") == 0)
        return begin(groups, c, GROUP_FAIL_BACK, request, err);
    for (unsigned i = 0; i < sizeof orders / sizeof *orders; i++)
        if (strcmp(what, orders[i].word) == 0)
            return conductor_order(c, orders[i].kind, word_of(request, "by"), err);
    return dr_fail(err, DR_INVALID, "drnode does not know `group %.32s`: is drctl of the same version?", what);
}

enum dr_code groups_command(struct groups *groups, const struct control_request *request, struct json_writer *answer,
                            struct dr_error *err)
{
    pthread_mutex_lock(&groups->lock);
    enum dr_code code = groups->config != NULL ? command(groups, request, answer, err)
                                               : dr_fail(err, DR_BUSY, "drnode is starting: ask again in a moment");
    pthread_mutex_unlock(&groups->lock);
    return code;
}
